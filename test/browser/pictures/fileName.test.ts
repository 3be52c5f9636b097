import { describe, expect, it } from 'vitest';
import { pictureFileName, TakenNames } from '../../../src/browser/pictures/fileName.ts';
import { isIgnoredName, isPictureName } from '../../../src/data/pictures/folderRules.ts';

describe('the name of a picture’s file', () => {
  it.each([
    ['cat.jpg', 'cat.jpg'],
    ['Cat.JPEG', 'Cat.JPEG'],
    ['my.cat.webp', 'my.cat.webp'],
    ['IMG 1 (2).png', 'IMG 1 (2).png'],
    ['a/b\\c:d.png', 'a_b_c_d.png'],
    ['what?\n.png', 'what__.png'],
    ['half\ud800.png', 'half_.png'],
    ['.hidden.png', 'hidden.png'],
    ['...png', 'picture.png'],
    ['.png', 'picture.png'],
    ['con.jpg', 'picture-con.jpg'],
    ['nul.cat.jpg', 'picture-nul.cat.jpg'],
    [`${'🐈'.repeat(100)}.webp`, `${'🐈'.repeat(60)}.webp`],
  ])('%j becomes %j', (name, expected) => {
    expect(pictureFileName(name, 'PNG')).toBe(expected);
  });

  it('ends as its contents say, where it does not say it itself', () => {
    expect(pictureFileName('photo', 'PNG')).toBe('photo.png');
    expect(pictureFileName('photo.tmp', 'WebP')).toBe('photo.tmp.webp');
    expect(pictureFileName('', 'JPEG')).toBe('picture.jpg');
    expect(pictureFileName('photo', undefined)).toBe('photo.jpg');
    expect(pictureFileName('Thumbs.db', 'JPEG')).toBe('picture-Thumbs.db.jpg');
  });

  it('is one that is looked at, whatever it was', () => {
    for (const name of [
      '',
      '.',
      '..',
      ' ',
      'desktop.ini',
      '__MACOSX',
      '.png',
      '/',
      '\u0000',
      'CON',
      'a'.repeat(999),
    ]) {
      const made = pictureFileName(name, undefined);
      expect(isPictureName(made) && !isIgnoredName(made), made).toBe(true);
      expect(pictureFileName(made, undefined)).toBe(made);
    }
  });
});

describe('names in a folder', () => {
  it('are told apart by numbers, upper and lower case being the same', () => {
    const taken = new TakenNames(['cat.jpg', 'dog-2.jpg']);
    const names = ['cat.jpg', 'CAT.jpg', 'cat.png', 'cat-2.jpg', 'dog.jpg', 'dog.jpg', 'none', 'none'];
    expect(names.map((name) => taken.take(name))).toEqual([
      'cat-2.jpg',
      'CAT-3.jpg',
      'cat.png',
      'cat-2-2.jpg',
      'dog.jpg',
      'dog-3.jpg',
      'none',
      'none-2',
    ]);
  });

  it('can be very many', () => {
    const taken = new TakenNames();
    const names = Array.from({ length: 20_000 }, () => taken.take('camera.jpg'));
    expect(names.at(-1)).toBe('camera-20000.jpg');
  });
});
