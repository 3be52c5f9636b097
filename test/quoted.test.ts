import { expect, it } from 'vitest';
import { quoted } from '../src/quoted.ts';

it.each([
  ['a "b"\n', '"a \\"b\\"\\n"'],
  [[1, null], '[1,null]'],
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [undefined, 'undefined'],
])('shows %j', (value, text) => {
  expect(quoted(value)).toBe(text);
});

it('shows what has no end, and what is deeper than the stack', () => {
  const ring: unknown[] = [];
  ring.push(ring);
  expect(quoted(ring)).toBe('object');
  expect(quoted(1n)).toBe('bigint');
  expect(quoted(JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)))).toBe('object');
});
