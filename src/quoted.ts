/**
 * A value as messages show it: as JSON. It never throws, whatever it is given: what is nested deeper than the stack is shown by its
 * type.
 */
export function quoted(value: unknown): string {
  try {
    // JSON has no word for NaN and Infinity, and none for undefined.
    return typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
  } catch {
    return typeof value;
  }
}
