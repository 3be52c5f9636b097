import { mkdir, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listPictures } from '../../../src/data/pictures/pictureFolder.ts';
import { emptyFolder, writeAll } from './folder.ts';

async function folderOf(...paths: string[]): Promise<string> {
  const folder = await emptyFolder();
  await writeAll(folder, Object.fromEntries(paths.map((path) => [path, path])));
  return folder;
}

const listed = async (...paths: string[]) => {
  const { classNames, parts, pictures, passedOver } = await listPictures(await folderOf(...paths));
  return {
    classNames,
    parts,
    passedOver,
    pictures: pictures.map(({ path, label, part }) => [path, label, part]),
  };
};

it('takes each subfolder for a class, sorted by code units, with all that is below it', async () => {
  expect(await listed('b/2.png', 'Z/10.JPG', 'Z/9.jpeg', 'b/deep/er/x.webp', 'é/1.png')).toEqual({
    classNames: ['Z', 'b', 'é'],
    parts: [],
    passedOver: [],
    pictures: [
      ['Z/10.JPG', 0, undefined],
      ['Z/9.jpeg', 0, undefined],
      ['b/2.png', 1, undefined],
      ['b/deep/er/x.webp', 1, undefined],
      ['é/1.png', 2, undefined],
    ],
  });
});

it('ignores what systems leave behind, and passes over what is no picture', async () => {
  const { pictures, passedOver } = await listed(
    'a/1.png',
    'a/.DS_Store',
    'a/.hidden.png',
    'a/Thumbs.db',
    'a/notes.txt',
    'a/2.gif',
    'b/1.png',
    '__MACOSX/b/._1.png',
    '.git/x/1.png',
    'readme.md',
  );
  expect(pictures.map(([path]) => path)).toEqual(['a/1.png', 'b/1.png']);
  expect(passedOver).toEqual(['a/2.gif', 'a/notes.txt', 'readme.md']);
});

it('takes train, val and test for parts', async () => {
  const { classNames, parts, pictures } = await listed(
    'train/a/1.png',
    'train/b/1.png',
    'validation/b/1.png',
    'test/a/1.png',
  );
  expect(classNames).toEqual(['a', 'b']);
  expect(parts).toEqual(['test', 'train', 'validation']);
  expect(pictures).toEqual([
    ['test/a/1.png', 0, 'test'],
    ['train/a/1.png', 0, 'train'],
    ['train/b/1.png', 1, 'train'],
    ['validation/b/1.png', 1, 'validation'],
  ]);
});

it.each([
  ['Train', 'Valid', 'Test'],
  ['training', 'VAL', 'testing'],
  ['TRAIN', 'valid', 'TEST'],
])('takes %s, %s and %s for parts too', async (train, validation, test) => {
  const { classNames, pictures } = await listed(
    `${train}/a/1.png`,
    `${train}/b/1.png`,
    `${validation}/b/1.png`,
    `${test}/a/1.png`,
  );
  expect(classNames).toEqual(['a', 'b']);
  expect(new Map(pictures.map(([path, , part]) => [path, part]))).toEqual(
    new Map([
      [`${train}/a/1.png`, 'train'],
      [`${train}/b/1.png`, 'train'],
      [`${validation}/b/1.png`, 'validation'],
      [`${test}/a/1.png`, 'test'],
    ]),
  );
});

it('takes train for a class where it is one', async () => {
  expect((await listed('train/1.png', 'car/1.png')).classNames).toEqual(['car', 'train']);
  expect((await listed('train/steam/1.png', 'car/1.png')).classNames).toEqual(['car', 'train']);
  expect((await listed('train/1.png', 'test/1.png')).classNames).toEqual(['test', 'train']);
  expect((await listed('Training/1.png', 'Test/1.png')).classNames).toEqual(['Test', 'Training']);
  expect((await listed('Train/steam/1.png', 'Car/1.png')).classNames).toEqual(['Car', 'Train']);
});

it('follows links, but not in circles', async () => {
  const folder = await folderOf('a/1.png', 'a/in/2.png', 'b/1.png');
  const elsewhere = await folderOf('3.png');
  await symlink(join(folder, 'a'), join(folder, 'a', 'in', 'circle'));
  await symlink(elsewhere, join(folder, 'b', 'elsewhere'));
  await symlink(join(folder, 'b', '1.png'), join(folder, 'b', 'same.png'));
  await symlink(join(folder, 'gone'), join(folder, 'b', 'gone.png'));
  const { pictures } = await listPictures(folder);
  expect(pictures.map(({ path }) => path)).toEqual([
    'a/1.png',
    'a/in/2.png',
    'b/1.png',
    'b/elsewhere/3.png',
    'b/gone.png',
    'b/same.png',
  ]);
});

