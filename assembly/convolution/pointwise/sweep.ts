/** The sweep of a pointwise filter's gradient over panels of dOutput: narrow, and by pairs of panels for the wide builds. */
import { multiplyAdd } from '../../simd';

/**
 * c[i][j] = base[i][j] + Σ a[p][i] · b[p][j] for four channels i of the input and the columns j of some panels.
 * @param a      the four channels of the first pixel, `aStep` bytes from those of the next
 * @param b      panels of [pixels][8]
 * @param c      rows are `rowBytes` apart
 * @param base   what there is already: rows are `baseRow` apart, panels `baseColumn`
 */
export function sweepPanels(
  a: usize,
  aStep: usize,
  b: usize,
  pixels: i32,
  panels: i32,
  c: usize,
  rowBytes: usize,
  base: usize,
  baseRow: usize,
  baseColumn: usize,
): void {
  const panelBytes = (<usize>pixels) << 5;
  const last = c + ((<usize>panels) << 5);
  while (c < last) {
    const end = b + panelBytes;
    let pixel = a;
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
      const a0 = v128.load32_splat(pixel);
      c00 = multiplyAdd(a0, b0, c00);
      c01 = multiplyAdd(a0, b1, c01);
      const a1 = v128.load32_splat(pixel, 4);
      c10 = multiplyAdd(a1, b0, c10);
      c11 = multiplyAdd(a1, b1, c11);
      const a2 = v128.load32_splat(pixel, 8);
      c20 = multiplyAdd(a2, b0, c20);
      c21 = multiplyAdd(a2, b1, c21);
      const a3 = v128.load32_splat(pixel, 12);
      c30 = multiplyAdd(a3, b0, c30);
      c31 = multiplyAdd(a3, b1, c31);
      pixel += aStep;
      b += 32;
    }
    const base0 = base;
    c00 = f32x4.add(c00, v128.load(base0));
    c01 = f32x4.add(c01, v128.load(base0, 16));
    const base1 = base0 + baseRow;
    c10 = f32x4.add(c10, v128.load(base1));
    c11 = f32x4.add(c11, v128.load(base1, 16));
    const base2 = base1 + baseRow;
    c20 = f32x4.add(c20, v128.load(base2));
    c21 = f32x4.add(c21, v128.load(base2, 16));
    const base3 = base2 + baseRow;
    c30 = f32x4.add(c30, v128.load(base3));
    c31 = f32x4.add(c31, v128.load(base3, 16));
    const row0 = c;
    v128.store(row0, c00);
    v128.store(row0, c01, 16);
    const row1 = row0 + rowBytes;
    v128.store(row1, c10);
    v128.store(row1, c11, 16);
    const row2 = row1 + rowBytes;
    v128.store(row2, c20);
    v128.store(row2, c21, 16);
    const row3 = row2 + rowBytes;
    v128.store(row3, c30);
    v128.store(row3, c31, 16);
    c += 32;
    base += baseColumn;
  }
}

/** As sweepPanels and with the same bits, on an even number of panels: see wide.ts for the variables. */
export function sweepPairs(
  a: usize,
  aStep: usize,
  b: usize,
  pixels: i32,
  panels: i32,
  c: usize,
  rowBytes: usize,
  base: usize,
  baseRow: usize,
  baseColumn: usize,
): void {
  const panelBytes = (<usize>pixels) << 5;
  const last = c + ((<usize>panels) << 5);
  while (c < last) {
    const end = b + panelBytes;
    let pixel = a;
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
      const b2 = v128.load(b + panelBytes);
      const b3 = v128.load(b + panelBytes, 16);
      const a0 = v128.load32_splat(pixel);
      c00 = multiplyAdd(a0, b0, c00);
      c01 = multiplyAdd(a0, b1, c01);
      c02 = multiplyAdd(a0, b2, c02);
      c03 = multiplyAdd(a0, b3, c03);
      const a1 = v128.load32_splat(pixel, 4);
      c10 = multiplyAdd(a1, b0, c10);
      c11 = multiplyAdd(a1, b1, c11);
      c12 = multiplyAdd(a1, b2, c12);
      c13 = multiplyAdd(a1, b3, c13);
      const a2 = v128.load32_splat(pixel, 8);
      c20 = multiplyAdd(a2, b0, c20);
      c21 = multiplyAdd(a2, b1, c21);
      c22 = multiplyAdd(a2, b2, c22);
      c23 = multiplyAdd(a2, b3, c23);
      const a3 = v128.load32_splat(pixel, 12);
      c30 = multiplyAdd(a3, b0, c30);
      c31 = multiplyAdd(a3, b1, c31);
      c32 = multiplyAdd(a3, b2, c32);
      c33 = multiplyAdd(a3, b3, c33);
      pixel += aStep;
      b += 32;
    }
    const base0 = base;
    c00 = f32x4.add(c00, v128.load(base0));
    c01 = f32x4.add(c01, v128.load(base0, 16));
    const base1 = base0 + baseRow;
    c10 = f32x4.add(c10, v128.load(base1));
    c11 = f32x4.add(c11, v128.load(base1, 16));
    const base2 = base1 + baseRow;
    c20 = f32x4.add(c20, v128.load(base2));
    c21 = f32x4.add(c21, v128.load(base2, 16));
    const base3 = base2 + baseRow;
    c30 = f32x4.add(c30, v128.load(base3));
    c31 = f32x4.add(c31, v128.load(base3, 16));
    const next0 = base + baseColumn;
    c02 = f32x4.add(c02, v128.load(next0));
    c03 = f32x4.add(c03, v128.load(next0, 16));
    const next1 = next0 + baseRow;
    c12 = f32x4.add(c12, v128.load(next1));
    c13 = f32x4.add(c13, v128.load(next1, 16));
    const next2 = next1 + baseRow;
    c22 = f32x4.add(c22, v128.load(next2));
    c23 = f32x4.add(c23, v128.load(next2, 16));
    const next3 = next2 + baseRow;
    c32 = f32x4.add(c32, v128.load(next3));
    c33 = f32x4.add(c33, v128.load(next3, 16));
    const row0 = c;
    v128.store(row0, c00);
    v128.store(row0, c01, 16);
    const row1 = row0 + rowBytes;
    v128.store(row1, c10);
    v128.store(row1, c11, 16);
    const row2 = row1 + rowBytes;
    v128.store(row2, c20);
    v128.store(row2, c21, 16);
    const row3 = row2 + rowBytes;
    v128.store(row3, c30);
    v128.store(row3, c31, 16);
    const nextRow0 = c + 32;
    v128.store(nextRow0, c02);
    v128.store(nextRow0, c03, 16);
    const nextRow1 = nextRow0 + rowBytes;
    v128.store(nextRow1, c12);
    v128.store(nextRow1, c13, 16);
    const nextRow2 = nextRow1 + rowBytes;
    v128.store(nextRow2, c22);
    v128.store(nextRow2, c23, 16);
    const nextRow3 = nextRow2 + rowBytes;
    v128.store(nextRow3, c32);
    v128.store(nextRow3, c33, 16);
    c += 64;
    base += 2 * baseColumn;
    b += panelBytes;
  }
}
