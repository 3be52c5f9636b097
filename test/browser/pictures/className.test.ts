import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { classNameProblem } from '../../../src/browser/pictures/className.ts';
import { listPictures } from '../../../src/data/pictures/pictureFolder.ts';

const FINE = [
  'cat',
  'Cats and dogs',
  'über 🐈‍⬛',
  'train',
  'val',
  'test',
  'thumbs',
  'a.b',
  'null',
  '__proto__',
  'constructor',
  '猫'.repeat(85),
  'x'.repeat(100),
];

describe('the name of a class', () => {
  it.each(FINE)('may be %s', (name) => {
    expect(classNameProblem(name, ['other'])).toBeUndefined();
  });

  it.each([
    ['', 'needs a name'],
    ['   ', 'needs a name'],
    ['a/b', '/'],
    ['a\\b', '\\'],
    ['a:b', ':'],
    ['*', '*'],
    ['what?', '?'],
    ['"x"', '"'],
    ['<x', '<'],
    ['x>', '>'],
    ['a|b', '|'],
    ['a\nb', 'cannot be seen'],
    ['a\u0000b', 'cannot be seen'],
    ['a\u2028b', 'cannot be seen'],
    ['a\ud800', 'cannot be seen'],
    ['.hidden', 'hidden'],
    ['..', 'hidden'],
    ['end.', 'end with a space or a dot'],
    ['end ', 'end with a space or a dot'],
    [' begin', 'begin with a space'],
    ['x'.repeat(101), '100 characters'],
    ['猫'.repeat(86), '100 characters'],
    ['Thumbs.db', 'another meaning'],
    ['__MACOSX', 'another meaning'],
    ['desktop.ini', 'another meaning'],
    ['con', 'another meaning'],
    ['LPT1', 'another meaning'],
    ['nul.cats', 'another meaning'],
  ])('may not be %j', (name, problem) => {
    expect(classNameProblem(name, [])).toContain(problem);
  });

  it('is no other’s, in whatever case and form', () => {
    expect(classNameProblem('Cat', ['dog', 'cat'])).toBe('There is a class “cat” already.');
    expect(classNameProblem('caf\u00e9', ['cafe\u0301'])).toContain('already');
    expect(classNameProblem('cats', ['cat'])).toBeUndefined();
  });

  it('is that of a folder for the command line', async () => {
    const root = await mkdtemp(join(tmpdir(), 'simdnet-classes-'));
    onTestFinished(() => rm(root, { recursive: true }));
    for (const name of FINE) {
      await mkdir(join(root, name));
      await writeFile(join(root, name, 'a.jpg'), 'x');
    }
    expect((await listPictures(root)).classNames).toEqual([...FINE].sort());
  });
});