it.each([
  [['a/1.png', 'b/1.png'], 'c'],
  [['a/1.png', 'b/1.png'], 'c.png'],
  [['train/a/1.png', 'train/b/1.png'], 'val'],
  [['train/a/1.png', 'train/b/1.png'], 'train/c'],
])('refuses, beside %j, a link that leads nowhere: %s may be a folder', async (paths, link) => {
  const folder = await folderOf(...paths);
  await symlink(join(folder, 'gone'), join(folder, link));
  await expect(listPictures(folder)).rejects.toThrow(
    `cannot read ${join(folder, link)}: it is a link that leads nowhere; mend it or remove it`,
  );
});

it('does not depend on the order of creation or on times', async () => {
  const paths = ['b/1.png', 'a/2.png', 'a/10.png', 'c/1.png'];
  const [one, other] = [await folderOf(...paths), await folderOf(...paths.toReversed())];
  await utimes(join(one, 'a/2.png'), 1, 1);
  const names = async (folder: string) => (await listPictures(folder)).pictures.map(({ path }) => path);
  expect(await names(one)).toEqual(await names(other));
});

it.each([
  [[], /is empty: it must have a folder for each class/],
  [['1.png'], /has pictures, but no folders: it must have a folder for each class/],
  [['a/1.png'], /has one class only, "a"/],
  [['a/1.png', 'b/notes.txt'], /b has no pictures \(png, jpg, jpeg, webp\)/],
  [['train/a/1.png', 'train/b/1.png', 'val/c/1.png'], /val[/\\]c is a class that .*train does not have/],
  [['train/a/1.png', 'train/b/1.png', 'val/b/1.png', 'notes/x.txt'], /notes is neither train, val nor test/],
  [
    ['train/a/1.png', 'train/b/1.png', 'val/b/1.png', 'validation/a/1.png'],
    /both val and validation, which mean the same/,
  ],
  [['train/a/1.png', 'train/b/1.png', 'Test/b/1.png', 'testing/a/1.png'], /both Test and testing/],
  [['train/a/1.png', 'training/b/1.png'], /both train and training/],
  [['Train/a/1.png', 'Train/b/1.png', 'val/c/1.png'], /val[/\\]c is a class that .*Train does not have/],
  [['train/a/1.png', 'train/b/1.png', 'val/1.png'], /val has pictures, but no folders/],
])('says what is wrong with a folder of %j', async (paths, message) => {
  const folder = await folderOf(...paths);
  await expect(listPictures(folder)).rejects.toThrow(message);
  await expect(listPictures(folder)).rejects.toMatchObject({ name: 'DataError' });
  await expect(listPictures(folder)).rejects.toThrow(folder);
});

it.each([
  [['two/cat/1.png', 'two/dog/2.png'], 'two'],
  [['two/three/cat/in/1.png', 'two/three/dog/2.png', 'readme.md'], 'two/three'],
  [['two/train/cat/1.png', 'two/train/dog/2.png', 'two/test/cat/3.png'], 'two'],
])('names the folder that is meant where %j are wrapped in others: %s', async (paths, inner) => {
  const folder = await folderOf(...paths);
  await expect(listPictures(folder)).rejects.toThrow(`; did you mean ${join(folder, inner)}?`);
});

it.each([[['cat/1.png']], [['cat/1.png', 'cat/old/2.png', 'cat/new/3.png']], [['cat/old/1.png']]])(
  'names none where a class is all that there is: %j',
  async (paths) => {
    await expect(listPictures(await folderOf(...paths))).rejects.toThrow(/each in a folder$/);
  },
);

it('says that there is no such folder, or that it is a file', async () => {
  const folder = await folderOf('a/1.png');
  await expect(listPictures(join(folder, 'x'))).rejects.toThrow('there is no such folder');
  await expect(listPictures(join(folder, 'a', '1.png'))).rejects.toThrow('it is a file');
  await mkdir(join(folder, 'b'));
  await expect(listPictures(folder)).rejects.toThrow('b has no pictures');
});

it('gives the classes of a model its numbers', async () => {
  const folder = await folderOf('dog/1.png');
  const { pictures, classNames } = await listPictures(folder, ['cat', 'dog']);
  expect([pictures[0]!.label, classNames]).toEqual([1, ['cat', 'dog']]);
  await expect(listPictures(folder, ['cat', 'cow'])).rejects.toThrow(
    'dog is no class of the model, which knows cat, cow',
  );
});
