/**
 * The transforms of transforms.ts and output.ts for eight channels at a time, with the same bits, in the
 * order in which V8 finds pairs of vectors to join: loads before stores, neighbours after one another, all in one block.
 * For the wide builds only, since registers of 128 bits do not suffice.
 */
import { storeLargestPair } from '../../pooling/window';
import { larger, multiplyAdd } from '../../simd';
import { A, B, differenceAtA, differenceAtB, output0, output2, output3, SIDE } from './transforms';

/** As transformInput. @param scratch  1,152 bytes */
export function transformWideInput(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 6; x++) inputLine(from + x * pixel, row, scratch + (x << 5), 192);
  for (let y: usize = 0; y < 6; y++) inputLine(scratch + y * 192, 32, to + 6 * y * toStep, toStep);
}

// @ts-ignore: decorator
@inline
function inputLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step);
  const d5 = v128.load(from + 5 * step);
  const e0 = v128.load(from, 16);
  const e1 = v128.load(from + step, 16);
  const e2 = v128.load(from + 2 * step, 16);
  const e3 = v128.load(from + 3 * step, 16);
  const e4 = v128.load(from + 4 * step, 16);
  const e5 = v128.load(from + 5 * step, 16);
  const dEvenA = multiplyAdd(f32x4.splat(-2), d2, d4);
  const dOddA = f32x4.mul(f32x4.splat(A), multiplyAdd(f32x4.splat(-2), d1, d3));
  const dEvenB = multiplyAdd(f32x4.splat(-0.5), d2, d4);
  const dOddB = f32x4.mul(f32x4.splat(B), multiplyAdd(f32x4.splat(-0.5), d1, d3));
  const eEvenA = multiplyAdd(f32x4.splat(-2), e2, e4);
  const eOddA = f32x4.mul(f32x4.splat(A), multiplyAdd(f32x4.splat(-2), e1, e3));
  const eEvenB = multiplyAdd(f32x4.splat(-0.5), e2, e4);
  const eOddB = f32x4.mul(f32x4.splat(B), multiplyAdd(f32x4.splat(-0.5), e1, e3));
  v128.store(to, f32x4.add(multiplyAdd(f32x4.splat(-2.5), d2, d4), d0));
  v128.store(to, f32x4.add(multiplyAdd(f32x4.splat(-2.5), e2, e4), e0), 16);
  v128.store(to + toStep, f32x4.add(dEvenA, dOddA));
  v128.store(to + toStep, f32x4.add(eEvenA, eOddA), 16);
  v128.store(to + 2 * toStep, f32x4.sub(dEvenA, dOddA));
  v128.store(to + 2 * toStep, f32x4.sub(eEvenA, eOddA), 16);
  v128.store(to + 3 * toStep, f32x4.add(dEvenB, dOddB));
  v128.store(to + 3 * toStep, f32x4.add(eEvenB, eOddB), 16);
  v128.store(to + 4 * toStep, f32x4.sub(dEvenB, dOddB));
  v128.store(to + 4 * toStep, f32x4.sub(eEvenB, eOddB), 16);
  v128.store(to + 5 * toStep, f32x4.add(multiplyAdd(f32x4.splat(-2.5), d3, d5), d1));
  v128.store(to + 5 * toStep, f32x4.add(multiplyAdd(f32x4.splat(-2.5), e3, e5), e1), 16);
}

