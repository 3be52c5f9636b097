import { expect, it } from 'vitest';
import { findDuplicateKey } from '../../src/formats/duplicateKey.ts';

it.each([
  ['{}', undefined],
  ['{"a":1,"b":{"a":2}}', undefined],
  ['{"a":"a","b":"a"}', undefined],
  ['{"a":{"x":1},"b":{"x":1}}', undefined],
  ['{"a":["a","a"],"b":[{"a":1},{"a":2}]}', undefined],
  ['{"a\\"b":1,"a":2,"b":"\\\\"}', undefined],
  ['{"a":":","b":"{\\"a\\":1,\\"a\\":2}"}', undefined],
  ['{"a":1,"b":2,"a":3}', 'a'],
  ['{"a" :1,\n"a"\t: 2}', 'a'],
  ['{"x":[{"y":{"a":1},"y":2}]}', 'y'],
  ['{"a":{"b":1},"a":2}', 'a'],
  ['{"\\u0061":1,"a":2}', 'a'],
  ['{"":1,"":2}', ''],
])('%s', (json, key) => {
  JSON.parse(json);
  expect(findDuplicateKey(json)).toBe(key);
});
