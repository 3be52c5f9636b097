import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/formats/json.ts';
import { MAX_JSON_DEPTH } from '../../src/limits.ts';

describe('parseJson', () => {
  it.each([
    '{}',
    ' [1, "a", null] ',
    '"text: with \\"quotes\\""',
    '{"a":1,"b":{"a":2}}',
    '{"a":"a","b":"a"}',
    '{"a":{"x":1},"b":{"x":1}}',
    '{"a":["a","a"],"b":[{"a":1},{"a":2}]}',
    '{"a\\"b":1,"a":2,"b":"\\\\"}',
    '{"a":":","b":"{\\"a\\":1,\\"a\\":2}"}',
  ])('parses %s', (json) => {
    expect(parseJson(json)).toEqual(JSON.parse(json));
  });

  it.each([
    ['{"a":1,"b":2,"a":3}', 'a'],
    ['{"a" :1,\n"a"\t: 2}', 'a'],
    ['{"x":[{"y":{"a":1},"y":2}]}', 'y'],
    ['{"a":{"b":1},"a":2}', 'a'],
    ['{"\\u0061":1,"a":2}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('refuses %s', (json, key) => {
    JSON.parse(json);
    expect(() => parseJson(json)).toThrow(new SyntaxError(`it has the key "${key}" twice`));
  });

  it.each([
    '',
    '{',
    '}',
    '{"a":1,',
    '"',
    '"\\',
    '{"a',
    '{"a"',
    '{"a" ',
    '{"\\x":1}',
    ']]]]{"a":1,"b":2}',
    '{"a":1}}',
  ])('refuses %j as JSON.parse does', (json) => {
    expect(() => parseJson(json)).toThrow(SyntaxError);
  });

  it('takes nesting up to a limit, whatever is nested, and says where it is too deep', () => {
    const nested = (depth: number): string => '[{"a":'.repeat(depth / 2) + '0' + '}]'.repeat(depth / 2);
    expect(parseJson(nested(MAX_JSON_DEPTH))).toBeTypeOf('object');
    const deeper = `[${nested(MAX_JSON_DEPTH)}]`;
    expect(() => parseJson(deeper)).toThrow(`nested more than ${MAX_JSON_DEPTH} deep at character 188`);
    // Side by side is not deep.
    expect(parseJson(`[${'[],'.repeat(1000)}[]]`)).toHaveLength(1001);
  });

  it('takes a hundred megabytes of brackets without memory of its own', () => {
    const brackets = Buffer.alloc(100e6, '[').toString('latin1');
    const before = process.memoryUsage().heapUsed;
    expect(() => parseJson(brackets)).toThrow('nested more than');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10e6);
  });
});
