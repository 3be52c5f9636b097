import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { elementsOf } from '../../src/formats/elements.ts';
import { parseNpyHeader } from '../../src/formats/npy.ts';
import { npyFile, npyOf, numbersAs } from './npyBuilder.ts';

const NOTHING = new Uint8Array(0);
const KINDS = { i: 'int', u: 'uint', f: 'float' } as const;

describe('the header of an NPY array', () => {
  it('is read, whatever the type, the shape and the version', () => {
    const types = fc.constantFrom(
      ...['|u1', '|i1', '<u2', '>i2', '<i4', '>u4', '<i8', '>u8', '<f4', '>f4', '<f8', '>f8'],
    );
    const shapes = fc.array(fc.nat(1e9), { maxLength: 5 });
    fc.assert(
      fc.property(types, shapes, fc.constantFrom(1, 2, 3), (descr, shape, version) => {
        const file = npyFile({ descr, shape, data: NOTHING, version });
        expect(parseNpyHeader(file, 'f')).toEqual({
          type: {
            kind: KINDS[descr[1] as keyof typeof KINDS],
            bytes: Number(descr[2]),
            bigEndian: descr.startsWith('>'),
          },
          shape,
          dataStart: file.length,
        });
      }),
    );
  });

  it('may have its entries in any order, and no comma behind the last', () => {
    const header = "{'shape': (3,) ,'descr':'<i2', 'fortran_order' : False}";
    expect(parseNpyHeader(npyFile({ descr: '', shape: [], data: NOTHING, header }), 'f').shape).toEqual([3]);
  });

  it('may say Fortran where it makes no difference', () => {
    const file = npyFile({ descr: '|u1', shape: [5, 1], data: NOTHING, fortran: true });
    expect(parseNpyHeader(file, 'f').shape).toEqual([5, 1]);
  });

  const dictionary = (header: string): Uint8Array => npyFile({ descr: '', shape: [], data: NOTHING, header });
  const good = npyOf('<i4', [2], [1, 2]);
  it.each([
    ['nothing', NOTHING, 'does not begin with'],
    ['another file', Buffer.from('PK\x03\x04 and more of it'), 'does not begin with'],
    ['version 4', good.with(6, 4), 'its version is 4'],
    ['a header that is cut', good.subarray(0, 100), 'its header should end at byte'],
    ['a length that is cut', good.with(6, 2).subarray(0, 11), 'its header should end at byte'],
    [
      'a header of a megabyte',
      Uint8Array.of(...good.with(6, 2).subarray(0, 8), 0, 0, 16, 0),
      'claims 1048576 bytes',
    ],
    [
      'Fortran order',
      npyFile({ descr: '<i4', shape: [2, 3], data: NOTHING, fortran: true }),
      'in Fortran order: save numpy.ascontiguousarray',
    ],
    [
      'objects',
      npyFile({ descr: '|O', shape: [2], data: NOTHING }),
      'it holds "\'|O\'", and simdnet reads integers',
    ],
    ['text', npyFile({ descr: '<U5', shape: [2], data: NOTHING }), 'and simdnet reads integers'],
    [
      'half floats',
      npyFile({ descr: '<f2', shape: [2], data: NOTHING }),
      'and simdnet reads integers, float32',
    ],
    [
      'records',
      dictionary("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (3,), }"),
      'and simdnet reads',
    ],
    ['no dictionary', dictionary('[1, 2]'), 'its header is no dictionary'],
    [
      'code',
      dictionary("{'descr': open('x'), 'fortran_order': False, 'shape': (3,), }"),
      'its header is not understood',
    ],
    ['no shape', dictionary("{'descr': '<i4', 'fortran_order': False}"), 'it has no shape'],
    [
      'a shape with a gap',
      dictionary("{'descr': '<i4', 'fortran_order': False, 'shape': (3,,2,), }"),
      'no list of sizes',
    ],
    [
      'a huge shape',
      dictionary(`{'descr': '<i4', 'fortran_order': False, 'shape': (${'9'.repeat(30)},), }`),
      'no list of sizes',
    ],
    ['no order', dictionary("{'descr': '<i4', 'shape': (3,), }"), 'its fortran_order is neither'],
    [
      'a key twice',
      dictionary("{'descr': '<i4', 'descr': '<i8', 'fortran_order': False, 'shape': (3,), }"),
      'not understood',
    ],
  ])('is refused: %s', (_what, bytes, message) => {
    const read = (): unknown => parseNpyHeader(bytes, 'some-file');
    expect(read).toThrow(FormatError);
    expect(read).toThrow('some-file is not a usable NPY array: ');
    expect(read).toThrow(message);
  });
});

describe('elements', () => {
  it.each(['|u1', '<u2', '>u2', '<u4', '>u4', '<i8', '>i8', '<f4', '>f4', '<f8', '>f8'])(
    'of %s are read',
    (descr) => {
      const values = [0, 1, 2, 100, 200];
      const { type } = parseNpyHeader(npyFile({ descr, shape: [], data: NOTHING }), 'f');
      const elements = elementsOf(Uint8Array.from(numbersAs(descr, values)), type);
      expect(Array.from(elements as Iterable<number | bigint>, Number)).toEqual(values);
    },
  );

  it.each(['|i1', '<i2', '>i2', '>i4', '>i8'])('of %s may be negative', (descr) => {
    const { type } = parseNpyHeader(npyFile({ descr, shape: [], data: NOTHING }), 'f');
    const elements = elementsOf(Uint8Array.from(numbersAs(descr, [-3, 5])), type);
    expect(Array.from(elements as Iterable<number | bigint>, Number)).toEqual([-3, 5]);
  });
});
