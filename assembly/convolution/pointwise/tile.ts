/**
 * The register tile of a pointwise convolution: four pixels, read where they lie, times panels of 8 columns. That nothing is
 * packed costs three additions a round, which the processor has time for beside eight multiply-adds. See gemm/gemm.ts for
 * why the loop is not unrolled: by two it spills and takes twice as long.
 */
import { clamped, multiplyAdd } from '../../simd';

/** How many terms are summed up from zero before they are added to the rest: short sums are accurate ones. */
export const LONGEST_SUM: i32 = 1024;

/**
 * c[i][j] = min(ceiling, max(floor, bias[j] + Σ a[i][k] · b[k][j])) for 4 pixels i and the columns j of some panels.
 *
 * Pixels may coincide: all sums are read before any is written.
 * @param a      the first pixel of the input, [depth] float32
 * @param a1,a2,a3  bytes from it to the other three
 * @param panel  the first panel: [8 biases][depth][8]
 * @param panels how many there are
 * @param c      the first pixel of the output, at the first panel's first column; between sums longer than LONGEST_SUM
 *               it keeps what has been summed
 * @param c1,c2,c3  bytes from it to the other three
 */
export function multiplyPixels(
  a: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  panel: usize,
  panels: i32,
  depth: i32,
  c: usize,
  c1: usize,
  c2: usize,
  c3: usize,
  floor: f32,
  ceiling: f32,
): void {
  const last = c + ((<usize>panels) << 5);
  while (c < last) {
    let left = depth;
    let pixel = a;
    let b = panel + 32;
    // What the sums are added to: the biases at first, then what there is.
    let base = panel;
    let base1: usize = 0;
    let base2: usize = 0;
    let base3: usize = 0;
    do {
      const end = b + ((<usize>min(left, LONGEST_SUM)) << 5);
      let c00 = f32x4.splat(0);
      let c01 = f32x4.splat(0);
      let c10 = f32x4.splat(0);
      let c11 = f32x4.splat(0);
      let c20 = f32x4.splat(0);
      let c21 = f32x4.splat(0);
      let c30 = f32x4.splat(0);
      let c31 = f32x4.splat(0);
      while (b < end) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        const p0 = v128.load32_splat(pixel);
        c00 = multiplyAdd(p0, b0, c00);
        c01 = multiplyAdd(p0, b1, c01);
        const p1 = v128.load32_splat(pixel + a1);
        c10 = multiplyAdd(p1, b0, c10);
        c11 = multiplyAdd(p1, b1, c11);
        const p2 = v128.load32_splat(pixel + a2);
        c20 = multiplyAdd(p2, b0, c20);
        c21 = multiplyAdd(p2, b1, c21);
        const p3 = v128.load32_splat(pixel + a3);
        c30 = multiplyAdd(p3, b0, c30);
        c31 = multiplyAdd(p3, b1, c31);
        pixel += 4;
        b += 32;
      }
      left -= LONGEST_SUM;
      c00 = f32x4.add(c00, v128.load(base));
      c01 = f32x4.add(c01, v128.load(base, 16));
      c10 = f32x4.add(c10, v128.load(base + base1));
      c11 = f32x4.add(c11, v128.load(base + base1, 16));
      c20 = f32x4.add(c20, v128.load(base + base2));
      c21 = f32x4.add(c21, v128.load(base + base2, 16));
      c30 = f32x4.add(c30, v128.load(base + base3));
      c31 = f32x4.add(c31, v128.load(base + base3, 16));
      const low = f32x4.splat(left > 0 ? -Infinity : floor);
      const high = f32x4.splat(left > 0 ? Infinity : ceiling);
      v128.store(c, clamped(c00, low, high));
      v128.store(c, clamped(c01, low, high), 16);
      v128.store(c + c1, clamped(c10, low, high));
      v128.store(c + c1, clamped(c11, low, high), 16);
      v128.store(c + c2, clamped(c20, low, high));
      v128.store(c + c2, clamped(c21, low, high), 16);
      v128.store(c + c3, clamped(c30, low, high));
      v128.store(c + c3, clamped(c31, low, high), 16);
      base = c;
      base1 = c1;
      base2 = c2;
      base3 = c3;
    } while (left > 0);
    panel = b;
    c += 32;
  }
}