/** As storeOutput. @param bias  of eight channels @param scratch  768 bytes */
export function storeWideOutput(
  from: usize,
  bias: usize,
  floor: f32,
  to: usize,
  row: usize,
  pixel: usize,
  scratch: usize,
): void {
  outputColumns(from, scratch);
  for (let y = 0; y < SIDE; y++) {
    const m0 = v128.load(scratch);
    const m1 = v128.load(scratch, 32);
    const m2 = v128.load(scratch, 64);
    const m3 = v128.load(scratch, 96);
    const m4 = v128.load(scratch, 128);
    const m5 = v128.load(scratch, 160);
    const n0 = v128.load(scratch, 16);
    const n1 = v128.load(scratch, 48);
    const n2 = v128.load(scratch, 80);
    const n3 = v128.load(scratch, 112);
    const n4 = v128.load(scratch, 144);
    const n5 = v128.load(scratch, 176);
    const mBias = v128.load(bias);
    const nBias = v128.load(bias, 16);
    const low = f32x4.splat(floor);
    const mSumA = f32x4.add(m1, m2);
    const mSumB = f32x4.add(m3, m4);
    const mDifferenceA = differenceAtA(m1, m2);
    const mDifferenceB = differenceAtB(m3, m4);
    const nSumA = f32x4.add(n1, n2);
    const nSumB = f32x4.add(n3, n4);
    const nDifferenceA = differenceAtA(n1, n2);
    const nDifferenceB = differenceAtB(n3, n4);
    v128.store(to, larger(f32x4.add(output0(m0, mSumA, mSumB), mBias), low));
    v128.store(to, larger(f32x4.add(output0(n0, nSumA, nSumB), nBias), low), 16);
    v128.store(to + pixel, larger(f32x4.add(f32x4.add(mDifferenceA, mDifferenceB), mBias), low));
    v128.store(to + pixel, larger(f32x4.add(f32x4.add(nDifferenceA, nDifferenceB), nBias), low), 16);
    v128.store(to + 2 * pixel, larger(f32x4.add(output2(mSumA, mSumB), mBias), low));
    v128.store(to + 2 * pixel, larger(f32x4.add(output2(nSumA, nSumB), nBias), low), 16);
    v128.store(to + 3 * pixel, larger(f32x4.add(output3(mDifferenceA, mDifferenceB, m5), mBias), low));
    v128.store(to + 3 * pixel, larger(f32x4.add(output3(nDifferenceA, nDifferenceB, n5), nBias), low), 16);
    scratch += 192;
    to += row;
  }
}

