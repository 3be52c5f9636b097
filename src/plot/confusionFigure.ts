/** A confusion matrix as an SVG. Pure. */
import { OptionError } from '../errors.ts';
import { colours, fontSize, type FigureSize } from './style.ts';
import { cutText, mix, percent, svgBox, svgDocument, svgText } from './svgParts.ts';
import { textWidth } from './textWidth.ts';

/** More classes than a figure can tell apart. */
export const MOST_CONFUSION_CLASSES = 1000;

const MARGIN = 24;
const TITLE_HEIGHT = 50;
const AXIS_TITLE = 30;
const LABEL_GAP = 8;
const LEGEND_HEIGHT = 50;
const LONGEST_LABEL = 150;
const LEGEND_SIZE = 11;
/** Width of the squares in front of an entry of the legend, and behind it. */
const LEGEND_SQUARES = 68;
const LEGEND_GAP = 28;

/** Of a cell where there is nothing. */
const EMPTY = '#f1f2f0';

/** How large the cells are, for up to so many classes, and what is written in them. */
interface Look {
  readonly classes: number;
  readonly cell: number;
  readonly gap: number;
  readonly label: number;
  readonly numbers: boolean;
  readonly shares: boolean;
}

const LOOKS: readonly Look[] = [
  { classes: 4, cell: 92, gap: 3, label: 12, numbers: true, shares: true },
  { classes: 10, cell: 58, gap: 2, label: 12, numbers: true, shares: true },
  { classes: 20, cell: 44, gap: 2, label: 12, numbers: true, shares: false },
  { classes: 40, cell: 20, gap: 1, label: 11, numbers: false, shares: false },
  { classes: 60, cell: 16, gap: 1, label: 10, numbers: false, shares: false },
  { classes: 120, cell: 12, gap: 1, label: 9, numbers: false, shares: false },
  { classes: 300, cell: 4, gap: 0, label: 0, numbers: false, shares: false },
  { classes: MOST_CONFUSION_CLASSES, cell: 2, gap: 0, label: 0, numbers: false, shares: false },
];

/**
 * Blue where classes are right, vermilion where they are taken for others, the stronger the larger the share of the row is.
 * Up to 20 classes the numbers are in the cells; up to 120 each class has its name, which is cut if it is long.
 *
 * @param confusion  rows are the classes, columns the answers
 * @throws OptionError for no classes, too many, or other than there are names
 */
export function confusionSvg(
  confusion: readonly (readonly number[])[],
  classNames: readonly string[],
): { readonly svg: string; readonly size: FigureSize } {
  const classes = confusion.length;
  const look = LOOKS.find((each) => classes <= each.classes);
  if (!look || classes === 0 || classNames.length !== classes) {
    throw new OptionError(
      `a confusion matrix is drawn for 1 to ${MOST_CONFUSION_CLASSES} classes with a name each; ` +
        `there are ${classes} with ${classNames.length} names`,
    );
  }
  const names = classNames.map((name) => cutText(name, look.label, LONGEST_LABEL));
  const longest = look.label === 0 ? 24 : Math.max(...names.map((name) => textWidth(name, look.label)));
  const left = Math.ceil(MARGIN + AXIS_TITLE + longest + LABEL_GAP);
  const top = Math.ceil(MARGIN + TITLE_HEIGHT + AXIS_TITLE + longest + LABEL_GAP);
  const side = classes * look.cell;
  const size = {
    width: Math.max(left + side, MARGIN + Math.ceil(legendWidth())) + MARGIN,
    height: top + side + LEGEND_HEIGHT + MARGIN,
  };
  const axis = { anchor: 'middle', colour: colours.mutedText } as const;
  const parts = [
    ...heading(confusion),
    svgText('predicted class', left + side / 2, MARGIN + TITLE_HEIGHT + 8, axis),
    svgText('actual class', MARGIN + 8, top + side / 2, { ...axis, turned: true }),
    ...(look.label > 0
      ? nameLabels(names, rowsWithImages(confusion), look, left, top)
      : indexLabels(classes, look, left, top)),
    ...cells(confusion, look, left, top),
    ...legend(MARGIN, top + side + LEGEND_HEIGHT - 8),
  ];
  return { svg: svgDocument(size, parts), size };
}

function heading(confusion: readonly (readonly number[])[]): string[] {
  const count = confusion.flat().reduce((sum, images) => sum + images, 0);
  const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  const images = count === 1 ? '1 image' : `${count.toLocaleString('en')} images`;
  const share = count === 0 ? '' : `, ${percent(right / count)} right`;
  return [
    svgText('Confusion matrix', MARGIN, MARGIN + 6, { size: fontSize.title }),
    svgText(`${images}${share}`, MARGIN, MARGIN + 30, { colour: colours.mutedText }),
  ];
}

