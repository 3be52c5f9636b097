/** So much of a value tells people which one is meant. */
const MOST = 200;

/**
 * A value as messages show it: as JSON, cut short where that is long. It never throws, whatever it is given: what is nested deeper
 * than the stack is shown by its type.
 */
export function quoted(value: unknown): string {
  let text: string;
  try {
    // JSON has no word for NaN and Infinity, and none for undefined.
    text = typeof value === 'number' ? String(value) : String(JSON.stringify(value));
  } catch {
    text = typeof value;
  }
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
