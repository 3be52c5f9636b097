import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { MAX_HEADER_BYTES } from '../../src/limits.ts';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';

/** A file with any header, true or not. */
function fileOf(header: string | object, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

/** A list in a list in a list … */
function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const everyKind = new Map<string, SafeTensor>([
  ['10', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) }],
  ['conv/kernel', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1.5, -0, NaN, Infinity) }],
  ['2', { dtype: 'F64', shape: [1, 2], data: Float64Array.of(0.1, -1e300) }],
  ['empty', { dtype: 'F32', shape: [0, 7], data: new Float32Array(0) }],
  ['scalar "é"', { dtype: 'I64', shape: [], data: BigInt64Array.of(-(2n ** 62n)) }],
]);

describe('encodeSafetensors', () => {
  it('lays out the bytes as the format says', () => {
    const file = encodeSafetensors(
      new Map([['a', { dtype: 'F32', shape: [2], data: Float32Array.of(1, -2) }]]),
      {
        k: 'v',
      },
    );
    const json = '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
    expect(padded.length).toBeGreaterThan(json.length);
    expect(Array.from(file.subarray(0, 8))).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(file.subarray(8, 8 + padded.length))).toBe(padded);
    expect(Array.from(file.subarray(8 + padded.length))).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it('keeps the order of the map, even for names that look like numbers', () => {
    const { tensors } = decodeSafetensors(encodeSafetensors(everyKind), 'f');
    expect([...tensors.keys()]).toEqual([...everyKind.keys()]);
  });

  it('writes only the part of a buffer that a tensor views', () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const { tensors } = decodeSafetensors(
      encodeSafetensors(new Map([['a', { dtype: 'F32', shape: [2], data }]])),
      'f',
    );
    expect(tensors.get('a')!.data).toEqual(Float32Array.of(1, 2));
  });

  it.each<[string, Map<string, SafeTensor>, string]>([
    [
      'data that do not fill the shape',
      new Map([['w', { dtype: 'F32', shape: [3], data: new Float32Array(2) }]]),
      '"w"',
    ],
    [
      'a broken shape',
      new Map([['w', { dtype: 'F32', shape: [-1, -2], data: new Float32Array(2) }]]),
      'whole numbers',
    ],
    [
      'the reserved name',
      new Map([['__metadata__', { dtype: 'F32', shape: [0], data: new Float32Array(0) }]]),
      'reserved',
    ],
  ])('refuses %s', (_, tensors, message) => {
    expect(() => encodeSafetensors(tensors)).toThrow(OptionError);
    expect(() => encodeSafetensors(tensors)).toThrow(message);
  });
});