function rowsWithImages(confusion: readonly (readonly number[])[]): boolean[] {
  return confusion.map((row) => row.some((images) => images > 0));
}

function nameLabels(
  names: readonly string[],
  shown: readonly boolean[],
  { cell, gap, label: size }: Look,
  left: number,
  top: number,
): string[] {
  return names.flatMap((name, label) => {
    const middle = label * cell + (cell - gap) / 2;
    const colour = shown[label] ? colours.text : colours.muted;
    return [
      svgText(name, left - LABEL_GAP, top + middle, { anchor: 'end', size, colour }),
      svgText(name, left + middle, top - LABEL_GAP, { size, turned: true, colour: colours.text }),
    ];
  });
}

/** The numbers of some classes, where there is no room for names. */
function indexLabels(classes: number, { cell }: Look, left: number, top: number): string[] {
  const step = cell < 4 ? 100 : 20;
  return Array.from({ length: Math.ceil(classes / step) }, (_, i) => i * step).flatMap((label) => [
    svgText(String(label), left - LABEL_GAP, top + (label + 0.5) * cell, { anchor: 'end', size: 9 }),
    svgText(String(label), left + (label + 0.5) * cell, top - LABEL_GAP, { turned: true, size: 9 }),
  ]);
}

function cells(confusion: readonly (readonly number[])[], look: Look, left: number, top: number): string[] {
  const { cell, gap, numbers, shares } = look;
  const inner = cell - gap;
  const radius = inner >= 40 ? 5 : inner >= 14 ? 2 : 0;
  // One box behind all where cells touch, for there may be a million.
  const parts = gap === 0 ? [svgBox(left, top, confusion.length * cell, confusion.length * cell, EMPTY)] : [];
  confusion.forEach((row, label) => {
    const support = row.reduce((sum, images) => sum + images, 0);
    row.forEach((images, answer) => {
      if (images === 0 && gap === 0) return;
      const [x, y] = [left + answer * cell, top + label * cell];
      const share = support === 0 ? 0 : images / support;
      const colour = images === 0 ? EMPTY : label === answer ? rightColour(share) : wrongColour(share);
      parts.push(svgBox(x, y, inner, inner, colour, { radius }));
      if (!numbers) return;
      const [middleX, middleY] = [x + inner / 2, y + inner / 2];
      if (images === 0) {
        parts.push(svgText('·', middleX, middleY, { anchor: 'middle', colour: colours.muted }));
        return;
      }
      const up = shares ? inner * 0.13 : 0;
      parts.push(number(images, middleX, middleY - up, inner, look.classes <= 4 ? 20 : 13));
      if (shares) {
        const style = { anchor: 'middle', size: look.classes <= 4 ? 12 : 10 } as const;
        parts.push(svgText(percent(share), middleX, middleY + inner * 0.22, style));
      }
    });
  });
  return parts;
}

/** In a smaller font where the cell needs it. */
function number(images: number, x: number, y: number, room: number, size: number): string {
  const text = images.toLocaleString('en');
  const fitting = Math.floor((size * (room - 4)) / textWidth(text, size));
  return svgText(text, x, y, { anchor: 'middle', size: Math.min(size, fitting) });
}

/** Never so strong that black could not be read on it. */
function rightColour(share: number): string {
  return mix(colours.background, colours.blue, 0.1 + 0.55 * share);
}

/** Its strength grows with the root, so that one in a hundred can be seen. */
function wrongColour(share: number): string {
  return mix(colours.background, colours.vermilion, 0.06 + 0.74 * Math.sqrt(share));
}

/** What the colours mean: shares of the images of a class. */
const LEGEND = [
  { title: 'right, 25 % to 100 %', colour: rightColour, shares: [0.25, 0.5, 0.75, 1] },
  { title: 'taken for another, 1 % to 100 %', colour: wrongColour, shares: [0.01, 0.1, 0.5, 1] },
];

function legendWidth(): number {
  const titles = LEGEND.map(({ title }) => LEGEND_SQUARES + textWidth(title, LEGEND_SIZE));
  return titles.reduce((sum, width) => sum + width + LEGEND_GAP, -LEGEND_GAP);
}

function legend(left: number, y: number): string[] {
  const parts: string[] = [];
  let x = left;
  for (const { title, colour, shares } of LEGEND) {
    shares.forEach((share, i) => parts.push(svgBox(x + 16 * i, y - 6, 14, 12, colour(share), { radius: 2 })));
    parts.push(svgText(title, x + LEGEND_SQUARES, y, { size: LEGEND_SIZE, colour: colours.mutedText }));
    x += LEGEND_SQUARES + textWidth(title, LEGEND_SIZE) + LEGEND_GAP;
  }
  return parts;
}
