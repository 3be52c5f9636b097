import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeHdf5 } from '../../../src/formats/hdf5/decode.ts';
import type { H5Dataset, H5Group } from '../../../src/formats/hdf5/hdf5.ts';
import { decodeZip } from '../../../src/formats/zip.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
const read = (name: string): H5Group => decodeHdf5(fixture(name), name);

/** What is at a path, whose last part is a dataset. */
function at(root: H5Group, path: string): H5Dataset {
  const parts = path.split('/');
  const name = parts.pop()!;
  return parts.reduce((group, part) => group.groups.get(part)!, root).datasets.get(name)!;
}

describe.each(['default', 'latest'])('what h5py writes (%s)', (version) => {
  let root: H5Group;
  beforeAll(() => {
    root = read(`hdf5/${version}.h5`);
  });

  it('has texts of every kind as attributes', () => {
    expect(Object.fromEntries(root.attributes)).toEqual({
      text: 'é and ü',
      bytes: 'ascii',
      none: '',
      fixed: 'fix',
      texts: ['a', 'bé', ''],
      'fixed texts': ['abc', 'd'],
    });
  });

  it('has numbers of every kind as attributes', () => {
    expect(Object.fromEntries(root.groups.get('numbers')!.attributes)).toEqual({
      whole: -5,
      large: 2n ** 60n + 1n,
      float: 1.5,
      true: true,
      empty: null,
      é: Int16Array.of(0, 1, 2, 3, 4, 5),
    });
  });

  it.each([
    ['0/i1', Int8Array],
    ['0/u1', Uint8Array],
    ['0/i2', Int16Array],
    ['0/u2', Uint16Array],
    ['0/i4', Int32Array],
    ['5/u4', Uint32Array],
    ['5/f2', Float32Array],
    ['5/f4', Float32Array],
    ['10/f8', Float64Array],
    ['10/big-endian i4', Int32Array],
    ['10/big-endian f2', Float32Array],
    ['10/big-endian f4', Float32Array],
    ['10/big-endian f8', Float64Array],
  ])('has numbers of type %s', (name, type) => {
    const { shape, data } = at(root, `types/part${name}`);
    expect(shape).toEqual([2, 2]);
    expect(data).toEqual(type.of(0, 1, 2, 100));
  });

  it('has integers of 64 bits as such', () => {
    expect(at(root, 'types/part5/i8').data).toEqual(BigInt64Array.of(0n, 1n, 2n, 100n));
    expect(at(root, 'types/part5/u8').data).toEqual(BigUint64Array.of(0n, 1n, 2n, 100n));
  });

  it('has float16 with all that is special in it', () => {
    const tenth = 0.0999755859375;
    expect(at(root, 'kinds/halves').data).toEqual(
      Float32Array.of(0, -0, 2 ** -24, 2 ** -14, tenth, 1, -3.25, 65504, Infinity, -Infinity, NaN),
    );
  });

  it('has datasets without dimensions, without elements, of texts and of booleans', () => {
    expect(at(root, 'kinds/scalar')).toMatchObject({ shape: [], data: Float32Array.of(3) });
    expect(at(root, 'kinds/nothing')).toMatchObject({ shape: [0, 3], data: new Float32Array(0) });
    expect(at(root, 'kinds/texts').data).toEqual(['x', 'yé', '']);
    expect(at(root, 'kinds/fixed texts').data).toEqual(['abc', 'd']);
    expect(at(root, 'kinds/booleans').data).toEqual(Uint8Array.of(1, 0));
  });

  it('has what stands for data that were never written', () => {
    expect(at(root, 'kinds/never written').data).toEqual(new Float32Array(4));
    expect(at(root, 'kinds/filled').data).toEqual(new Float32Array(4).fill(2.5));
  });
});

describe('chunks', () => {
  let root: H5Group;
  const grid = Array.from({ length: 7 * 5 * 3 }, (_, i) => i);
  beforeAll(() => {
    root = read('hdf5/default.h5');
  });

  it('are put together, packed or not', () => {
    expect(at(root, 'chunks/plain')).toMatchObject({ shape: [7, 5, 3], data: Float32Array.from(grid) });
    expect(at(root, 'chunks/gzip').data).toEqual(Float64Array.from(grid));
    expect(at(root, 'chunks/shuffled').data).toEqual(Int32Array.from(grid));
  });

  it('may be missing', () => {
    const expected = new Int16Array(36).fill(-1);
    expected.fill(7, 15, 18);
    expect(at(root, 'chunks/part').data).toEqual(expected);
  });

  it('are as many as the names of a group: more than a node of its tree holds', () => {
    const many = root.groups.get('many')!.groups;
    expect(many.size).toBe(40);
    for (let i = 0; i < 40; i++) expect(many.get(`group${i}`)!.attributes.get('index')).toBe(i);
  });
});

describe('what Keras writes', () => {
  it('has the layers of its older format, their weights, and the optimizer', () => {
    const root = read('exchange/sequential.h5');
    expect(root.attributes.get('keras_version')).toBe('3.15.1');
    expect(JSON.parse(root.attributes.get('model_config') as string)).toMatchObject({
      class_name: 'Sequential',
    });
    const weights = root.groups.get('model_weights')!;
    expect(weights.attributes.get('layer_names')).toEqual([
      'conv2d',
      'batch_normalization',
      'max_pooling2d',
      'dropout',
      'flatten',
      'dense',
      'dense_1',
    ]);
    expect(weights.groups.get('dropout')!.attributes.get('weight_names')).toEqual(new Float64Array(0));
    expect(at(weights, 'conv2d/sequential/conv2d/kernel').shape).toEqual([3, 3, 3, 8]);
    expect(at(root, 'optimizer_weights/adam/iteration').data).toEqual(BigInt64Array.of(2n));
  });

  it('has the same weights in both formats', () => {
    const older = read('exchange/sequential.h5').groups.get('model_weights')!;
    const weights = decodeZip(fixture('exchange/sequential.keras'), 'f').get('model.weights.h5')!;
    const newer = decodeHdf5(weights, 'f').groups.get('layers')!;
    for (const [name, variables] of [
      ['conv2d', ['kernel', 'bias']],
      ['batch_normalization', ['gamma', 'beta', 'moving_mean', 'moving_variance']],
      ['dense_1', ['kernel', 'bias']],
    ] as const) {
      variables.forEach((variable, i) => {
        const { data, shape } = at(newer, `${name}/vars/${i}`);
        expect(data).toBeInstanceOf(Float32Array);
        expect(at(older, `${name}/sequential/${name}/${variable}`)).toMatchObject({ data, shape });
      });
    }
  });
});
