import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { BlobReader, BlobWriter, configure, TextReader, ZipWriter } from '@zip.js/zip.js';
import { fromBufferPromise } from 'yauzl';
import { describe, expect, it, onTestFinished } from 'vitest';
import { byClass } from '../../../src/browser/pictures/found.ts';
import { unzipPictures, zipPictures } from '../../../src/browser/pictures/zip.ts';
import { listPictures } from '../../../src/data/pictures/pictureFolder.ts';
import { DataError } from '../../../src/errors.ts';
import { MAX_ZIP_ENTRIES, mostUnpacked } from '../../../src/limits.ts';
import { zipOf, type ZipEntry } from '../../formats/npyBuilder.ts';

configure({ useWebWorkers: false });

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

const UTF8 = 0x800;

const DAMAGED = /^pets\.zip: "cat\/1\.jpg" .*is damaged/;

function blobOf(...entries: ZipEntry[]): Blob {
  return new Blob([Buffer.from(zipOf(entries))]);
}

/** Entries whose content is their own path. */
function entriesOf(paths: readonly string[], more: Partial<ZipEntry> = {}): ZipEntry[] {
  return paths.map((name) => ({ name, content: text(name.endsWith('/') ? '' : name), ...more }));
}

async function unzipped(file: Blob): Promise<Record<string, string>> {
  const found = await unzipPictures(file, 'pets.zip');
  return Object.fromEntries(
    await Promise.all(found.map(async ({ path, file: inner }) => [path, await inner.text()] as const)),
  );
}

/** What it throws. */
async function refusal(file: Blob): Promise<string> {
  const error = await unzipPictures(file, 'pets.zip').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
}

