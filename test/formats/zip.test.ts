import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { decodeZip, encodeZip } from '../../src/formats/zip.ts';
import { zipOf, type ZipEntry } from './npyBuilder.ts';

const bytes = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * i) % 251);
const files = new Map([
  ['config.json', bytes(30)],
  ['model.weights.h5', bytes(5000)],
  ['assets/é', bytes(0)],
]);

/** What the reader says of a file with one entry that is changed, or of a whole file. */
function refusal(file: Uint8Array | Partial<ZipEntry>): string {
  const zip = file instanceof Uint8Array ? file : zipOf([{ name: 'a', content: bytes(100), ...file }]);
  try {
    decodeZip(zip, 'model.keras');
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(/^model\.keras: not a usable zip file: /);
    return (error as Error).message;
  }
  throw new Error('it was read');
}

/** A file of two entries, with a field of the directory's second entry changed. */
function withField(field: number, value: number): Uint8Array {
  const zip = encodeZip(
    new Map([
      ['a', bytes(100)],
      ['b', bytes(100)],
    ]),
  );
  new DataView(zip.buffer).setUint32(zip.length - 22 - 47 + field, value, true);
  return zip;
}

describe('decodeZip', () => {
  it('reads what Keras writes', () => {
    const file = readFileSync(new URL('../fixtures/exchange/sequential.keras', import.meta.url));
    const read = decodeZip(file, 'f');
    expect([...read.keys()]).toEqual(['metadata.json', 'config.json', 'model.weights.h5']);
    expect(JSON.parse(new TextDecoder().decode(read.get('metadata.json')))).toMatchObject({
      keras_version: '3.15.1',
    });
    expect(read.get('model.weights.h5')).toHaveLength(134_368);
  });

  it('reads stored and deflated entries, with and without descriptors, and leaves folders out', () => {
    const large = bytes(200_000);
    const zip = zipOf([
      { name: 'stored', content: bytes(100) },
      { name: 'folder/', content: bytes(0) },
      { name: 'folder/deflated', content: bytes(100), deflated: true, descriptor: true },
      { name: 'large', content: large, deflated: true },
      { name: 'empty', content: bytes(0), deflated: true },
    ]);
    expect(decodeZip(zip, 'f')).toEqual(
      new Map([
        ['stored', bytes(100)],
        ['folder/deflated', bytes(100)],
        ['large', large],
        ['empty', bytes(0)],
      ]),
    );
  });

  it('keeps names that mean something to JavaScript apart', () => {
    const zip = zipOf([{ name: '__proto__', content: bytes(1) }]);
    expect([...decodeZip(zip, 'f').keys()]).toEqual(['__proto__']);
  });

  it('refuses other files, and those cut short', () => {
    expect(refusal(new Uint8Array(0))).toContain('another kind of file');
    const zip = encodeZip(files);
    for (let length = 0; length < zip.length; length += 7) refusal(zip.subarray(0, length));
    expect(refusal(Uint8Array.of(0, ...zip))).toContain('not where it should be');
  });

  it.each(['../a', 'a/../../b', '/a', 'a//b', './a', 'C:/a', 'a\\b', 'a\0b', ''])(
    'refuses the name %j',
    (name) => {
      expect(refusal({ name })).toContain('no name of a file within a folder');
    },
  );

  it('refuses names that are no UTF-8, and those that are there twice', () => {
    expect(refusal({ name: Uint8Array.of(0x6b, 0x84) })).toContain('no UTF-8');
    const entry = { name: 'a', content: bytes(9) };
    expect(refusal(zipOf([entry, entry]))).toContain('it has "a" twice');
  });

  it('refuses wrong checksums and lengths', () => {
    expect(refusal({ checksum: 1 })).toContain('another checksum');
    expect(refusal({ size: 99 })).toContain('another length');
    expect(refusal({ deflated: true, size: 99 })).toContain('cannot be unpacked (long)');
    expect(refusal({ deflated: true, size: 101 })).toContain('cannot be unpacked (short)');
    const large = { content: bytes(500_000), deflated: true };
    expect(refusal({ ...large, size: 499_999 })).toContain('cannot be unpacked (long)');
    expect(refusal({ ...large, size: 500_001 })).toContain('cannot be unpacked (short)');
    expect(refusal({ content: bytes(100), method: 8 })).toContain('cannot be unpacked');
  });

  it('refuses encrypted entries, other methods, and ZIP64', () => {
    expect(refusal({ flags: 1 })).toContain('"a" is encrypted');
    expect(refusal({ method: 12 })).toContain('method 12');
    expect(refusal(withField(20, 0xffff_ffff))).toContain('ZIP64');
  });

  it('refuses entries that overlap, and bombs', () => {
    expect(refusal(withField(42, 0))).toContain('overlaps');
    const bomb = { content: new Uint8Array(40 * 2 ** 20), deflated: true };
    expect(refusal(bomb)).toContain('it unpacks to more than');
    expect(
      refusal(zipOf(Array.from({ length: 1001 }, (_, i) => ({ name: `${i}`, content: bytes(1) })))),
    ).toContain('1001 files');
  });
});

describe('encodeZip', () => {
  it('writes what is read back, the same each time', () => {
    const zip = encodeZip(files);
    expect(decodeZip(zip, 'f')).toEqual(files);
    expect([...decodeZip(zip, 'f').keys()]).toEqual([...files.keys()]);
    expect(encodeZip(files)).toEqual(zip);
    expect(decodeZip(encodeZip(new Map()), 'f')).toEqual(new Map());
  });

  it('stores contents as they are, under the format’s first date', () => {
    const zip = encodeZip(new Map([['name', Uint8Array.of(1, 2, 3)]]));
    const [head, name] = [[0x50, 0x4b, 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0], [...Buffer.from('name')]];
    expect([...zip.subarray(0, 14)]).toEqual(head);
    expect([...zip.subarray(18, 37)]).toEqual([3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, ...name, 1, 2, 3]);
  });

  it('refuses names that are not read', () => {
    for (const name of ['../a', '/a', 'a/', '']) {
      expect(() => encodeZip(new Map([[name, bytes(1)]]))).toThrow(OptionError);
    }
  });
});
