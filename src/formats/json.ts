/** JSON from files that nobody vouches for. */
import { MAX_JSON_DEPTH } from '../limits.ts';
import { quoted } from '../quoted.ts';

/**
 * Parses JSON that means one thing to all who read it, and takes memory in proportion to its length.
 *
 * `JSON.parse` keeps the last of two equal keys and says nothing, so one file could show different contents to different readers.
 * Keys count as equal after their escapes are resolved.
 *
 * @throws SyntaxError for what is no JSON, a key that is in one object twice, or nesting deeper than `MAX_JSON_DEPTH`
 */
export function parseJson(text: string): unknown {
  const enclosing: (Set<string> | undefined)[] = []; // The keys met so far in each object, or list, around `at`.
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const start = at++;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      if (isKey(text, at + 1)) {
        const key = JSON.parse(text.slice(start, at + 1)) as string;
        const keys = (enclosing[enclosing.length - 1] ??= new Set());
        if (keys.has(key)) throw new SyntaxError(`it has the key ${quoted(key)} twice`);
        keys.add(key);
      }
    } else if (character === '{' || character === '[') {
      if (enclosing.push(undefined) > MAX_JSON_DEPTH) {
        throw new SyntaxError(`it is nested more than ${MAX_JSON_DEPTH} deep at character ${at}`);
      }
    } else if (character === '}' || character === ']') {
      enclosing.pop();
    }
  }
  return JSON.parse(text);
}

/** Whether the string that ends before `at` is a key: the next thing after it is a colon. */
function isKey(text: string, at: number): boolean {
  while (' \t\r\n'.includes(text[at] ?? ':')) at++;
  return text[at] === ':';
}
