/**
 * The first object key that occurs twice within one object of a JSON text, or undefined.
 *
 * `JSON.parse` keeps the last of two equal keys and says nothing, so one file could show different contents to
 * different readers. Keys count as equal after their escapes are resolved.
 *
 * @param json text that `JSON.parse` has already accepted; it is not checked again
 */
export function findDuplicateKey(json: string): string | undefined {
  const enclosing: Set<string>[] = []; // The keys met so far in each object (or array, unused) around `at`.
  let at = 0;
  while (at < json.length) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      if (isKey(json, end)) {
        const key = JSON.parse(json.slice(at, end)) as string;
        const keys = enclosing.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      at = end;
      continue;
    }
    if (character === '{' || character === '[') enclosing.push(new Set());
    else if (character === '}' || character === ']') enclosing.pop();
    at++;
  }
  return undefined;
}

/** The position after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether the string that ends before `at` is a key: the next thing after it is a colon. */
function isKey(json: string, at: number): boolean {
  while (' \t\r\n'.includes(json[at] ?? '')) {
    if (at >= json.length) return false;
    at++;
  }
  return json[at] === ':';
}
