import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { float16ToFloat32 } from '../../src/formats/float16.ts';
import { encodeTfjsModel } from '../../src/formats/tfjs/encode.ts';
import { parseTfjsModel, type TfjsGroup } from '../../src/formats/tfjs/model.ts';
import { decodeTfjsWeights } from '../../src/formats/tfjs/weights.ts';

const topology = { class_name: 'Sequential', config: { layers: [] } };
const encoder = new TextEncoder();
const parse = (json: unknown) => parseTfjsModel(encoder.encode(JSON.stringify(json)), 'some.json');
const withWeight = (weight: object) => () =>
  parse({ modelTopology: topology, weightsManifest: [{ paths: ['a'], weights: [weight] }] });
const withPath = (path: unknown) => () =>
  parse({ modelTopology: topology, weightsManifest: [{ paths: [path], weights: [] }] });
const plain = { name: 'w', shape: [2], dtype: 'float32' };

describe('model.json', () => {
  it.each<[string, () => unknown, string]>([
    ['no JSON', () => parseTfjsModel(encoder.encode('{'), 'some.json'), 'it is no JSON'],
    ['bytes that are no text', () => parseTfjsModel(Uint8Array.of(0xff), 'some.json'), 'it is no JSON'],
    ['a list', () => parse([]), 'it is no object'],
    ['no topology', () => parse({ weightsManifest: [] }), 'it has no modelTopology'],
    ['no manifest', () => parse({ modelTopology: topology }), 'it has no weightsManifest'],
    ['a graph model', () => parse({ format: 'graph-model', modelTopology: {} }), 'is a tfjs graph model'],
    ['the nodes of one', () => parse({ modelTopology: { node: [] } }), 'is a tfjs graph model'],
    ['a group without lists', () => parse({ modelTopology: topology, weightsManifest: [{}] }), 'a group'],
    [
      'more groups than any',
      () => parse({ modelTopology: topology, weightsManifest: new Array(10_001).fill(0) }),
      'more than 10000 groups',
    ],
    [
      'more weights than any',
      () =>
        parse({
          modelTopology: topology,
          weightsManifest: [{ paths: [], weights: new Array(10_001).fill(plain) }],
        }),
      '10001 shards and weights',
    ],
    ['a weight without a name', withWeight({ ...plain, name: 1 }), 'a weight has no name'],
    ['a shape that is none', withWeight({ ...plain, shape: [-1] }), 'weight "w": its shape [-1]'],
    ['a shape that is text', withWeight({ ...plain, shape: '2' }), 'its shape "2"'],
    ['a shape beyond memory', withWeight({ ...plain, shape: [2 ** 20, 2 ** 20] }), 'larger than any memory'],
    [
      'one beyond numbers',
      withWeight({ ...plain, shape: [...new Array<number>(40).fill(2 ** 50), 0] }),
      'larger',
    ],
    ['texts', withWeight({ ...plain, dtype: 'string' }), 'has the dtype "string"'],
    [
      'an unknown quantization',
      withWeight({ ...plain, quantization: { dtype: 'int4' } }),
      'quantized to "int4"',
    ],
    [
      'one without numbers',
      withWeight({ ...plain, quantization: { dtype: 'uint8', min: 0 } }),
      'scale undefined',
    ],
  ])('refuses %s', (_name, read, message) => {
    expect(read).toThrow(FormatError);
    expect(read).toThrow('some.json');
    expect(read).toThrow(message);
  });

  it.each([
    '../a',
    '/a',
    'a/../../b',
    'C:\\a',
    '\\\\host\\a',
    'https://a/b',
    'a?b',
    'a//b',
    '.',
    '',
    'a\0',
    5,
    null,
  ])('follows no path such as %j', (path) => {
    expect(withPath(path)).toThrow('is no file beside it');
  });

  it('reads no shard twice, whatever it is called', () => {
    const group = (path: string): unknown => ({ paths: [path], weights: [] });
    const read = (): unknown =>
      parse({ modelTopology: topology, weightsManifest: [group('a'), group('././a')] });
    expect(read).toThrow(FormatError);
    expect(read).toThrow('its shard "a" is in its weightsManifest twice');
  });

  it.each(['group1-shard1of1.bin', 'group1-shard1of1', 'weights/a.bin', 'a b'])(
    'takes the path %j',
    (path) => {
      expect(withPath(path)).not.toThrow();
    },
  );
});

