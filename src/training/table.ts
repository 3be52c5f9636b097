/** A table of text with lines around its cells, no wider than there is room. */

export interface Column {
  readonly title: string;
  /** Whether it holds numbers, which stand at the right and are not wrapped. */
  readonly numeric?: boolean;
}

/** So narrow a column can become. */
const NARROWEST = 12;

/** @param width  how many characters there are on a line: cells that do not fit are wrapped */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const widths = columnWidths(columns, rows, width);
  const line = (left: string, middle: string, right: string): string =>
    left + widths.map((each) => '─'.repeat(each + 2)).join(middle) + right;
  const format = (row: readonly string[]): string => {
    const cells = row.map((cell, i) => wrapCell(cell, widths[i]!));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, y) => {
      const texts = cells.map((lines, i) => {
        const text = lines[y] ?? '';
        return columns[i]!.numeric ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
      });
      return `│ ${texts.join(' │ ')} │`;
    }).join('\n');
  };
  const titles = columns.map(({ title }) => title);
  return [
    line('┌', '┬', '┐'),
    format(titles),
    line('├', '┼', '┤'),
    ...rows.map(format),
    line('└', '┴', '┘'),
  ].join('\n');
}

/** Columns become narrower one character at a time, each time the one that costs the fewest lines and cut words. */
function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  const cells = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const room = width - 3 * columns.length - 1;
  while (widths.reduce((sum, each) => sum + each, 0) > room) {
    const choices = widths.flatMap((each, i) =>
      columns[i]!.numeric || each <= NARROWEST
        ? []
        : [{ i, each, cost: cost(cells, widths.with(i, each - 1)) }],
    );
    if (choices.length === 0) break;
    const { i } = choices.reduce((best, next) =>
      next.cost < best.cost || (next.cost === best.cost && next.each > best.each) ? next : best,
    );
    widths[i]!--;
  }
  return widths;
}

function cost(cells: readonly (readonly string[])[], widths: readonly number[]): number {
  return cells.reduce((sum, row) => {
    const lines = row.map((cell, i) => wrapCell(cell, widths[i]!).length);
    const cut = row.filter((cell, i) => cell.split(' ').some((word) => word.length > widths[i]!));
    return sum + Math.max(...lines) + cut.length;
  }, 0);
}

/** Lines of at most so many characters. */
function wrapCell(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line];
}
