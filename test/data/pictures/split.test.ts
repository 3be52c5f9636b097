import { describe, expect, it } from 'vitest';
import type { ListedPicture, PartName, PictureFolder } from '../../../src/data/pictures/pictureFolder.ts';
import { splitPictures } from '../../../src/data/pictures/split.ts';

const file = (path: string, label: number, part?: PartName): ListedPicture => ({
  path,
  label,
  part,
  bytes: 1,
  modified: 0,
  isFile: true,
});

function folderOf(pictures: ListedPicture[]): PictureFolder {
  const parts = [...new Set(pictures.flatMap(({ part }) => part ?? []))];
  return { root: '/x', classNames: ['a', 'b', 'c'], parts, pictures, passedOver: [] };
}

const classes = (...counts: number[]): ListedPicture[] =>
  counts.flatMap((count, label) => Array.from({ length: count }, (_, i) => file(`${label}/${i}.png`, label)));

const OPTIONS = { testSplit: 0.1, validationSplit: 0.2, splitSeed: 0 };
const paths = (pictures: readonly ListedPicture[]): string[] => pictures.map(({ path }) => path);
const perClass = (pictures: readonly ListedPicture[]): number[] =>
  [0, 1, 2].map((label) => pictures.filter((picture) => picture.label === label).length);

describe('splitPictures', () => {
  it('takes the same share of each class, and every picture once', () => {
    const all = classes(100, 50, 10);
    const parts = splitPictures(folderOf(all), OPTIONS);
    expect(perClass(parts.test)).toEqual([10, 5, 1]);
    expect(perClass(parts.validation)).toEqual([18, 9, 2]);
    expect(perClass(parts.train)).toEqual([72, 36, 7]);
    expect(paths(Object.values(parts).flat()).sort()).toEqual(paths(all).sort());
  });

  it('leaves small classes at least one to train on, and gives each part one of three', () => {
    const { test, validation, train } = splitPictures(folderOf(classes(3, 2, 1)), OPTIONS);
    expect([perClass(test), perClass(validation), perClass(train)]).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [1, 2, 1],
    ]);
    const greedy = splitPictures(folderOf(classes(3, 2, 1)), {
      ...OPTIONS,
      testSplit: 0.99,
      validationSplit: 0.99,
    });
    expect(Math.min(...perClass(greedy.train))).toBe(1);
  });

  it('takes none for a share of 0', () => {
    const parts = splitPictures(folderOf(classes(9, 9, 9)), {
      testSplit: 0,
      validationSplit: 0,
      splitSeed: 0,
    });
    expect([parts.test, parts.validation, parts.train.length]).toEqual([[], [], 27]);
  });

  it('does not depend on the order of the list, nor the test on the share for validation', () => {
    const all = classes(30, 30, 30);
    const parts = splitPictures(folderOf(all), OPTIONS);
    expect(splitPictures(folderOf(all.toReversed()), OPTIONS)).toEqual(parts);
    const others = splitPictures(folderOf(all), { ...OPTIONS, validationSplit: 0.5 });
    expect(others.test).toEqual(parts.test);
    expect(splitPictures(folderOf(all), { ...OPTIONS, splitSeed: 1 }).test).not.toEqual(parts.test);
  });

  it('mixes the classes from the beginning on', () => {
    const { train } = splitPictures(folderOf(classes(30, 30, 30)), OPTIONS);
    expect(new Set(train.slice(0, 12).map(({ label }) => label)).size).toBe(3);
  });

  it('keeps what has a folder of its own, and takes from the training pictures what has none', () => {
    const all = [
      ...classes(20, 20, 20).map((picture) => ({ ...picture, part: 'train' as const })),
      file('val/0/x.png', 0, 'validation'),
    ];
    const parts = splitPictures(folderOf(all), OPTIONS);
    expect(paths(parts.validation)).toEqual(['val/0/x.png']);
    expect([perClass(parts.test), perClass(parts.train)]).toEqual([
      [2, 2, 2],
      [18, 18, 18],
    ]);
  });

  it('is what it has always been: a model is tested with pictures that it has not seen', () => {
    const { test } = splitPictures(folderOf(classes(20, 20, 20)), OPTIONS);
    expect(paths(test)).toEqual(PINNED);
  });
});

const PINNED = ['1/16.png', '2/3.png', '1/15.png', '2/5.png', '0/17.png', '0/4.png'];
