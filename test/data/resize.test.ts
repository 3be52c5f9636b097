import { describe, expect, it } from 'vitest';
import { resizeArea } from '../../src/data/resize.ts';

const mean = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function noise(length: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

/** The definition, pixel by pixel: what lies under each, in units of 1/(from·to) of both axes. */
function resizedByDefinition(
  source: Uint8Array,
  [fromWidth, fromHeight]: readonly [number, number],
  channels: number,
  [toWidth, toHeight]: readonly [number, number],
): number[] {
  const covered = (i: number, from: number, to: number, pixel: number) =>
    BigInt(Math.max(0, Math.min((i + 1) * to, (pixel + 1) * from) - Math.max(i * to, pixel * from)));
  const result: number[] = [];
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0n;
        for (let row = 0; row < fromHeight; row++) {
          for (let column = 0; column < fromWidth; column++) {
            const share = covered(row, fromHeight, toHeight, y) * covered(column, fromWidth, toWidth, x);
            sum += share * BigInt(source[(row * fromWidth + column) * channels + c]!);
          }
        }
        const whole = BigInt(fromWidth * fromHeight);
        result.push(Number((2n * sum + whole) / (2n * whole)));
      }
    }
  }
  return result;
}

describe('resizeArea', () => {
  it.each<[from: readonly [number, number], to: readonly [number, number]]>([
    [
      [13, 7],
      [5, 3],
    ],
    [
      [7, 13],
      [7, 4],
    ],
    [
      [5, 4],
      [13, 9],
    ],
    [
      [16, 12],
      [4, 3],
    ],
    [
      [17, 1],
      [3, 5],
    ],
    [
      [1, 9],
      [2, 8],
    ],
  ])('is exact, from %j to %j', (from, to) => {
    for (const channels of [1, 2, 3, 4]) {
      const source = noise(from[0] * from[1] * channels);
      const resized = resizeArea(source, ...from, channels, ...to);
      expect(Array.from(resized)).toEqual(resizedByDefinition(source, from, channels, to));
    }
  });

  it('averages whole blocks', () => {
    // prettier-ignore
    const source = Uint8Array.of(
      0, 10, 100, 100,
      20, 30, 100, 104,
    );
    expect(Array.from(resizeArea(source, 4, 2, 1, 2, 1))).toEqual([15, 101]);
  });

  it('weights partly covered pixels by the covered fraction', () => {
    // Each result pixel is 1.5 source pixels wide: (0·1 + 60·½)/1.5 = 20 and (60·½ + 240·1)/1.5 = 180.
    expect(Array.from(resizeArea(Uint8Array.of(0, 60, 240), 3, 1, 1, 2, 1))).toEqual([20, 180]);
    expect(Array.from(resizeArea(Uint8Array.of(0, 60, 240), 1, 3, 1, 1, 2))).toEqual([20, 180]);
    // Both axes at once: weights 1, ½, ½ and ¼ of a square of 2.25: (9·1 + 18·½ + 36·½ + 72·¼)/2.25 = 24.
    const source = Uint8Array.of(9, 18, 0, 36, 72, 0, 0, 0, 0);
    expect(resizeArea(source, 3, 3, 1, 2, 2)[0]).toBe(24);
  });

  it('enlarges: whole factors repeat pixels, others blend at the edges', () => {
    expect(Array.from(resizeArea(Uint8Array.of(1, 2), 2, 1, 1, 4, 2))).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
    // 2 pixels over 3: the middle one lies half on each.
    expect(Array.from(resizeArea(Uint8Array.of(10, 40), 2, 1, 1, 3, 1))).toEqual([10, 25, 40]);
  });

  it('leaves out what lies between the pixels', () => {
    const rgba = noise(13 * 7 * 4);
    for (const channels of [1, 2, 3]) {
      const chosen = rgba.filter((_, i) => i % 4 < channels);
      expect(resizeArea(rgba, 13, 7, channels, 5, 3, 4)).toEqual(resizeArea(chosen, 13, 7, channels, 5, 3));
    }
  });

  it('rounds halves up', () => {
    expect(Array.from(resizeArea(Uint8Array.of(0, 1, 254, 255), 4, 1, 1, 2, 1))).toEqual([1, 255]);
  });

  it('keeps channels apart', () => {
    const source = Uint8Array.of(0, 100, 200, 10, 110, 210);
    expect(Array.from(resizeArea(source, 2, 1, 3, 1, 1))).toEqual([5, 105, 205]);
  });

  it('gives a copy when the sizes are equal', () => {
    const source = noise(13 * 7 * 3);
    const result = resizeArea(source, 13, 7, 3, 13, 7);
    expect(result).toEqual(source);
    expect(result.buffer).not.toBe(source.buffer);
  });

  it('leaves a uniform image uniform at every size', () => {
    for (let size = 1; size <= 40; size++) {
      const result = resizeArea(new Uint8Array(17 * 23).fill(201), 17, 23, 1, size, 41 - size);
      expect(new Set(result)).toEqual(new Set([201]));
    }
  });

  it.each([
    [64, 64, 32, 32],
    [97, 61, 32, 32],
    [33, 31, 32, 32],
    [500, 3, 32, 32],
    [5, 7, 32, 32],
  ])('keeps the mean of %d×%d at %d×%d', (sourceWidth, sourceHeight, width, height) => {
    const source = noise(sourceWidth * sourceHeight);
    const result = resizeArea(source, sourceWidth, sourceHeight, 1, width, height);
    // Roundings are independent, with a standard deviation of 1/√12 each, allowed five of them here. Rounding halves
    // up adds at most ⅛ on average, which is what it adds to the means of 2×2 pixels (0, −¼, ½, ¼).
    expect(Math.abs(mean(result) - mean(source))).toBeLessThan(1 / 8 + 5 * Math.sqrt(1 / 12 / result.length));
  });

  it('refuses sizes that make no sense', () => {
    expect(() => resizeArea(new Uint8Array(4), 2, 2, 1, 0, 1)).toThrow('width is 0');
    expect(() => resizeArea(new Uint8Array(4), 2, 2, 1, 1.5, 1)).toThrow('width is 1.5');
    expect(() => resizeArea(new Uint8Array(5), 2, 2, 1, 1, 1)).toThrow(
      '2×2 pixels of 1 channels are 4 values',
    );
  });
});