describe('decodeSafetensors', () => {
  it('gives back what was encoded, bit for bit', () => {
    const metadata = { model: '{"layers":[]}', ключ: 'é\n"' };
    const file = encodeSafetensors(everyKind, metadata);
    const decoded = decodeSafetensors(file, 'f');
    expect(decoded.metadata).toEqual(metadata);
    expect(decoded.tensors).toEqual(everyKind);
    expect(Object.is(decoded.tensors.get('conv/kernel')!.data[1], -0)).toBe(true);
    expect(encodeSafetensors(decoded.tensors, decoded.metadata)).toEqual(file);
  });

  it('reads a file that holds nothing', () => {
    expect(decodeSafetensors(encodeSafetensors(new Map()), 'f')).toEqual({
      tensors: new Map(),
      metadata: {},
    });
  });

  it('reads from any alignment and shares no memory with the file', () => {
    const file = encodeSafetensors(everyKind);
    const shifted = Buffer.concat([Buffer.alloc(1), file]).subarray(1);
    const { tensors } = decodeSafetensors(shifted, 'f');
    shifted.fill(0);
    expect(tensors).toEqual(everyKind);
  });

  it('orders tensors by their data and ignores fields it does not know', () => {
    const header = { b: f32([1], 4, 8), a: { ...f32([], 0, 4), note: 1 } };
    const { tensors } = decodeSafetensors(fileOf(header, new Uint8Array(8)), 'f');
    expect([...tensors.keys()]).toEqual(['a', 'b']);
  });

  const eight = new Uint8Array(8);
  const f32Entry = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';
  const longHeader = fileOf({});
  new DataView(longHeader.buffer).setBigUint64(0, BigInt(MAX_HEADER_BYTES) + 1n, true);
  const whole = encodeSafetensors(everyKind);

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /only 0 bytes/],
    ['fewer than 8 bytes', new Uint8Array(7), /only 7 bytes/],
    ['a header beyond the limit', longHeader, /16777217 bytes, more than the 16777216/],
    [
      'a header beyond the file',
      whole.subarray(0, 40),
      /header should end at byte \d+, but the file ends at 40/,
    ],
    ['no header', fileOf(''), /does not start with "{"/],
    ['an array for a header', fileOf('[]'), /does not start with "{"/],
    ['a space before the header', fileOf(' {}'), /does not start with "{"/],
    ['a header that is not UTF-8', fileOf('{"\u0000"').fill(0xff, 10, 11), /not UTF-8/],
    ['a header that is not JSON', fileOf('{"a":'), /not JSON/],
    ['a key that occurs twice', fileOf(`{"a":${f32Entry},"\\u0061":${f32Entry}}`, eight), /key "a" twice/],
    ['a field that occurs twice', fileOf('{"a":{"dtype":"F32","dtype":"U8"}}'), /key "dtype" twice/],
    ['a tensor that is no object', fileOf({ a: [1] }), /tensor "a" is described by \[1\]/],
    ['a tensor that is null', fileOf({ a: null }), /tensor "a" is described by null/],
    [
      'an unknown dtype',
      fileOf({ a: { ...f32([2], 0, 8), dtype: 'F7' } }, eight),
      /dtype "F7"; simdnet reads F16, BF16, F32/,
    ],
    [
      'an inherited dtype',
      fileOf({ a: { ...f32([2], 0, 8), dtype: 'toString' } }, eight),
      /dtype "toString"/,
    ],
    ['no dtype', fileOf({ a: {} }), /dtype undefined/],
    ['a negative size', fileOf({ a: f32([-2], 0, 8) }, eight), /shape \[-2\] is not/],
    ['a fractional size', fileOf({ a: f32([0.5], 0, 2) }, eight), /shape \[0.5\] is not/],
    ['a size that is text', fileOf({ a: f32(['2'], 0, 8) }, eight), /shape \["2"\] is not/],
    ['no shape', fileOf({ a: f32(undefined, 0, 8) }, eight), /shape undefined is not/],
    [
      'three offsets',
      fileOf({ a: { ...f32([2], 0, 8), data_offsets: [0, 4, 8] } }, eight),
      /not two whole numbers/,
    ],
    ['negative offsets', fileOf({ a: f32([2], -8, 0) }, eight), /\[-8,0\] are not two/],
    ['offsets backwards', fileOf({ a: f32([2], 8, 0) }, eight), /\[8, 0\] span -8/],
    [
      'a shape too large for its offsets',
      fileOf({ a: f32([3], 0, 8) }, eight),
      /\[3\] takes 12 bytes, .* span 8/,
    ],
    ['a shape beyond all numbers', fileOf({ a: f32([2 ** 52, 2 ** 52], 0, 8) }, eight), /span 8/],
    ['offsets beyond the file', fileOf({ a: f32([3], 0, 12) }, eight), /end at byte 12 .* only 8 bytes/],
    ['a file cut short', whole.subarray(0, whole.length - 1), /cut short/],
    ['overlapping tensors', fileOf({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, eight), /"a" and "b" overlap/],
    ['shared data', fileOf({ a: f32([2], 0, 8), b: f32([2], 0, 8) }, eight), /overlap/],
    ['a hole in front', fileOf({ a: f32([1], 4, 8) }, eight), /bytes 0 to 4 .* belong to no tensor/],
    ['a hole between', fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, new Uint8Array(12)), /bytes 4 to 8/],
    [
      'an empty tensor beyond the rest',
      fileOf({ a: f32([1], 0, 4), b: f32([0], 8, 8) }, eight),
      /bytes 4 to 8/,
    ],
    [
      'bytes after the last tensor',
      fileOf({ a: f32([2], 0, 8) }, new Uint8Array(9)),
      /1 bytes after the last/,
    ],
    [
      'a tensor nested 20,000 deep',
      fileOf(`{"a":${nested(20_000)}}`),
      /nested more than 64 deep at character 68/,
    ],
    [
      'metadata nested as deep as may be',
      fileOf(`{"__metadata__":{"a":${nested(62)}}}`),
      /"a" is \[{62}\]{62}$/,
    ],
    [
      'a shape with a million extents',
      fileOf({ a: f32(new Array(1e6).fill(1), 0, 8) }, eight),
      /shape \[1,1.{1000,1500}$/,
    ],
    ['data but no tensors', fileOf({}, eight), /8 bytes after the last/],
    ['metadata that is no object', fileOf({ __metadata__: 'x' }), /"__metadata__" is not an object/],
    ['metadata that is not text', fileOf({ __metadata__: { a: '1', step: 3 } }), /"step" is 3/],
  ])('refuses %s', (_, file, message) => {
    const decode = () => decodeSafetensors(file, 'runs/model.safetensors');
    expect(decode).toThrow(FormatError);
    expect(decode).toThrow(message);
    expect(decode).toThrow(/^runs\/model\.safetensors: /);
  });

  it('survives any single byte of its header being wrong', () => {
    const headerEnd = whole.length - 43; // The five tensors hold 43 bytes.
    for (let at = 0; at < headerEnd; at++) {
      for (const value of [0, 0x22, 0x39, 0xff]) {
        const file = whole.slice();
        file[at] = value;
        try {
          decodeSafetensors(file, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
    }
  });
});

const golden = new URL('../../../shared/golden/tutorial-cnn/', import.meta.url);

describe.skipIf(!existsSync(golden))('files that another program wrote', () => {
  it.each(['init', 'batches', 'expected'])('reads %s.safetensors and writes it back', (name) => {
    const bytes = readFileSync(new URL(`${name}.safetensors`, golden));
    const { tensors, metadata } = decodeSafetensors(bytes, name);
    expect(tensors.size).toBeGreaterThan(0);
    const again = decodeSafetensors(encodeSafetensors(tensors, metadata), name);
    expect(again.metadata).toEqual(metadata);
    expect([...again.tensors.keys()]).toEqual([...tensors.keys()]);
    for (const [key, tensor] of tensors) {
      // Buffer.compare, since comparing a million elements one by one takes seconds.
      const copy = again.tensors.get(key)!;
      expect([copy.dtype, copy.shape]).toEqual([tensor.dtype, tensor.shape]);
      expect(Buffer.compare(Buffer.from(copy.data.buffer), Buffer.from(tensor.data.buffer))).toBe(0);
    }
  });

  it('reads their values', () => {
    const bytes = readFileSync(new URL('batches.safetensors', golden));
    const { images, labels } = Object.fromEntries(decodeSafetensors(bytes, 'batches').tensors);
    expect([images!.dtype, images!.shape]).toEqual(['U8', [10, 64, 32, 32, 3]]);
    expect([labels!.dtype, labels!.shape]).toEqual(['I64', [10, 64]]);
    expect((labels!.data as BigInt64Array).every((label) => label >= 0n && label < 10n)).toBe(true);
    expect(new Set(labels!.data as BigInt64Array).size).toBe(10);
  });
});
