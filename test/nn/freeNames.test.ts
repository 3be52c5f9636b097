import { expect, it } from 'vitest';
import { FreeNames } from '../../src/nn/freeNames.ts';

it('gives each name once, and the first number that is free', () => {
  const names = new FreeNames(['a', 'a_2']);
  expect(['a', 'a', 'a', 'b', 'b', 'a_1'].map((wanted) => names.claim(wanted))).toEqual([
    'a_1',
    'a_3',
    'a_4',
    'b',
    'b_1',
    'a_1_1',
  ]);
  expect([names.has('b_1'), names.has('b_2')]).toEqual([true, false]);
});
