import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPictures } from '../../../src/data/pictures/pictureFiles.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'simdnet-pictures-'));
  await mkdir(join(root, 'all', 'inner', 'empty'), { recursive: true });
  for (const name of [
    '10.png',
    '9.PNG',
    'b.jpg',
    'c.jpeg',
    'd.webp',
    'notes.txt',
    '.hidden.png',
    'inner/1.png',
  ])
    await writeFile(join(root, 'all', name), '');
  await symlink('..', join(root, 'all', 'inner', 'circle'));
  await symlink(join(root, 'all', 'inner'), join(root, 'all', 'link'));
  await symlink('nowhere', join(root, 'all', 'broken.png'));
  await mkdir(join(root, 'none'));
});
afterAll(() => rm(root, { recursive: true }));

const within = (...names: string[]) => names.map((name) => ({ path: join(root, 'all', name) }));

it('finds the pictures of a folder and those in it, in natural order, and follows links', async () => {
  const { pictures, passedOver } = await findPictures([join(root, 'all')]);
  expect(pictures).toEqual(
    within('9.PNG', '10.png', 'b.jpg', 'broken.png', 'c.jpeg', 'd.webp', 'inner/1.png', 'link/1.png'),
  );
  expect(passedOver).toBe(1);
});

it('takes what is named, in the order it is named in, and says where there is nothing', async () => {
  const [text, missing, none] = [join(root, 'all', 'notes.txt'), join(root, 'no.png'), join(root, 'none')];
  const { pictures, passedOver } = await findPictures([text, missing, none, text]);
  expect(pictures).toEqual([
    { path: text },
    { path: missing },
    { path: none, failure: `there is no picture in ${none}` },
    { path: text },
  ]);
  expect(passedOver).toBe(0);
});

it.skipIf(process.getuid?.() === 0)('says which folder cannot be read', async () => {
  const closed = join(root, 'closed');
  await mkdir(closed, { mode: 0 });
  const { pictures } = await findPictures([closed]);
  await chmod(closed, 0o700);
  expect(pictures).toEqual([{ path: closed, failure: expect.stringContaining(closed) as string }]);
});
