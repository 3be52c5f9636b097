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
  return [['epoch', ...metrics].map(quoteField), ...rows].map((row) => `${row.join(',')}\n`).join('');
}

function quoteField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
