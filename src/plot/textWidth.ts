/**
 * Advance widths of DejaVu Sans for the characters from space to tilde, in 1/2048 of the font size. From the `hmtx`
 * table of DejaVuSans.ttf 2.37. There is no canvas in Node to measure text with, and the defaults that ECharts has
 * for that case are those of a narrower font.
 */
// prettier-ignore
const WIDTHS = [
  651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, 1303, 1303, 1303, 1303, 1303,
  1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087, 2048, 1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540,
  604, 604, 1343, 1141, 1767, 1532, 1612, 1235, 1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690,
  799, 1716, 1024, 1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253, 1300,
  1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
];
const UNITS_PER_EM = 2048;
const OTHER = 1400; // A character outside the table: rather too wide than too narrow.

/** The width of one line of text in DejaVu Sans, in the unit of `fontSize`. */
export function textWidth(text: string, fontSize: number): number {
  let units = 0;
  for (const character of text) units += WIDTHS[character.codePointAt(0)! - 32] ?? OTHER;
  return (units * fontSize) / UNITS_PER_EM;
}