/** As storePooledOutput, likewise. */
export function storeWidePooledOutput(
  from: usize,
  bias: usize,
  floor: f32,
  to: usize,
  row: usize,
  pixel: usize,
  winners: usize,
  winnersRow: usize,
  scratch: usize,
): void {
  outputColumns(from, scratch);
  for (let y = 0; y < SIDE; y += 2) {
    const u0 = v128.load(scratch);
    const u1 = v128.load(scratch, 32);
    const u2 = v128.load(scratch, 64);
    const u3 = v128.load(scratch, 96);
    const u4 = v128.load(scratch, 128);
    const u5 = v128.load(scratch, 160);
    const v0 = v128.load(scratch, 16);
    const v1 = v128.load(scratch, 48);
    const v2 = v128.load(scratch, 80);
    const v3 = v128.load(scratch, 112);
    const v4 = v128.load(scratch, 144);
    const v5 = v128.load(scratch, 176);
    const l0 = v128.load(scratch, 192);
    const l1 = v128.load(scratch, 224);
    const l2 = v128.load(scratch, 256);
    const l3 = v128.load(scratch, 288);
    const l4 = v128.load(scratch, 320);
    const l5 = v128.load(scratch, 352);
    const m0 = v128.load(scratch, 208);
    const m1 = v128.load(scratch, 240);
    const m2 = v128.load(scratch, 272);
    const m3 = v128.load(scratch, 304);
    const m4 = v128.load(scratch, 336);
    const m5 = v128.load(scratch, 368);
    const upperSumA = f32x4.add(u1, u2);
    const upperSumB = f32x4.add(u3, u4);
    const upperDifferenceA = differenceAtA(u1, u2);
    const upperDifferenceB = differenceAtB(u3, u4);
    const nextUpperSumA = f32x4.add(v1, v2);
    const nextUpperSumB = f32x4.add(v3, v4);
    const nextUpperDifferenceA = differenceAtA(v1, v2);
    const nextUpperDifferenceB = differenceAtB(v3, v4);
    const lowerSumA = f32x4.add(l1, l2);
    const lowerSumB = f32x4.add(l3, l4);
    const lowerDifferenceA = differenceAtA(l1, l2);
    const lowerDifferenceB = differenceAtB(l3, l4);
    const nextLowerSumA = f32x4.add(m1, m2);
    const nextLowerSumB = f32x4.add(m3, m4);
    const nextLowerDifferenceA = differenceAtA(m1, m2);
    const nextLowerDifferenceB = differenceAtB(m3, m4);
    storeLargestPair(
      output0(u0, upperSumA, upperSumB),
      f32x4.add(upperDifferenceA, upperDifferenceB),
      output0(l0, lowerSumA, lowerSumB),
      f32x4.add(lowerDifferenceA, lowerDifferenceB),
      v128.load(bias),
      output0(v0, nextUpperSumA, nextUpperSumB),
      f32x4.add(nextUpperDifferenceA, nextUpperDifferenceB),
      output0(m0, nextLowerSumA, nextLowerSumB),
      f32x4.add(nextLowerDifferenceA, nextLowerDifferenceB),
      v128.load(bias, 16),
      f32x4.splat(floor),
      to,
      winners,
    );
    storeLargestPair(
      output2(upperSumA, upperSumB),
      output3(upperDifferenceA, upperDifferenceB, u5),
      output2(lowerSumA, lowerSumB),
      output3(lowerDifferenceA, lowerDifferenceB, l5),
      v128.load(bias),
      output2(nextUpperSumA, nextUpperSumB),
      output3(nextUpperDifferenceA, nextUpperDifferenceB, v5),
      output2(nextLowerSumA, nextLowerSumB),
      output3(nextLowerDifferenceA, nextLowerDifferenceB, m5),
      v128.load(bias, 16),
      f32x4.splat(floor),
      to + pixel,
      winners + pixel,
    );
    scratch += 384;
    to += row;
    winners += winnersRow;
  }
}

/** Aᵀ m: six columns of six frequencies to four rows of six pairs of vectors. */
// @ts-ignore: decorator
@inline
function outputColumns(from: usize, scratch: usize): void {
  for (let x: usize = 0; x < 192; x += 32) {
    const column = from + (x << 2);
    const to = scratch + x;
    const m0 = v128.load(column);
    const m1 = v128.load(column, 768);
    const m2 = v128.load(column, 1536);
    const m3 = v128.load(column, 2304);
    const m4 = v128.load(column, 3072);
    const m5 = v128.load(column, 3840);
    const n0 = v128.load(column, 16);
    const n1 = v128.load(column, 784);
    const n2 = v128.load(column, 1552);
    const n3 = v128.load(column, 2320);
    const n4 = v128.load(column, 3088);
    const n5 = v128.load(column, 3856);
    const mSumA = f32x4.add(m1, m2);
    const mSumB = f32x4.add(m3, m4);
    const mDifferenceA = differenceAtA(m1, m2);
    const mDifferenceB = differenceAtB(m3, m4);
    const nSumA = f32x4.add(n1, n2);
    const nSumB = f32x4.add(n3, n4);
    const nDifferenceA = differenceAtA(n1, n2);
    const nDifferenceB = differenceAtB(n3, n4);
    v128.store(to, output0(m0, mSumA, mSumB));
    v128.store(to, output0(n0, nSumA, nSumB), 16);
    v128.store(to, f32x4.add(mDifferenceA, mDifferenceB), 192);
    v128.store(to, f32x4.add(nDifferenceA, nDifferenceB), 208);
    v128.store(to, output2(mSumA, mSumB), 384);
    v128.store(to, output2(nSumA, nSumB), 400);
    v128.store(to, output3(mDifferenceA, mDifferenceB, m5), 576);
    v128.store(to, output3(nDifferenceA, nDifferenceB, n5), 592);
  }
}
