import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/engine/arena.ts';
import { allocateView, reshapedView } from '../../src/nn/view.ts';

describe('allocateView', () => {
  it('lays images out with their margins around them', () => {
    const arena = new Arena(64);
    const view = allocateView(arena, 2, [3, 4, 5], { top: 1, left: 2, bottom: 3, right: 4 });
    const row = (4 + 2 + 4) * 5 * 4;
    expect(view).toEqual({
      address: 64 + row + 2 * 20,
      image: (3 + 1 + 3) * row,
      row,
      pixel: 20,
      height: 3,
      width: 4,
      channels: 5,
    });
    expect(arena.bytes).toBeGreaterThanOrEqual(64 + 2 * 7 * row);
  });

  it('takes vectors as images of one pixel', () => {
    const view = allocateView(new Arena(0), 3, [10]);
    expect(view).toEqual({ address: 0, image: 40, row: 40, pixel: 40, height: 1, width: 1, channels: 10 });
  });
});

describe('reshapedView', () => {
  it('is the same memory', () => {
    const view = allocateView(new Arena(128), 2, [3, 4, 5]);
    expect(reshapedView(view, [60])).toEqual({
      address: 128,
      image: 240,
      row: 240,
      pixel: 240,
      height: 1,
      width: 1,
      channels: 60,
    });
  });

  it('is impossible with margins', () => {
    const view = allocateView(new Arena(0), 1, [2, 2, 1], { top: 0, left: 0, bottom: 1, right: 0 });
    expect(() => reshapedView(view, [4])).toThrow('A view with margins cannot be reshaped.');
  });
});
