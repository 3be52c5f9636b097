/** What `data inspect` prints. */
import type { Duplicates, Extent, FolderReport } from '../../data/pictures/inspect.ts';
import { printable } from '../text.ts';
import { count } from '../units.ts';

/** As many of a list as people read; --json has all. */
const MOST = 10;

export function inspectionText(report: FolderReport): string {
  const { folder, pictures, classes, formats, width, height, unreadable, passedOver } = report;
  const kinds = Object.entries(formats).map(([format, number]) => `${count(number)} ${format}`);
  return [
    printable(folder),
    `  ${count(pictures)} pictures in ${count(classes.length)} classes`,
    ...classTable(report),
    ...(width && height ? [`Sizes: ${extentText(width)} pixels wide, ${extentText(height)} high`] : []),
    ...(kinds.length > 0 ? [`Formats: ${kinds.join(', ')}`] : []),
    ...list(
      'Unreadable',
      unreadable.map(({ reason }) => reason),
    ),
    ...list('Passed over, since they are no pictures', passedOver),
    ...list('The same file more than once', report.sameFiles.map(duplicatesText)),
    ...list('The same pixels in other files', report.samePixels.map(duplicatesText)),
  ].join('\n');
}

function classTable({ classes }: FolderReport): string[] {
  const total = classes.reduce(
    (sum, { train, validation, test }) => ({
      train: sum.train + train,
      validation: sum.validation + validation,
      test: sum.test + test,
    }),
    { train: 0, validation: 0, test: 0 },
  );
  const rows = [...classes, { name: 'in all', ...total }].map(({ name, train, validation, test }) => [
    printable(name),
    ...[train, validation, test].map(count),
  ]);
  const names = Math.max(...rows.map(([name]) => name!.length));
  const line = ([name = '', ...cells]: readonly string[]): string =>
    `  ${name.padEnd(names)}${cells.map((cell) => cell.padStart(12)).join('')}`;
  return [['', 'train', 'validation', 'test'], ...rows].map(line);
}

function extentText({ min, median, max }: Extent): string {
  return min === max ? count(min) : `${count(min)} to ${count(max)} (median ${count(median)})`;
}

function duplicatesText({ paths, acrossParts, acrossClasses }: Duplicates): string {
  const across = [
    ...(acrossClasses ? ['classes'] : []),
    ...(acrossParts ? ['train, validation and test'] : []),
  ];
  const note = across.length > 0 ? ` (across ${across.join(', and across ')})` : '';
  return `${paths.slice(0, MOST).join(', ')}${paths.length > MOST ? ', …' : ''}${note}`;
}

function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > MOST ? [`  and ${count(items.length - MOST)} more: --json lists them`] : [];
  return [
    `${title}: ${count(items.length)}`,
    ...items.slice(0, MOST).map((item) => `  ${printable(item)}`),
    ...more,
  ];
}
