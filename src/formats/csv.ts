import { checkHistory, type HistoryData } from './historyData.ts';

/**
 * A training history as CSV (RFC 4180 with `\n`): a column `epoch`, counted from 1 as on the plot, then one for
 * each metric in the order of the history. Numbers have all their digits, so reading them gives back the same bits.
 *
 * @throws OptionError when the history is empty or a metric lacks values
 */
export function historyToCsv(data: HistoryData): string {
  checkHistory(data);
  const metrics = Object.keys(data.history);
  const rows = data.epoch.map((epoch, row) => [
    String(epoch + 1),
    ...metrics.map((metric) => String(data.history[metric]![row])),
  ]);
  return [['epoch', ...metrics], ...rows].map((row) => csvRow(row)).join('');
}

/** A row of CSV, ended. */
export function csvRow(fields: readonly string[], separator = ','): string {
  const quoted = fields.map((field) =>
    /["\r\n]/.test(field) || field.includes(separator) ? `"${field.replaceAll('"', '""')}"` : field,
  );
  return `${quoted.join(separator)}\n`;
}
