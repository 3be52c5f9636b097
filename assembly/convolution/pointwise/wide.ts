/** The tile of tile.ts on two panels at once, for the wide builds only: see gemm/twoPanels.ts. */
import { clamped, multiplyAdd } from '../../simd';
import { LONGEST_SUM } from './tile';

/**
 * As multiplyPixels and with the same bits, on an even number of panels. V8 joins two vectors only where both are at one
 * and the same address but for a constant: each address that is read or written twice is a variable.
 */
export function multiplyPixelsByPairs(
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
  const step = (<usize>depth + 1) << 5;
  while (c < last) {
    let left = depth;
    let pixel = a;
    let b = panel + 32;
    let base = panel;
    let baseStep = step;
    let base1: usize = 0;
    let base2: usize = 0;
    let base3: usize = 0;
    do {
      const end = b + ((<usize>min(left, LONGEST_SUM)) << 5);
      let c00 = f32x4.splat(0);
      let c01 = f32x4.splat(0);
      let c02 = f32x4.splat(0);
      let c03 = f32x4.splat(0);
      let c10 = f32x4.splat(0);
      let c11 = f32x4.splat(0);
      let c12 = f32x4.splat(0);
      let c13 = f32x4.splat(0);
      let c20 = f32x4.splat(0);
      let c21 = f32x4.splat(0);
      let c22 = f32x4.splat(0);
      let c23 = f32x4.splat(0);
      let c30 = f32x4.splat(0);
      let c31 = f32x4.splat(0);
      let c32 = f32x4.splat(0);
      let c33 = f32x4.splat(0);
      while (b < end) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        const b2 = v128.load(b + step);
        const b3 = v128.load(b + step, 16);
        const p0 = v128.load32_splat(pixel);
        c00 = multiplyAdd(p0, b0, c00);
        c01 = multiplyAdd(p0, b1, c01);
        c02 = multiplyAdd(p0, b2, c02);
        c03 = multiplyAdd(p0, b3, c03);
        const p1 = v128.load32_splat(pixel + a1);
        c10 = multiplyAdd(p1, b0, c10);
        c11 = multiplyAdd(p1, b1, c11);
        c12 = multiplyAdd(p1, b2, c12);
        c13 = multiplyAdd(p1, b3, c13);
        const p2 = v128.load32_splat(pixel + a2);
        c20 = multiplyAdd(p2, b0, c20);
        c21 = multiplyAdd(p2, b1, c21);
        c22 = multiplyAdd(p2, b2, c22);
        c23 = multiplyAdd(p2, b3, c23);
        const p3 = v128.load32_splat(pixel + a3);
        c30 = multiplyAdd(p3, b0, c30);
        c31 = multiplyAdd(p3, b1, c31);
        c32 = multiplyAdd(p3, b2, c32);
        c33 = multiplyAdd(p3, b3, c33);
        pixel += 4;
        b += 32;
      }
      left -= LONGEST_SUM;
      const baseRow0 = base;
      c00 = f32x4.add(c00, v128.load(baseRow0));
      c01 = f32x4.add(c01, v128.load(baseRow0, 16));
      const baseRow1 = base + base1;
      c10 = f32x4.add(c10, v128.load(baseRow1));
      c11 = f32x4.add(c11, v128.load(baseRow1, 16));
      const baseRow2 = base + base2;
      c20 = f32x4.add(c20, v128.load(baseRow2));
      c21 = f32x4.add(c21, v128.load(baseRow2, 16));
      const baseRow3 = base + base3;
      c30 = f32x4.add(c30, v128.load(baseRow3));
      c31 = f32x4.add(c31, v128.load(baseRow3, 16));
      const baseNext0 = base + baseStep;
      c02 = f32x4.add(c02, v128.load(baseNext0));
      c03 = f32x4.add(c03, v128.load(baseNext0, 16));
      const baseNext1 = base + base1 + baseStep;
      c12 = f32x4.add(c12, v128.load(baseNext1));
      c13 = f32x4.add(c13, v128.load(baseNext1, 16));
      const baseNext2 = base + base2 + baseStep;
      c22 = f32x4.add(c22, v128.load(baseNext2));
      c23 = f32x4.add(c23, v128.load(baseNext2, 16));
      const baseNext3 = base + base3 + baseStep;
      c32 = f32x4.add(c32, v128.load(baseNext3));
      c33 = f32x4.add(c33, v128.load(baseNext3, 16));
      const low = f32x4.splat(left > 0 ? -Infinity : floor);
      const high = f32x4.splat(left > 0 ? Infinity : ceiling);
      const row0 = c;
      v128.store(row0, clamped(c00, low, high));
      v128.store(row0, clamped(c01, low, high), 16);
      const row1 = c + c1;
      v128.store(row1, clamped(c10, low, high));
      v128.store(row1, clamped(c11, low, high), 16);
      const row2 = c + c2;
      v128.store(row2, clamped(c20, low, high));
      v128.store(row2, clamped(c21, low, high), 16);
      const row3 = c + c3;
      v128.store(row3, clamped(c30, low, high));
      v128.store(row3, clamped(c31, low, high), 16);
      const next0 = c + 32;
      v128.store(next0, clamped(c02, low, high));
      v128.store(next0, clamped(c03, low, high), 16);
      const next1 = c + c1 + 32;
      v128.store(next1, clamped(c12, low, high));
      v128.store(next1, clamped(c13, low, high), 16);
      const next2 = c + c2 + 32;
      v128.store(next2, clamped(c22, low, high));
      v128.store(next2, clamped(c23, low, high), 16);
      const next3 = c + c3 + 32;
      v128.store(next3, clamped(c32, low, high));
      v128.store(next3, clamped(c33, low, high), 16);
      base = c;
      baseStep = 32;
      base1 = c1;
      base2 = c2;
      base3 = c3;
    } while (left > 0);
    panel = b + step;
    c += 64;
  }
}