describe('weights', () => {
  const group = (...weights: TfjsGroup['weights']): TfjsGroup => ({ paths: ['a', 'b'], weights });
  const decode = (given: TfjsGroup, ...bytes: number[]) =>
    decodeTfjsWeights(
      given,
      [Uint8Array.from(bytes.slice(0, 3)), Uint8Array.from(bytes.slice(3))],
      'some.json',
    );

  it('are whole numbers times scale plus min', () => {
    const [a, b, c] = decode(
      group(
        { name: 'a', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
        { name: 'b', shape: [1, 1], dtype: 'float32', quantization: { dtype: 'uint16', scale: 0.1, min: 2 } },
        { name: 'c', shape: [], dtype: 'int32', quantization: { dtype: 'uint8', scale: 0.3, min: 0 } },
      ),
      ...[0, 1, 255, 0x01, 0x02, 5],
    );
    expect([...a!.data]).toEqual([-1, -0.5, 126.5]);
    expect([...b!.data]).toEqual([Math.fround(0x201 * 0.1 + 2)]);
    expect([...c!.data]).toEqual([2]);
  });

  it('are numbers of every type, across shards', () => {
    const [a, b, c, d] = decode(
      group(
        { name: 'a', shape: [1], dtype: 'float32' },
        { name: 'b', shape: [1], dtype: 'int32' },
        { name: 'c', shape: [2], dtype: 'bool' },
        { name: 'd', shape: [1], dtype: 'float32', quantization: { dtype: 'float16' } },
      ),
      ...[0, 0, 0xc0, 0x3f, 0xfe, 0xff, 0xff, 0xff, 0, 1, 0x00, 0xbe],
    );
    expect([a, b, c, d].map((each) => [...each!.data])).toEqual([[1.5], [-2], [0, 1], [-1.5]]);
  });

  it('takes nothing of what a view lies in', () => {
    const shard = Buffer.from([9, 9, 9, 9, 0, 0, 0xc0, 0x3f, 9]).subarray(4, 8);
    const [weight] = decodeTfjsWeights(
      { paths: ['a'], weights: [{ ...plain, shape: [1], dtype: 'float32' }] },
      [shard],
      'm',
    );
    expect(weight!.data).toEqual(Float32Array.of(1.5));
  });

  it.each([[[0, 0, 0]], [[0, 0, 0, 0, 0]]])('refuses %j bytes for a float', (bytes) => {
    const read = (): unknown => decode(group({ name: 'a', shape: [1], dtype: 'float32' }), ...bytes);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(
      `some.json: not a usable tfjs layers model: its weights take 4 bytes, but a, b have ${bytes.length}`,
    );
  });

  it('come back as they were written', () => {
    const data = Float32Array.of(1, -0, Infinity, 1e-45);
    const files = encodeTfjsModel({ modelTopology: topology }, [
      { name: 'w', shape: [2, 2], dtype: 'float32', data },
      { name: 'iter', shape: [], dtype: 'int32', data: Int32Array.of(7), group: 'optimizer' },
    ]);
    const { groups } = parseTfjsModel(encoder.encode(files[0]!.content as string), 'model.json');
    const read = decodeTfjsWeights(groups[0]!, [files[1]!.content as Uint8Array], 'model.json');
    expect(read[0]!.data).toEqual(data);
    expect(read[1]).toEqual({
      name: 'iter',
      shape: [],
      dtype: 'int32',
      group: 'optimizer',
      data: Float32Array.of(7),
    });
  });
});

describe('float16', () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 1365 / 4096],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ])('%i is %f', (bits, value) => {
    expect(float16ToFloat32(bits)).toBe(value);
  });
});
