import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { parseIdxHeader } from '../../src/formats/idx.ts';
import { idxFile } from './idxBuilder.ts';

describe('the header of an IDX file', () => {
  it('of MNIST is read', () => {
    // The first bytes of train-images-idx3-ubyte.
    const head = Uint8Array.of(0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28, 0, 0, 0, 0);
    expect(parseIdxHeader(head, 'f')).toEqual({ shape: [60_000, 28, 28], dataStart: 16 });
  });

  it.each([[[5]], [[2, 3]], [[1, 2, 3]], [[1, 2, 3, 4]]])('of the shape %j is read', (shape) => {
    expect(parseIdxHeader(idxFile({ shape }), 'f')).toEqual({ shape, dataStart: 4 + 4 * shape.length });
  });

  it.each([
    ['nothing', new Uint8Array(0), 'it has only 0 bytes'],
    ['three bytes', Uint8Array.of(0, 0, 8), 'it has only 3 bytes'],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0), 'its first two bytes are not 0'],
    ['floats', idxFile({ shape: [1], type: 13 }), 'it holds floats of 32 bits (byte offset 2)'],
    [
      'an unknown type',
      idxFile({ shape: [1], type: 7 }),
      'it holds values of the unknown type 7 (byte offset 2)',
    ],
    ['no dimension', idxFile({ shape: [] }), 'it has 0 dimensions (byte offset 3)'],
    ['five dimensions', idxFile({ shape: [1, 1, 1, 1, 1] }), 'it has 5 dimensions (byte offset 3)'],
    [
      'a header that is cut',
      idxFile({ shape: [2, 3] }).subarray(0, 11),
      'its header should end at byte 12, but it has only 11',
    ],
    ['a dimension of 0', idxFile({ shape: [2, 0, 3] }), 'its dimension 1 (byte offset 8) is 0'],
  ])('is refused: %s', (_what, bytes, message) => {
    const read = (): unknown => parseIdxHeader(bytes, 'some-file');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(`some-file is not a usable IDX file: ${message}`);
  });
});
