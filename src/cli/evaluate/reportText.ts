/** A report on a classifier, for people. Pure. */
import type { ClassificationReport } from '../../evaluation/classificationReport.ts';
import type { ClassMetrics, Scores } from '../../evaluation/classMetrics.ts';
import { table } from '../../training/table.ts';
import { printable, wrap } from '../text.ts';
import { count } from '../units.ts';

/** Of more classes, only those with the lowest F1 are listed. */
const MOST_CLASSES = 20;

const MOST_CONFUSIONS = 5;

/** @param width  how many characters there are on a line */
export function reportText(report: ClassificationReport, width: number): string {
  const { classes, macroAverage, weightedAverage } = report;
  const listed = hardest(classes);
  const columns = [
    { title: 'Class' },
    { title: 'Precision', numeric: true },
    { title: 'Recall', numeric: true },
    { title: 'F1', numeric: true },
    { title: 'Images', numeric: true },
  ];
  const rows = [
    ...listed.map(classRow),
    ['macro average', ...scores(macroAverage), ''],
    ['weighted average', ...scores(weightedAverage), count(report.count)],
  ];
  const lines = [
    ...(listed.length < classes.length
      ? [`The ${listed.length} of ${count(classes.length)} classes with the lowest F1:`]
      : []),
    table(columns, rows, width),
    ...[confusions(report), furtherFigures(report)]
      .filter((line) => line !== '')
      .map((line) => wrap(line.split(' '), width, '  ')),
  ];
  return lines.join('\n');
}

function hardest(classes: readonly ClassMetrics[]): readonly ClassMetrics[] {
  if (classes.length <= MOST_CLASSES) return classes;
  return classes
    .filter(({ support }) => support > 0)
    .sort((a, b) => a.f1 - b.f1)
    .slice(0, MOST_CLASSES);
}

/** A dash stands for what is 0/0. */
function classRow({ name, support, predicted, precision, recall, f1 }: ClassMetrics): string[] {
  return [
    printable(name),
    predicted === 0 ? '–' : precision.toFixed(3),
    support === 0 ? '–' : recall.toFixed(3),
    support + predicted === 0 ? '–' : f1.toFixed(3),
    count(support),
  ];
}

function scores({ precision, recall, f1 }: Scores): string[] {
  return [precision, recall, f1].map((score) => score.toFixed(3));
}

/** What is most often taken for what; nothing if nothing is. */
function confusions({ confusion, classes }: ClassificationReport): string {
  const cells = confusion.flatMap((row, actual) =>
    row.flatMap((images, predicted) =>
      images > 0 && actual !== predicted ? [{ images, actual, predicted }] : [],
    ),
  );
  if (cells.length === 0) return '';
  const nameOf = (label: number): string => printable(classes[label]!.name);
  const shown = cells
    .sort((a, b) => b.images - a.images)
    .slice(0, MOST_CONFUSIONS)
    .map(({ images, actual, predicted }) => `${nameOf(actual)} for ${nameOf(predicted)} (${count(images)})`);
  return `Most often taken: ${shown.join(', ')}.`;
}

function furtherFigures({ topKAccuracy, calibration, classes }: ClassificationReport): string {
  const most = topKAccuracy.length;
  // Among all classes every answer is right.
  const topK =
    most > 1 && most < classes.length ? `Top-${most} accuracy = ${topKAccuracy[most - 1]!.toFixed(3)}. ` : '';
  const error = calibration.expectedCalibrationError.toFixed(3);
  return `${topK}Expected calibration error = ${error}.`;
}
