/** Files that are wrong, by accident or on purpose. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../src/errors.ts';
import { decodeHdf5 } from '../../../src/formats/hdf5/decode.ts';
import { encodeHdf5 } from '../../../src/formats/hdf5/encode.ts';
import { readChunks } from '../../../src/formats/hdf5/chunks.ts';
import { emptyGroup, type H5Group } from '../../../src/formats/hdf5/hdf5.ts';
import { Source } from '../../../src/formats/hdf5/source.ts';

const fixture = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(`../../fixtures/hdf5/${name}`, import.meta.url)));

/** Where some ASCII is in a file, for the n-th time. */
function find(file: Uint8Array, text: string, n = 0): number {
  let at = -1;
  for (let i = 0; i <= n; i++) at = Buffer.from(file.buffer).indexOf(text, at + 1);
  expect(at).toBeGreaterThan(0);
  return at;
}

/** A file with something changed. */
function changed(file: Uint8Array, change: (view: DataView<ArrayBuffer>) => void): Uint8Array {
  const copy = Uint8Array.from(file);
  change(new DataView(copy.buffer));
  return copy;
}

function refusal(file: Uint8Array): string {
  try {
    decodeHdf5(file, 'model.h5');
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as Error).message;
  }
  throw new Error('it was read');
}

const outer: H5Group = emptyGroup();
const inner: H5Group = emptyGroup();
outer.groups.set('inner', inner);
inner.datasets.set('x', { attributes: new Map(), shape: [3], data: Float32Array.of(1, 2, 3) });
inner.attributes.set('text', 'some text');
const small = encodeHdf5(outer);

/** Where the superblock says where the root's header is. */
const ROOT = 64;
const rootHeader = Number(new DataView(small.buffer).getBigUint64(ROOT, true));

describe('a damaged HDF5 file', () => {
  it('is refused with its name and what is wrong', () => {
    expect(refusal(new Uint8Array(0))).toMatch(/^model\.h5: not a usable HDF5 file: .*another kind of file/);
    expect(refusal(new TextEncoder().encode('{"json": true}'))).toContain('another kind of file');
    expect(
      refusal(
        changed(small, (view) => {
          view.setUint8(8, 9);
        }),
      ),
    ).toContain('version 9');
    expect(
      refusal(
        changed(small, (view) => {
          view.setUint8(13, 4);
        }),
      ),
    ).toContain('addresses of 4');
  });

  it('is refused wherever it is cut short', () => {
    for (let length = 0; length < small.length; length++) refusal(small.subarray(0, length));
    expect(refusal(small.subarray(0, 500))).toContain(`it should have ${small.length} bytes, and has 500`);
  });

  it('is refused if something points past the end', () => {
    const far = changed(small, (view) => {
      view.setBigUint64(ROOT, 10n ** 9n, true);
    });
    expect(refusal(far)).toContain('points at byte 1000000000, past the end');
    const nowhere = changed(small, (view) => {
      view.setBigUint64(ROOT, 2n ** 64n - 1n, true);
    });
    expect(refusal(nowhere)).toContain('points nowhere');
  });

  it('is refused if a group is in itself', () => {
    const symbol = find(small, 'SNOD', 1) + 8 + 8;
    const cycle = changed(small, (view) => {
      view.setBigUint64(symbol, BigInt(rootHeader), true);
    });
    expect(refusal(cycle)).toContain('"/inner": it is a group that is somewhere else too');
  });

  it('is refused if a tree is in itself', () => {
    const tree = find(small, 'TREE');
    const cycle = changed(small, (view) => {
      view.setUint8(tree + 5, 1);
      view.setBigUint64(tree + 32, BigInt(tree), true);
    });
    expect(refusal(cycle)).toContain('the levels of a tree are wrong');
  });

  it('is refused if a header goes on in itself', () => {
    const message = rootHeader + 16;
    const cycle = changed(small, (view) => {
      view.setUint16(message, 0x10, true);
      view.setBigUint64(message + 8, BigInt(message), true);
      view.setBigUint64(message + 16, 24n, true);
    });
    expect(refusal(cycle)).toContain('goes on where it has been');
  });

  it('is refused if it claims more than it can hold', () => {
    // The dataspace, 8 bytes of it, and its only dimension.
    const header = find(small, 'SNOD') + 8 + 8;
    const dataset = Number(new DataView(small.buffer).getBigUint64(header, true));
    const claims = (size: bigint): string =>
      refusal(
        changed(small, (view) => {
          view.setBigUint64(dataset + 16 + 8 + 8, size, true);
        }),
      );
    expect(claims(4n)).toContain('"/inner/x": it has 12 bytes of data instead of 16');
    expect(claims(10n ** 8n)).toContain('more than the 16');
    expect(claims(2n ** 40n)).toContain('elements, more than');
    expect(claims(2n ** 63n)).toContain('where there should be a length');
  });

  it('is refused if it has no chunks, and those of endless size', () => {
    const dimensions = 32;
    const message = new DataView(new ArrayBuffer(1 + 8 + 4 * (dimensions + 1)));
    message.setUint8(0, dimensions + 1);
    message.setBigUint64(1, 2n ** 64n - 1n, true);
    for (let i = 0; i < dimensions; i++) message.setUint32(9 + 4 * i, 0xffff_ffff, true);
    message.setUint32(9 + 4 * dimensions, 4, true);
    const source = new Source(new Uint8Array(message.buffer), 'model.h5');
    const shape = [0, ...new Array<number>(dimensions - 1).fill(1)];
    const read = (): unknown =>
      readChunks(
        source.from(0, 'the layout'),
        { shape, elementBytes: 4, length: 0 },
        [],
        (bytes) => new Uint8Array(bytes),
        source,
      );
    expect(read).toThrow(FormatError);
    expect(read).toThrow(/more than the \d+ bytes/);
    expect(() => {
      source.spendPacked(NaN);
    }).toThrow(FormatError);
  });

  it('is refused if a text is not where it should be', () => {
    const heap = find(small, 'GCOL');
    expect(
      refusal(
        changed(small, (view) => {
          view.setUint8(heap, 0);
        }),
      ),
    ).toContain('instead of "GCOL"');
    expect(
      refusal(
        changed(small, (view) => {
          view.setUint16(heap + 16, 2, true);
        }),
      ),
    ).toContain('a text of 9 bytes is not where it should be');
    expect(
      refusal(
        changed(small, (view) => {
          view.setUint8(heap + 32, 0xff);
        }),
      ),
    ).toContain('no UTF-8');
  });

  it('is refused if a packed chunk is damaged', () => {
    const file = fixture('default.h5');
    const packed = find(file, 'x\x5e');
    expect(
      refusal(
        changed(file, (view) => {
          view.setUint8(packed + 20, 0xff);
        }),
      ),
    ).toContain('cannot be unpacked');
  });
});

describe('what is not supported', () => {
  it.each([
    ['lzf.h5', 'the filter lzf', "compression='gzip'"],
    ['soft.h5', 'a link to another place', 'save what it leads to'],
    ['compound.h5', 'compound values', 'save arrays of numbers'],
  ])('is named, and what would do: %s', (name, what, remedy) => {
    const message = refusal(fixture(name));
    expect(message).toContain(what);
    expect(message).toContain(remedy);
  });
});
