/** A training history as JSON: what `train` writes into history.json. */
import { FormatError } from '../errors.ts';
import type { HistoryData } from './historyData.ts';
import { parseJson } from './json.ts';

/**
 * @param name the file, for messages
 * @throws FormatError if this is no JSON, or no history
 */
export function historyFromJson(text: string, name: string): HistoryData {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const reason = (cause as SyntaxError).message;
    throw new FormatError(`${name} is not JSON, so it is no training history: ${reason}`, {
      cause,
    });
  }
  if (!isHistory(value)) {
    throw new FormatError(
      `${name} is no training history: it needs "epoch", a list of whole numbers, and "history", as many numbers for each metric.`,
    );
  }
  return value;
}

function isHistory(value: unknown): value is HistoryData {
  if (typeof value !== 'object' || value === null || !('epoch' in value) || !('history' in value))
    return false;
  const { epoch, history } = value;
  if (!isNumbers(epoch) || epoch.length === 0 || typeof history !== 'object' || history === null)
    return false;
  return (
    epoch.every((each) => Number.isSafeInteger(each) && each >= 0) &&
    Object.values(history).every((series) => isNumbers(series) && series.length === epoch.length)
  );
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(Number.isFinite);
}
