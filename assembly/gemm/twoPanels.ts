import { multiplyAdd } from '../simd';

/**
 * Two tiles side by side, each as `multiplyFreshTile` and with the same bits: the columns of two panels of B. Its sixteen
 * sums spill, unless V8 makes eight registers of 256 bits of them: for the wide builds only. Six loads for eight products
 * leave the multipliers busy, where the nine of `multiplyTwoTiles` do not.
 * @param bStep  bytes from one panel of B to the other
 * @param cStep  bytes from one tile of results to the other
 */
export function multiplyTwoPanels(
  a: usize,
  b: usize,
  bStep: usize,
  depth: i32,
  c: usize,
  cStep: usize,
): void {
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
  const end = b + ((<usize>depth) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b + bStep);
    const b3 = v128.load(b + bStep, 16);
    const a0 = v128.load32_splat(a);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    c02 = multiplyAdd(a0, b2, c02);
    c03 = multiplyAdd(a0, b3, c03);
    const a1 = v128.load32_splat(a, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    c12 = multiplyAdd(a1, b2, c12);
    c13 = multiplyAdd(a1, b3, c13);
    const a2 = v128.load32_splat(a, 8);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    c22 = multiplyAdd(a2, b2, c22);
    c23 = multiplyAdd(a2, b3, c23);
    const a3 = v128.load32_splat(a, 12);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    c32 = multiplyAdd(a3, b2, c32);
    c33 = multiplyAdd(a3, b3, c33);
    a += 16;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
  c += cStep;
  v128.store(c, c02);
  v128.store(c, c03, 16);
  v128.store(c, c12, 32);
  v128.store(c, c13, 48);
  v128.store(c, c22, 64);
  v128.store(c, c23, 80);
  v128.store(c, c32, 96);
  v128.store(c, c33, 112);
}