describe('a zip of pictures', () => {
  const classes = [
    { name: 'cat', pictures: ['a.jpg', 'A.JPG', 'no extension', 'über 🐈.png'] },
    { name: 'nothing', pictures: [] },
    { name: '__proto__', pictures: ['b:c.webp'] },
  ].map(({ name, pictures }) => ({
    name,
    pictures: pictures.map((picture) => ({ name: picture, blob: new Blob([`${name} ${picture}`]) })),
  }));
  const paths = {
    'cat/a.jpg': 'cat a.jpg',
    'cat/A-2.JPG': 'cat A.JPG',
    'cat/no extension.jpg': 'cat no extension',
    'cat/über 🐈.png': 'cat über 🐈.png',
    ['__proto__/b_c.webp']: '__proto__ b:c.webp',
  };

  it('comes back as it was', async () => {
    const zip = await zipPictures(classes);
    expect(zip.type).toBe('application/zip');
    const found = await unzipPictures(zip, 'pets.zip');
    expect(found.map(({ path }) => path)).toEqual(Object.keys(paths));
    expect(await Promise.all(found.map(({ file }) => file.text()))).toEqual(Object.values(paths));
    expect(found[1]!.file.name).toBe('A-2.JPG');
    expect([...byClass(found, undefined)].map(([name, files]) => [name, files.length])).toEqual([
      ['cat', 4],
      ['__proto__', 1],
    ]);
  });

  it('is a folder for the command line when another program has unpacked it', async () => {
    const root = await mkdtemp(join(tmpdir(), 'simdnet-zip-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const zip = await fromBufferPromise(Buffer.from(await (await zipPictures(classes)).arrayBuffer()));
    for await (const entry of zip.eachEntry()) {
      expect(entry.compressionMethod).toBe(0);
      expect(entry.generalPurposeBitFlag & 8).toBe(0);
      const path = join(root, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await buffer(await zip.openReadStreamPromise(entry)));
    }
    const { classNames, pictures } = await listPictures(root);
    expect(classNames).toEqual(['__proto__', 'cat']);
    expect(pictures.map(({ path }) => path).sort()).toEqual(Object.keys(paths).sort());
  });

  it('names a picture that can no longer be read', async () => {
    const gone = new Blob(['x']);
    gone.stream = () => {
      throw new DOMException('', 'NotReadableError');
    };
    gone.slice = () => gone;
    gone.arrayBuffer = () => Promise.reject(new DOMException('', 'NotReadableError'));
    const pictures = [{ name: 'a.jpg', blob: gone }];
    await expect(zipPictures([{ name: 'cat', pictures }])).rejects.toThrow('cat/a.jpg cannot be read');
  });
});

describe('a zip that others made', () => {
  it('may be from the Finder of macOS', async () => {
    const paths = ['pets/', 'pets/cat/', 'pets/cat/1.jpg', 'pets/.DS_Store', 'pets/Icon\r'];
    const resources = ['__MACOSX/', '__MACOSX/pets/cat/._1.jpg', '__MACOSX/._pets'];
    const entries = [
      ...entriesOf([...paths, 'pets/caf\u0065\u0301/2.png'], { descriptor: true, deflated: true }),
      ...entriesOf(resources, { descriptor: true }),
    ];
    const found = await unzipPictures(blobOf(...entries), 'pets.zip');
    expect([...byClass(found, undefined).keys()]).toEqual(['cat', 'cafe\u0301']);
    expect(await unzipped(blobOf(...entries))).toEqual({
      'pets/cat/1.jpg': 'pets/cat/1.jpg',
      'pets/cafe\u0301/2.png': 'pets/cafe\u0301/2.png',
    });
  });

  it('may be from the Explorer of Windows, of today and of long ago', async () => {
    const cp437 = Uint8Array.from([...text('k'), 0x84, ...text('tzchen/1.jpg')]);
    const entries = [
      { name: cp437, content: text('1'), deflated: true },
      { name: 'hünd/2.jpg', content: text('2'), deflated: true, flags: UTF8 },
      { name: 'bird\\3.jpg', content: text('3') },
      { name: 'bird\\Thumbs.db', content: text('') },
    ];
    expect(await unzipped(blobOf(...entries))).toEqual({
      'kätzchen/1.jpg': '1',
      'hünd/2.jpg': '2',
      'bird/3.jpg': '3',
    });
  });

  it('may be one for large files', async () => {
    const zip = new ZipWriter(new BlobWriter(), { zip64: true });
    await zip.add('cat/1.jpg', new TextReader('1'));
    expect(await unzipped(await zip.close())).toEqual({ 'cat/1.jpg': '1' });
  });

  it('may have other things in it, which are not unpacked', async () => {
    const entries = [
      { name: 'read me.txt', content: text('x'), checksum: 1 },
      { name: 'cat/', content: text('') },
      { name: 'cat/secret.pdf', content: text('x'), flags: 1 },
      { name: 'cat/huge.bin', content: text('x'), size: 2 ** 31 },
      ...entriesOf(['cat/1.jpg', 'constructor/2.jpg']),
    ];
    expect(Object.keys(await unzipped(blobOf(...entries)))).toEqual(['cat/1.jpg', 'constructor/2.jpg']);
  });
});

describe('a zip that is wrong', () => {
  const good = entriesOf(['cat/1.jpg', 'dog/2.jpg'], { deflated: true });

  it('is none', async () => {
    expect(await refusal(new Blob(['not a zip file, but long enough for one']))).toContain(
      'pets.zip is no zip file',
    );
    expect(await refusal(new Blob([]))).toContain('pets.zip is no zip file');
    const whole = blobOf(...good);
    expect(await refusal(whole.slice(0, whole.size - 30))).toContain('pets.zip is no zip file');
  });

  it('has nothing that could be learnt from', async () => {
    expect(await refusal(blobOf(...entriesOf(['cat/', 'cat/a.gif', '__MACOSX/cat/1.jpg'])))).toContain(
      'pets.zip has no pictures (png, jpg, jpeg, webp)',
    );
    expect(await refusal(blobOf())).toContain('no pictures');
  });

  it.each(['../cat/1.jpg', 'cat/../../1.jpg', '/etc/1.jpg', 'C:\\1.jpg', '..\\1.jpg'])(
    'leads out by %s',
    async (name) => {
      expect(await refusal(blobOf(...good, { name, content: text('x') }))).toContain(
        'pets.zip has names that lead out of the folder',
      );
    },
  );

  it('is encrypted', async () => {
    for (const zipCrypto of [true, false]) {
      const zip = new ZipWriter(new BlobWriter(), { password: 'x', zipCrypto });
      await zip.add('cat/1.jpg', new TextReader('1'));
      expect(await refusal(await zip.close())).toBe(
        'pets.zip: "cat/1.jpg" is encrypted: make the file again, without a password',
      );
    }
  });

  it('has a name twice', async () => {
    expect(await refusal(blobOf(...good, ...good))).toContain('pets.zip has two files called "cat/1.jpg"');
    expect(await refusal(blobOf(...good, ...entriesOf(['cat\\1.jpg'])))).toContain('two files called');
  });

  it('has a picture that is damaged', async () => {
    const [first] = good as [ZipEntry];
    const says = async (change: Partial<ZipEntry>): Promise<string> =>
      refusal(blobOf({ ...first, ...change }));
    expect(await says({ checksum: 1 })).toBe(
      'pets.zip: "cat/1.jpg" has another checksum than it should have, and is damaged: make or fetch it again',
    );
    expect(await says({ size: 3 })).toMatch(DAMAGED);
    expect(await says({ size: 300 })).toMatch(DAMAGED);
    expect(await says({ deflated: false, method: 8 })).toMatch(DAMAGED);
    expect(await says({ method: 12 })).toContain('is packed in a way that is not read');
  });

  it('is a bomb by what it claims', async () => {
    const bomb = blobOf({ name: 'cat/1.jpg', content: new Uint8Array(20e6), deflated: true });
    expect(bomb.size).toBeLessThan(30_000);
    expect(await refusal(bomb)).toContain(`pets.zip unpacks to more than ${mostUnpacked(bomb.size)} bytes`);
    const many = Array.from({ length: 20 }, (_, i): ZipEntry => ({
      name: `cat/${i}.jpg`,
      content: new Uint8Array(1e6),
      deflated: true,
    }));
    expect(await refusal(blobOf(...many))).toContain('unpacks to more than');
  });

  it('is a bomb that hides it', async () => {
    const content = new Uint8Array(300e6);
    const bomb = blobOf({ name: 'cat/1.jpg', content, deflated: true, size: 1000 });
    const before = process.memoryUsage().arrayBuffers;
    expect(await refusal(bomb)).toMatch(/^pets\.zip/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
  });

  it('has one content for many names', async () => {
    // The entry of the second in the directory points to the content of the first.
    const content = text('the same');
    const bytes = Buffer.from(zipOf(['cat/1.jpg', 'cat/2.jpg'].map((name) => ({ name, content }))));
    const second = bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1');
    bytes.writeUInt32LE(0, second + 42);
    expect(await refusal(new Blob([bytes]))).toMatch(/^pets\.zip: "cat\/2\.jpg" is damaged/);
  });

  it('has more entries than anybody looks at', async () => {
    expect(await refusal(largeZip(MAX_ZIP_ENTRIES))).toContain('no pictures');
    expect(await refusal(largeZip(MAX_ZIP_ENTRIES + 1))).toBe(
      'pets.zip has more than 100,000 entries, which are too many: make it two files',
    );
  });
});

/** With so many folders in its directory, of which a zip file that is not for large files could not tell. */
function largeZip(entries: number): Blob {
  const name = text('cat/');
  const record = Buffer.alloc(46 + name.length);
  record.writeUInt32LE(0x02014b50);
  record.writeUInt16LE(name.length, 28);
  record.set(name, 46);
  const directory = Buffer.concat(new Array<Buffer>(entries).fill(record));
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x06064b50);
  end.writeUInt32LE(44, 4);
  end.writeUInt32LE(entries, 24);
  end.writeUInt32LE(entries, 32);
  end.writeUInt32LE(directory.length, 40);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeUInt32LE(directory.length, 56 + 8);
  end.writeUInt32LE(1, 56 + 16);
  end.writeUInt32LE(0x06054b50, 76);
  end.fill(0xff, 76 + 8, 76 + 20);
  return new Blob([directory, end]);
}

it('a file in a zip can itself be read as a blob', async () => {
  const zip = new ZipWriter(new BlobWriter(), { level: 9 });
  const content = new Uint8Array(100_000).map((_, i) => i % 251);
  await zip.add('cat/1.png', new BlobReader(new Blob([content])));
  const [found] = await unzipPictures(await zip.close(), 'pets.zip');
  expect(new Uint8Array(await found!.file.arrayBuffer())).toEqual(content);
});
