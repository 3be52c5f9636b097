import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { size, windowGeometry } from '../../src/nn/shape.ts';

describe('windowGeometry', () => {
  // [size, window, stride] → [outputs, before, behind] of one axis, as TensorFlow's documentation of SAME has it: the
  // total is max(window − (size mod stride or stride), 0), the smaller half in front.
  it.each([
    [
      [32, 3, 1],
      [32, 1, 1],
    ],
    [
      [32, 2, 1],
      [32, 0, 1],
    ],
    [
      [32, 4, 1],
      [32, 1, 2],
    ],
    [
      [32, 3, 2],
      [16, 0, 1],
    ],
    [
      [31, 3, 2],
      [16, 1, 1],
    ],
    [
      [224, 7, 2],
      [112, 2, 3],
    ],
    [
      [5, 2, 3],
      [2, 0, 0],
    ],
    [
      [7, 3, 3],
      [3, 1, 1],
    ],
    [
      [5, 1, 2],
      [3, 0, 0],
    ],
    [
      [4, 1, 3],
      [2, 0, 0],
    ],
    [
      [1, 7, 1],
      [1, 3, 3],
    ],
    [
      [2, 4, 3],
      [1, 1, 1],
    ],
  ])('same: %j → %j', ([extent, window, stride], [outputs, before, behind]) => {
    const across = windowGeometry([1, extent!], [1, window!], [1, stride!], 'same', 'x');
    expect(across).toEqual({
      height: 1,
      width: outputs,
      margins: { top: 0, bottom: 0, left: before, right: behind },
    });
    const down = windowGeometry([extent!, 1], [window!, 1], [stride!, 1], 'same', 'x');
    expect(down).toEqual({
      height: outputs,
      width: 1,
      margins: { top: before, bottom: behind, left: 0, right: 0 },
    });
  });

  it.each([
    [[32, 3, 1], 30],
    [[32, 3, 2], 15],
    [[7, 2, 2], 3],
    [[7, 7, 3], 1],
    [[8, 3, 3], 2],
  ])('valid: %j → %i', ([extent, window, stride], outputs) => {
    expect(windowGeometry([extent!, extent!], [window!, window!], [stride!, stride!], 'valid', 'x')).toEqual({
      height: outputs,
      width: outputs,
      margins: { top: 0, left: 0, bottom: 0, right: 0 },
    });
  });

  // As PyTorch and ONNX have it: floor((before + size + behind − window) / stride) + 1.
  it.each([
    [[7, 3, 2], [1, 1], 4, 1],
    [[7, 3, 2], [0, 1], 3, 0],
    [[6, 3, 2], [1, 1], 3, 0],
    [[6, 3, 2], [0, 2], 3, 1],
    [[5, 3, 1], [4, 6], 13, 6],
    [[5, 1, 2], [0, 2], 4, 2],
    [[2, 7, 3], [5, 5], 2, 3],
    [[5, 2, 3], [1, 2], 3, 2],
  ] as const)('sizes: %j in %j → %i', ([extent, window, stride], [before, behind], outputs, read) => {
    const none = [0, 0] as const;
    const side = [before, behind] as const;
    expect(windowGeometry([1, extent], [1, window], [1, stride], [none, side], 'x')).toEqual({
      height: 1,
      width: outputs,
      margins: { top: 0, bottom: 0, left: before, right: read },
    });
    expect(windowGeometry([extent, 1], [window, 1], [stride, 1], [side, none], 'x')).toEqual({
      height: outputs,
      width: 1,
      margins: { top: before, bottom: read, left: 0, right: 0 },
    });
  });

  it('counts the reach of taps that are apart', () => {
    const border = [
      [2, 1],
      [0, 4],
    ] as const;
    expect(windowGeometry([6, 6], [3, 3], [1, 1], border, 'x', [3, 2])).toEqual({
      height: 3,
      width: 6,
      margins: { top: 2, bottom: 1, left: 0, right: 4 },
    });
  });

  it('refuses more zeros than memory has room for', () => {
    const wide = [
      [40_000, 0],
      [30_000, 0],
    ] as const;
    const pad = (): unknown => windowGeometry([8, 8, 1], [3, 3], [20_000, 20_000], wide, 'conv2d_3');
    expect(pad).toThrow(OptionError);
    expect(pad).toThrow('Layer "conv2d_3": its input and the zeros around it are 40008×30008×1 numbers');
  });

  it('names the layer into which a window does not fit, and says what to do', () => {
    const shrink = (): unknown => windowGeometry([2, 5, 8], [3, 3], [1, 1], 'valid', 'conv2d_3');
    expect(shrink).toThrow(OptionError);
    expect(shrink).toThrow(
      'Layer "conv2d_3": a window of 3×3 does not fit into its input of 2×5. ' +
        'Use a smaller window, padding "same", or fewer poolings before it.',
    );
    expect(() => windowGeometry([5, 2, 8], [3, 3], [1, 1], 'valid', 'x')).toThrow('5×2');
  });
});

describe('size', () => {
  it('is the product', () => {
    expect(size([3, 4, 5])).toBe(60);
    expect(size([])).toBe(1);
  });
});
