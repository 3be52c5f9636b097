/** A report on a classifier as CSV (RFC 4180 with `\n`). Numbers have all their digits. */
import type { Mistake } from '../evaluation/classificationReport.ts';
import type { ClassMetrics } from '../evaluation/classMetrics.ts';
import { csvRow } from './csv.ts';

/** A wrong answer, with the path of the image's file if it has one. */
export type FiledMistake = Mistake & { readonly file?: string };

/** A row for each class, in their order. */
export function classesToCsv(classes: readonly ClassMetrics[]): string {
  const columns = ['precision', 'recall', 'f1', 'support', 'predicted'] as const;
  const rows = classes.map((each) => [each.name, ...columns.map((column) => String(each[column]))]);
  return [['class', ...columns], ...rows].map((row) => csvRow(row)).join('');
}

/** A row for each class, a column for each class that its images were taken for. */
export function confusionToCsv(
  confusion: readonly (readonly number[])[],
  classNames: readonly string[],
): string {
  const rows = confusion.map((row, label) => [classNames[label]!, ...row.map(String)]);
  return [['actual', ...classNames], ...rows].map((row) => csvRow(row)).join('');
}

/** A row for each wrong answer, in their order: the image's file, or its index where images have no files. */
export function mistakesToCsv(mistakes: readonly FiledMistake[], classNames: readonly string[]): string {
  const image = mistakes.some(({ file }) => file !== undefined) ? 'file' : 'index';
  const rows = mistakes.map(({ file, index, actual, predicted, probability }) => [
    file ?? String(index),
    classNames[actual]!,
    classNames[predicted]!,
    String(probability),
  ]);
  return [[image, 'actual', 'predicted', 'probability'], ...rows].map((row) => csvRow(row)).join('');
}
