/** A report on a classifier as CSV (RFC 4180 with `\n`). Numbers have all their digits. */
import type { ClassMetrics } from '../evaluation/classMetrics.ts';
import { csvRow } from './csv.ts';

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
