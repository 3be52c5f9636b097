import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/engine/arena.ts';
import { VirtualBuffer } from '../../src/engine/pointer.ts';
import { NO_MARGINS } from '../../src/nn/shape.ts';
import {
  allocateView,
  compactLike,
  isCompact,
  partOf,
  place,
  reshapedView,
  type View,
} from '../../src/nn/view.ts';

describe('allocateView', () => {
  it('lays images out with their margins around them', () => {
    const arena = new Arena(64);
    const margins = { top: 1, left: 2, bottom: 3, right: 4 };
    const view = allocateView(arena, 2, [3, 4, 5], margins);
    const row = (4 + 2 + 4) * 5 * 4;
    expect(view).toEqual({
      address: 64 + row + 2 * 20,
      image: (3 + 1 + 3) * row,
      row,
      pixel: 20,
      height: 3,
      width: 4,
      channels: 5,
      margins,
    });
    expect(arena.bytes).toBeGreaterThanOrEqual(64 + 2 * 7 * row);
  });

  it('takes vectors as images of one pixel', () => {
    const view = allocateView(new Arena(0), 3, [10]);
    expect(view).toEqual({
      address: 0,
      image: 40,
      row: 40,
      pixel: 40,
      height: 1,
      width: 1,
      channels: 10,
      margins: NO_MARGINS,
    });
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
      margins: NO_MARGINS,
    });
  });

  it('is impossible with margins', () => {
    const view = allocateView(new Arena(0), 1, [2, 2, 1], { top: 0, left: 0, bottom: 1, right: 0 });
    expect(() => reshapedView(view, [4])).toThrow('A view with margins cannot be reshaped.');
  });
});

describe('parts of views', () => {
  const address = { buffer: new VirtualBuffer(4096), offset: 256 };
  const view: View = {
    ...allocateView(new Arena(0), 2, [3, 4, 5], { top: 1, left: 1, bottom: 1, right: 1 }),
    address,
  };

  it.each([
    [0, 2, 1, { height: 1 }, 2 * view.row],
    [1, 3, 1, { width: 1 }, 3 * 20],
    [2, 1, 4, { channels: 4 }, 4],
  ])('begin along axis %i at %i and are %i long', (axis, offset, extent, changed, bytes) => {
    expect(partOf(view, axis, offset, extent)).toEqual({
      ...view,
      ...changed,
      margins: NO_MARGINS,
      address: { buffer: address.buffer, offset: 256 + bytes },
    });
  });

  it('are compact only without anything in between', () => {
    expect(isCompact(view)).toBe(false);
    expect(isCompact(compactLike(view, 64))).toBe(true);
    expect(isCompact(partOf(compactLike(view, 64), 2, 0, 4))).toBe(false);
    expect(compactLike(view, 64)).toMatchObject({ address: 64, image: 240, row: 80, pixel: 20 });
  });

  it('are named as kernels have them', () => {
    expect(place('dOutput', view)).toEqual({
      dOutput: address,
      dOutputImage: view.image,
      dOutputRow: view.row,
    });
  });
});
