import { expect, it } from 'vitest';
import { besideName } from '../../src/formats/besideName.ts';

it.each([
  ['a', 'a'],
  ['a b.bin', 'a b.bin'],
  ['weights/a.bin', 'weights/a.bin'],
  ['./a', 'a'],
  ['././weights/./a', 'weights/a'],
  ['..a/...', '..a/...'],
])('the file %j is called %j', (name, spelling) => {
  expect(besideName(name)).toBe(spelling);
});

it.each([
  '',
  '.',
  './',
  '..',
  '../a',
  'a/../b',
  './../a',
  '/a',
  'a//b',
  'a/',
  'C:a',
  'a\\b',
  'https://a/b',
  'a?b',
  'a#b',
  'a\0',
  'a\nb',
])('%j is no file beside another', (name) => {
  expect(besideName(name)).toBeUndefined();
});
