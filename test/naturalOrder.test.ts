import fc from 'fast-check';
import { expect, it } from 'vitest';
import { naturalOrder } from '../src/naturalOrder.ts';

it('sorts as people do', () => {
  const sorted = [
    '',
    '01.png',
    '1.png',
    '2.png',
    '10.png',
    '99999999999999999999.png',
    '100000000000000000000.png',
    'A.png',
    'a2b2.png',
    'a2b10.png',
    'a10b1.png',
    'a.png',
    'b',
    'é',
  ];
  expect(sorted.toReversed().sort(naturalOrder)).toEqual(sorted);
});

it('is an order: the same wherever one begins', () => {
  const name = fc.stringMatching(/^[a0-9.]{0,6}$/);
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      expect(Math.sign(naturalOrder(a, b))).toBe(-Math.sign(naturalOrder(b, a)) + 0);
      expect(naturalOrder(a, b) === 0).toBe(a === b);
      if (naturalOrder(a, b) <= 0 && naturalOrder(b, c) <= 0)
        expect(naturalOrder(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});
