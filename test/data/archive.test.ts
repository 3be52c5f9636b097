import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCifar10 } from '../../src/data/cifar10.ts';
import { DataError } from '../../src/errors.ts';
import {
  archiveOf,
  cifar10Members,
  extractCifar10,
  goodMembers,
  memberBytes,
  tarOf,
  type Member,
} from './archives.ts';
import { records, rejection, temporaryFolder } from './fixtures.ts';

const sixFiles = [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`).concat('test_batch.bin');
const evil = Buffer.from('evil');

/** The bytes of an archive as a file in an empty folder, and a free place to unpack to. */
async function setUp(bytes: Uint8Array): Promise<{ folder: string; archive: string; destination: string }> {
  const folder = await temporaryFolder();
  const archive = join(folder, 'some.tar.gz');
  await writeFile(archive, bytes);
  await mkdir(join(folder, 'cache'));
  return { folder, archive, destination: join(folder, 'cache', 'cifar') };
}

/** What extracting the members fails with, once it is sure that nothing was left behind. */
async function refusal(bytes: Uint8Array): Promise<Error> {
  const { folder, archive, destination } = await setUp(bytes);
  const error = await rejection(extractCifar10(archive, destination, { memberBytes }));
  expect(await readdir(folder, { recursive: true })).toEqual(
    expect.arrayContaining(['cache', 'some.tar.gz']),
  );
  expect(await readdir(folder, { recursive: true })).toHaveLength(2);
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toContain(archive);
  return error;
}

describe('extractArchive', () => {
  it('unpacks the six files and nothing else', async () => {
    const { archive, destination, folder } = await setUp(await archiveOf(goodMembers()));
    await extractCifar10(archive, destination, { memberBytes });
    expect((await readdir(destination)).sort()).toEqual(sixFiles);
    expect(await readdir(join(folder, 'cache'))).toEqual(['cifar']);
    const { train, test } = await readCifar10(destination);
    expect([train.count, test.count]).toEqual([50, 10]);
    expect(test.labels[0]).toBe(5);
  });

  it('makes the folder above', async () => {
    const { archive, folder } = await setUp(await archiveOf(goodMembers()));
    await extractCifar10(archive, join(folder, 'a', 'b', 'cifar'), { memberBytes });
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['cifar']);
  });

  it('replaces what was there', async () => {
    const { archive, destination, folder } = await setUp(await archiveOf(goodMembers()));
    await mkdir(destination);
    await writeFile(join(destination, 'data_batch_1.bin'), 'old');
    await writeFile(join(destination, 'old.txt'), 'old');
    await extractCifar10(archive, destination, { memberBytes });
    expect((await readdir(destination)).sort()).toEqual(sixFiles);
    expect(await readdir(join(folder, 'cache'))).toEqual(['cifar']);
  });

  it('leaves what was there if it fails', async () => {
    const { archive, destination, folder } = await setUp(await archiveOf(goodMembers().slice(0, -3)));
    await mkdir(destination);
    await writeFile(join(destination, 'old.txt'), 'old');
    await rejection(extractCifar10(archive, destination, { memberBytes }));
    expect(await readdir(join(folder, 'cache'))).toEqual(['cifar']);
    expect(await readFile(join(destination, 'old.txt'), 'utf8')).toBe('old');
  });

  it('refuses an archive that unpacks to a thousand times its size', async () => {
    const bomb = { header: { name: 'cifar-10-batches-bin/readme.html' }, content: new Uint8Array(40e6) };
    const bytes = await archiveOf([bomb, ...goodMembers()]);
    expect(bytes.length).toBeLessThan(1e6);
    const { archive, destination, folder } = await setUp(bytes);
    const error = await rejection(extractCifar10(archive, destination, { memberBytes }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/is refused: it unpacks to more than \d+ bytes/);
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  it('passes over files with the right names in other folders', async () => {
    const members = goodMembers();
    members.push({ header: { name: 'elsewhere/test_batch.bin' }, content: evil });
    members.push({ header: { name: 'cifar-10-batches-bin/deeper/test_batch.bin' }, content: evil });
    members.push({ header: { name: 'cifar-10-batches-bin/test_batch.bin/deeper' }, content: evil });
    members.push({ header: { name: 'test_batch.bin' }, content: evil });
    const { archive, destination } = await setUp(await archiveOf(members));
    await extractCifar10(archive, destination, { memberBytes });
    expect((await readFile(join(destination, 'test_batch.bin'))).length).toBe(memberBytes);
    expect((await readdir(destination)).sort()).toEqual(sixFiles);
  });

  const unsafe: [string, Member, string][] = [
    ['a path that leads out', { header: { name: '../evil.bin' }, content: evil }, 'leads out'],
    [
      'a path that leads out halfway',
      { header: { name: 'cifar-10-batches-bin/../../test_batch.bin' }, content: evil },
      'leads out',
    ],
    [
      'a path that leads out in the Windows way',
      { header: { name: 'a\\..\\..\\evil.bin' }, content: evil },
      'leads out',
    ],
    ['an absolute path', { header: { name: '/tmp/simdnet-evil.bin' }, content: evil }, 'absolute'],
    ['a drive letter', { header: { name: 'C:\\evil.bin' }, content: evil }, 'absolute'],
    [
      'a symbolic link',
      { header: { name: 'cifar-10-batches-bin/test_batch.bin', type: 'symlink', linkname: '/etc/passwd' } },
      'is of type symlink',
    ],
    [
      'a symbolic link elsewhere',
      { header: { name: 'elsewhere', type: 'symlink', linkname: '/etc' } },
      'is of type symlink',
    ],
    [
      'a hard link',
      { header: { name: 'cifar-10-batches-bin/data_batch_1.bin', type: 'link', linkname: '/etc/passwd' } },
      'is of type link',
    ],
    [
      'a device',
      { header: { name: 'cifar-10-batches-bin/data_batch_1.bin', type: 'character-device' } },
      'is of type character-device',
    ],
  ];

  it.each(unsafe)('refuses %s, be it first or last', async (_what, member, why) => {
    for (const members of [
      [member, ...goodMembers()],
      [...goodMembers(), member],
    ]) {
      const error = await refusal(await archiveOf(members));
      expect(error.message).toContain(JSON.stringify(member.header.name));
      expect(error.message).toMatch(new RegExp(`${why}|there twice`));
      if (members[0] === member) expect(error.message).toContain(why);
    }
  });

  it('refuses a member that is there twice', async () => {
    const members = goodMembers();
    expect((await refusal(await archiveOf([...members, members[1]!]))).message).toContain('there twice');
  });

  it('names the missing members', async () => {
    const members = goodMembers().filter(({ header }) => !/data_batch_[25]/.test(header.name));
    expect((await refusal(await archiveOf(members))).message).toContain(
      'lacks data_batch_2.bin, data_batch_5.bin',
    );
  });

  it.each([9, 11])('refuses a member of %i records', async (count) => {
    const members = goodMembers();
    members[3] = { header: members[3]!.header, content: records(count) };
    const { message } = await refusal(await archiveOf(members));
    expect(message).toContain(`data_batch_3.bin" is ${count * 3073} bytes long instead of ${memberBytes}`);
  });

  it('expects 10,000 records unless told otherwise', async () => {
    const { archive, destination } = await setUp(await archiveOf(goodMembers()));
    expect((await rejection(extractCifar10(archive, destination))).message).toContain('instead of 30730000');
  });

  it('refuses a truncated archive', async () => {
    const whole = await archiveOf(goodMembers());
    expect((await refusal(whole.subarray(0, whole.length >> 1))).message).toContain('cannot unpack');
  });

  it('refuses a tar that ends within a member', async () => {
    const tar = await tarOf(goodMembers().slice(0, 7));
    expect((await refusal(gzipSync(tar.subarray(0, tar.length - 10_000)))).message).toContain(
      'cannot unpack',
    );
  });

  it('refuses what is no archive at all', async () => {
    expect((await refusal(Buffer.from('<html>404</html>'))).message).toContain('cannot unpack');
    expect((await refusal(gzipSync(Buffer.alloc(2000, 65)))).message).toContain('cannot unpack');
  });

  it('leaves nothing when the process exits while it unpacks', async () => {
    const { archive, destination, folder } = await setUp(await archiveOf(goodMembers()));
    const archived = cifar10Members(memberBytes);
    const script = `
      import { extractArchive } from '${new URL('../../dist/data/archive.js', import.meta.url).href}';
      import { readdirSync } from 'node:fs';
      const look = () => {
        const found = readdirSync(${JSON.stringify(join(folder, 'cache'))});
        if (found.length > 0) { console.log(found[0]); process.exit(3); }
        setImmediate(look);
      };
      look();
      await extractArchive(${JSON.stringify(archive)}, ${JSON.stringify(destination)}, {
        ...${JSON.stringify(archived)},
        members: new Map(${JSON.stringify([...archived.members])}),
      });`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect([status, String(stdout)]).toEqual([3, expect.stringMatching(/^\.cifar-/)]);
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  it('stops when it is aborted, and leaves nothing', async () => {
    const { archive, destination, folder } = await setUp(await archiveOf(goodMembers()));
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(await rejection(extractCifar10(archive, destination, { memberBytes, signal }))).toBe(reason);
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });
});
