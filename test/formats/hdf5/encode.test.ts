import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../../src/errors.ts';
import { decodeHdf5 } from '../../../src/formats/hdf5/decode.ts';
import { encodeHdf5 } from '../../../src/formats/hdf5/encode.ts';
import { emptyGroup, type H5Dataset, type H5Group, type H5Value } from '../../../src/formats/hdf5/hdf5.ts';
import { lookUp } from './lookup.ts';

const dataset = (
  shape: readonly number[],
  data: H5Dataset['data'],
  attributes: Readonly<Record<string, H5Value>> = {},
): H5Dataset => ({ attributes: new Map(Object.entries(attributes)), shape, data });

const group = (content: {
  attributes?: Readonly<Record<string, H5Value>>;
  groups?: Readonly<Record<string, H5Group>>;
  datasets?: Readonly<Record<string, H5Dataset>>;
}): H5Group => ({
  attributes: new Map(Object.entries(content.attributes ?? {})),
  groups: new Map(Object.entries(content.groups ?? {})),
  datasets: new Map(Object.entries(content.datasets ?? {})),
});

const roundTrip = (root: H5Group): H5Group => decodeHdf5(encodeHdf5(root), 'f');

describe('encodeHdf5', () => {
  it.each(['hdf5/default.h5', 'hdf5/latest.h5', 'exchange/functional.h5', 'exchange/sequential.h5'])(
    'writes what is read of %s',
    (name) => {
      const root = decodeHdf5(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url)), name);
      expect(roundTrip(root)).toEqual(root);
    },
  );

  it('writes values of every kind', () => {
    const attributes = {
      text: 'é',
      none: '',
      whole: -3,
      negativeZero: -0,
      float: 0.1,
      nan: NaN,
      large: -(2n ** 63n),
      larger: 2n ** 64n - 1n,
      yes: true,
      no: false,
      nothing: null,
      texts: ['a', '', 'é'],
      noTexts: [],
      numbers: Float32Array.of(1, 2),
      bytes: Uint8Array.of(255),
    };
    const read = roundTrip(group({ attributes })).attributes;
    expect(Object.fromEntries(read)).toEqual(attributes);
  });

  it('writes arrays of every type, and only what they view', () => {
    const datasets = {
      a: dataset([2], Int8Array.of(9, -1, 2, 9).subarray(1, 3), { units: 'm' }),
      b: dataset([1, 1], Uint8Array.of(200)),
      c: dataset([1], Int16Array.of(-2)),
      d: dataset([1], Uint16Array.of(65_535)),
      e: dataset([1], Int32Array.of(-3)),
      f: dataset([1], Uint32Array.of(2 ** 32 - 1)),
      g: dataset([], BigInt64Array.of(-4n)),
      h: dataset([1], BigUint64Array.of(2n ** 64n - 1n)),
      i: dataset([3], Float32Array.of(-0, NaN, 1.5)),
      j: dataset([1], Float64Array.of(0.1)),
      k: dataset([0, 2], new Float32Array(0)),
      l: dataset([2, 1], ['é', '']),
    };
    const root = group({ datasets });
    const read = roundTrip(root);
    expect(read).toEqual(root);
    expect([...read.datasets.keys()]).toEqual(Object.keys(datasets));
  });

  it.each([0, 1, 8, 9, 256, 257, 500, 9000])('writes %i names in a group, in their own order', (count) => {
    const datasets = Array.from(
      { length: count },
      (_, i) => [`n${i}`, dataset([], Int32Array.of(i))] as const,
    );
    const read = roundTrip({ ...emptyGroup(), datasets: new Map(datasets) });
    expect(read.datasets).toEqual(new Map(datasets));
    expect([...read.datasets.keys()]).toEqual([...read.datasets.keys()].sort());
  });

  it.each([1, 9, 300, 5000])('writes trees in which each of %i names is found by its keys', (count) => {
    const root = emptyGroup();
    for (let i = 0; i < count; i++) {
      root.datasets.set(i % 3 === 0 ? `é${i}` : `n${i}`, dataset([], Int32Array.of(i)));
    }
    const file = encodeHdf5(root);
    const found = new Set([...root.datasets.keys()].map((name) => lookUp(file, name)));
    expect(found.has(undefined)).toBe(false);
    expect(found.size).toBe(count);
    expect(lookUp(file, 'nothing')).toBeUndefined();
  });

  it('writes texts that need heaps of their own, and many in one', () => {
    const attributes = {
      long: 'x'.repeat(300_000),
      texts: Array.from({ length: 4000 }, (_, i) => `name ${i}`),
      short: 'y',
    };
    expect(Object.fromEntries(roundTrip(group({ attributes })).attributes)).toEqual(attributes);
  });

  it('gives the same bytes, in whatever order names are', () => {
    const [one, two] = [dataset([1], Float32Array.of(1)), dataset([1], Float32Array.of(2))];
    const file = encodeHdf5(group({ datasets: { one, two } }));
    expect(encodeHdf5(group({ datasets: { one, two } }))).toEqual(file);
    expect(encodeHdf5(group({ datasets: { two, one } }))).toEqual(file);
  });

  it.each<[what: string, root: H5Group]>([
    ['"a/b"', group({ groups: { 'a/b': emptyGroup() } })],
    ['""', group({ datasets: { '': dataset([1], Float32Array.of(1)) } })],
    ['"x" has 1 elements', group({ datasets: { x: dataset([2], Float32Array.of(1)) } })],
    [
      'a group and a dataset called "x"',
      group({ groups: { x: emptyGroup() }, datasets: { x: dataset([1], Float32Array.of(1)) } }),
    ],
    ['attribute "long"', group({ attributes: { long: new Uint8Array(65_536) } })],
    ['a text', group({ attributes: { text: 'a\0b' } })],
    ['a text', group({ attributes: { text: '\ud800' } })],
    ['64 bits', group({ attributes: { large: 2n ** 64n } })],
  ])('refuses %s', (what, root) => {
    expect(() => encodeHdf5(root)).toThrow(OptionError);
    expect(() => encodeHdf5(root)).toThrow(what.replace('"x" has', '"/x" has'));
  });

  it('refuses groups that are nested deeper than they are read', () => {
    const nest = (depth: number): H5Group => {
      let root = emptyGroup();
      for (let i = 0; i < depth; i++) root = group({ groups: { inner: root } });
      return root;
    };
    expect(roundTrip(nest(64))).toEqual(nest(64));
    expect(() => encodeHdf5(nest(65))).toThrow('deeper than 64');
  });
});
