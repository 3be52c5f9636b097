/**
 * The end of a convolution by Winograd's F(4×4, 3×3): Aᵀ m A of the products of a tile, plus the bias and clamped, or the
 * largest of every 2×2 values of that. Products are [36][4 tiles][8 channels], as winogradCorrelate writes them, and
 * worked on four channels at a time.
 */
import { storeLargest } from '../../pooling/window';
import { larger } from '../../simd';
import { differenceAtA, differenceAtB, output0, output2, output3, SIDE } from './transforms';

/**
 * Stores a tile of 4×4.
 * @param from     the first of 36 frequencies, 128 bytes apart
 * @param row,pixel  bytes from one to the next
 * @param scratch  384 bytes
 */
export function storeOutput(
  from: usize,
  bias: v128,
  floor: f32,
  to: usize,
  row: usize,
  pixel: usize,
  scratch: usize,
): void {
  outputColumns(from, scratch);
  const low = f32x4.splat(floor);
  for (let y = 0; y < SIDE; y++) {
    const m1 = v128.load(scratch, 16);
    const m2 = v128.load(scratch, 32);
    const m3 = v128.load(scratch, 48);
    const m4 = v128.load(scratch, 64);
    const sumA = f32x4.add(m1, m2);
    const sumB = f32x4.add(m3, m4);
    const differenceA = differenceAtA(m1, m2);
    const differenceB = differenceAtB(m3, m4);
    const v0 = output0(v128.load(scratch), sumA, sumB);
    const v1 = f32x4.add(differenceA, differenceB);
    const v2 = output2(sumA, sumB);
    const v3 = output3(differenceA, differenceB, v128.load(scratch, 80));
    v128.store(to, larger(f32x4.add(v0, bias), low));
    v128.store(to + pixel, larger(f32x4.add(v1, bias), low));
    v128.store(to + 2 * pixel, larger(f32x4.add(v2, bias), low));
    v128.store(to + 3 * pixel, larger(f32x4.add(v3, bias), low));
    scratch += 96;
    to += row;
  }
}

/** As {@link storeOutput}, of the largest of every 2×2 values and of their places. */
export function storePooledOutput(
  from: usize,
  bias: v128,
  floor: f32,
  to: usize,
  row: usize,
  pixel: usize,
  winners: usize,
  winnersRow: usize,
  scratch: usize,
): void {
  outputColumns(from, scratch);
  const low = f32x4.splat(floor);
  for (let y = 0; y < SIDE; y += 2) {
    const u1 = v128.load(scratch, 16);
    const u2 = v128.load(scratch, 32);
    const u3 = v128.load(scratch, 48);
    const u4 = v128.load(scratch, 64);
    const uSumA = f32x4.add(u1, u2);
    const uSumB = f32x4.add(u3, u4);
    const uDifferenceA = differenceAtA(u1, u2);
    const uDifferenceB = differenceAtB(u3, u4);
    const l1 = v128.load(scratch, 112);
    const l2 = v128.load(scratch, 128);
    const l3 = v128.load(scratch, 144);
    const l4 = v128.load(scratch, 160);
    const lSumA = f32x4.add(l1, l2);
    const lSumB = f32x4.add(l3, l4);
    const lDifferenceA = differenceAtA(l1, l2);
    const lDifferenceB = differenceAtB(l3, l4);
    storeLargest(
      output0(v128.load(scratch), uSumA, uSumB),
      f32x4.add(uDifferenceA, uDifferenceB),
      output0(v128.load(scratch, 96), lSumA, lSumB),
      f32x4.add(lDifferenceA, lDifferenceB),
      bias,
      low,
      to,
      winners,
    );
    storeLargest(
      output2(uSumA, uSumB),
      output3(uDifferenceA, uDifferenceB, v128.load(scratch, 80)),
      output2(lSumA, lSumB),
      output3(lDifferenceA, lDifferenceB, v128.load(scratch, 176)),
      bias,
      low,
      to + pixel,
      winners + pixel,
    );
    scratch += 192;
    to += row;
    winners += winnersRow;
  }
}

/** Aᵀ m: six columns of six frequencies to four rows of six vectors. */
// @ts-ignore: decorator
@inline
function outputColumns(from: usize, scratch: usize): void {
  for (let x: usize = 0; x < 96; x += 16) {
    const column = from + (x << 3);
    const to = scratch + x;
    const m1 = v128.load(column, 768);
    const m2 = v128.load(column, 1536);
    const m3 = v128.load(column, 2304);
    const m4 = v128.load(column, 3072);
    const sumA = f32x4.add(m1, m2);
    const sumB = f32x4.add(m3, m4);
    const differenceA = differenceAtA(m1, m2);
    const differenceB = differenceAtB(m3, m4);
    v128.store(to, output0(v128.load(column), sumA, sumB));
    v128.store(to, f32x4.add(differenceA, differenceB), 96);
    v128.store(to, output2(sumA, sumB), 192);
    v128.store(to, output3(differenceA, differenceB, v128.load(column, 3840)), 288);
  }
}
