/**
 * The transforms of F(7×7, 3×3): a 7×7 tile of outputs from 9×9 inputs by 81 products instead of 441, where tiles of 4×4 and smaller
 * ones at the edges take 121. Interpolated at 0, ±a, ±b, ±c, d and ∞. In float32 it loses thirteen times as much as F(4×4, 3×3)
 * with its points, four times as much as that with the usual ones. See transforms.ts for the method.
 *
 * All rows of Bᵀ but that of d are multiples of x − d, so that the inputs are first brought to wₖ = dₖ₊₁ − d · dₖ: then pairs of points
 * differ in the signs of odd terms only, as with six points.
 */
import { storeLargest } from '../../pooling/window';
import { larger, multiplyAdd } from '../../simd';
import { loadPair } from './transforms';

/** Points of the interpolation, and frequencies along one side of a tile. */
export const SEVEN_POINTS: i32 = 9;
/** Outputs along one side of a tile. */
const SEVEN: usize = 7;
/** Bytes of a line of nine vectors. */
const LINE: usize = 144;
/** Bytes that the transforms need for themselves: 9 × 9 vectors, rounded up to lines of the cache. */
export const SEVEN_BYTES: usize = 1344;
/** Bytes of the outputs of four tiles for four channels, that are pooled together. */
export const FOUR_SEVENS_BYTES: usize = 3136;

const A: f64 = 0.5;
const B: f64 = 0.875;
const C: f64 = 1.375;
const D: f64 = 3;

const A2: f64 = A * A;
const B2: f64 = B * B;
const C2: f64 = C * C;
/** The coefficients of (x² − a²)(x² − b²)(x² − c²) = x⁶ − S1 · x⁴ + S2 · x² − S3. */
const S1: f64 = A2 + B2 + C2;
const S2: f64 = A2 * B2 + A2 * C2 + B2 * C2;
const S3: f64 = A2 * B2 * C2;

/** The reciprocals of what interpolation divides by at a point: of the product of its distances from all other finite ones. */
const AT_ZERO: f64 = 1 / (S3 * D);
const AT_A: f64 = 1 / (2 * A2 * (A2 - B2) * (A2 - C2) * (A - D));
const AT_MINUS_A: f64 = 1 / (2 * A2 * (A2 - B2) * (A2 - C2) * (-A - D));
const AT_B: f64 = 1 / (2 * B2 * (B2 - A2) * (B2 - C2) * (B - D));
const AT_MINUS_B: f64 = 1 / (2 * B2 * (B2 - A2) * (B2 - C2) * (-B - D));
const AT_C: f64 = 1 / (2 * C2 * (C2 - A2) * (C2 - B2) * (C - D));
const AT_MINUS_C: f64 = 1 / (2 * C2 * (C2 - A2) * (C2 - B2) * (-C - D));
const AT_D: f64 = 1 / (D * (D * D - A2) * (D * D - B2) * (D * D - C2));

// @ts-ignore: decorator
@inline
function constant(value: f64): v128 {
  return f32x4.splat(<f32>value);
}

/** product·x0 − sum·x1 + x2: (x² − p)(x² − q) of two squares p and q, of which these are the product and the sum. */
// @ts-ignore: decorator
@inline
function terms(product: f64, sum: f64, x0: v128, x1: v128, x2: v128): v128 {
  return multiplyAdd(constant(product), x0, multiplyAdd(constant(-sum), x1, x2));
}

/** −S3·x0 + S2·x1 − S1·x2 + x3 */
// @ts-ignore: decorator
@inline
function allPairs(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const last = multiplyAdd(constant(-S1), x2, x3);
  return multiplyAdd(constant(-S3), x0, multiplyAdd(constant(S2), x1, last));
}

/** Bᵀ d: nine inputs to nine frequencies. */
// @ts-ignore: decorator
@inline
function inputLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step);
  const d5 = v128.load(from + 5 * step);
  const d6 = v128.load(from + 6 * step);
  const d7 = v128.load(from + 7 * step);
  const d8 = v128.load(from + 8 * step);
  v128.store(to + 7 * toStep, allPairs(d1, d3, d5, d7));
  const w0 = multiplyAdd(constant(-D), d0, d1);
  const w1 = multiplyAdd(constant(-D), d1, d2);
  const w2 = multiplyAdd(constant(-D), d2, d3);
  const w3 = multiplyAdd(constant(-D), d3, d4);
  const w4 = multiplyAdd(constant(-D), d4, d5);
  const w5 = multiplyAdd(constant(-D), d5, d6);
  const w6 = multiplyAdd(constant(-D), d6, d7);
  const w7 = multiplyAdd(constant(-D), d7, d8);
  v128.store(to, allPairs(w0, w2, w4, w6));
  v128.store(to + 8 * toStep, allPairs(w1, w3, w5, w7));
  const evenA = terms(B2 * C2, B2 + C2, w2, w4, w6);
  const oddA = f32x4.mul(constant(A), terms(B2 * C2, B2 + C2, w1, w3, w5));
  v128.store(to + toStep, f32x4.add(evenA, oddA));
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA));
  const evenB = terms(A2 * C2, A2 + C2, w2, w4, w6);
  const oddB = f32x4.mul(constant(B), terms(A2 * C2, A2 + C2, w1, w3, w5));
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB));
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB));
  const evenC = terms(A2 * B2, A2 + B2, w2, w4, w6);
  const oddC = f32x4.mul(constant(C), terms(A2 * B2, A2 + B2, w1, w3, w5));
  v128.store(to + 5 * toStep, f32x4.add(evenC, oddC));
  v128.store(to + 6 * toStep, f32x4.sub(evenC, oddC));
}

/** Bᵀ d B of the 9×9 pixels at `from`; as transformInput. @param scratch  1,344 bytes */
export function transformInputOfSeven(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 9; x++) inputLine(from + x * pixel, row, scratch + (x << 4), LINE);
  for (let y: usize = 0; y < 9; y++) inputLine(scratch + y * LINE, 16, to + 9 * y * toStep, toStep);
}

/** G g: three filter taps of two channels to nine frequencies, in float64. */
// @ts-ignore: decorator
@inline
function filterLine(g0: v128, g1: v128, g2: v128, to: usize, toStep: usize): void {
  v128.store(to, f64x2.mul(f64x2.splat(AT_ZERO), g0));
  filterPair(g0, g1, g2, A, AT_A, AT_MINUS_A, to + toStep, toStep);
  filterPair(g0, g1, g2, B, AT_B, AT_MINUS_B, to + 3 * toStep, toStep);
  filterPair(g0, g1, g2, C, AT_C, AT_MINUS_C, to + 5 * toStep, toStep);
  const atD = f64x2.add(f64x2.add(g0, f64x2.mul(f64x2.splat(D), g1)), f64x2.mul(f64x2.splat(D * D), g2));
  v128.store(to + 7 * toStep, f64x2.mul(f64x2.splat(AT_D), atD));
  v128.store(to + 8 * toStep, g2);
}

// @ts-ignore: decorator
@inline
function filterPair(
  g0: v128,
  g1: v128,
  g2: v128,
  p: f64,
  at: f64,
  atMinus: f64,
  to: usize,
  toStep: usize,
): void {
  const even = f64x2.add(g0, f64x2.mul(f64x2.splat(p * p), g2));
  const odd = f64x2.mul(f64x2.splat(p), g1);
  v128.store(to, f64x2.mul(f64x2.splat(at), f64x2.add(even, odd)));
  v128.store(to + toStep, f64x2.mul(f64x2.splat(atMinus), f64x2.sub(even, odd)));
}

/** G g Gᵀ of the 3×3 taps of eight channels; as transformFilter. @param scratch  1,344 bytes */
export function transformFilterOfSeven(from: usize, to: usize, toStep: usize, scratch: usize): void {
  const line = scratch + 9 * 48;
  for (let channel: usize = 0; channel < 32; channel += 8) {
    for (let x: usize = 0; x < 3; x++) {
      const column = from + (x << 5) + channel;
      filterLine(loadPair(column), loadPair(column + 96), loadPair(column + 192), scratch + (x << 4), 48);
    }
    let target = to + channel;
    for (let y: usize = 0; y < 9; y++) {
      const row = scratch + y * 48;
      filterLine(v128.load(row), v128.load(row, 16), v128.load(row, 32), line, 16);
      for (let x: usize = 0; x < LINE; x += 16) {
        v128.store64_lane(target, f32x4.demote_f64x2_zero(v128.load(line + x)), 0);
        target += toStep;
      }
    }
  }
}

/** Aᵀ m: nine frequencies to seven outputs. */
// @ts-ignore: decorator
@inline
function outputLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step);
  const m6 = v128.load(from + 6 * step);
  const m7 = v128.load(from + 7 * step);
  const sumA = f32x4.add(m1, m2);
  const sumB = f32x4.add(m3, m4);
  const sumC = f32x4.add(m5, m6);
  const first = f32x4.add(v128.load(from), f32x4.add(sumA, sumB));
  v128.store(to, f32x4.add(first, f32x4.add(sumC, m7)));
  v128.store(to + 2 * toStep, powers(A2, B2, C2, D * D, sumA, sumB, sumC, m7));
  v128.store(to + 4 * toStep, powers(A2 * A2, B2 * B2, C2 * C2, D * D * D * D, sumA, sumB, sumC, m7));
  const sixth = powers(A2 * A2 * A2, B2 * B2 * B2, C2 * C2 * C2, D * D * D * D * D * D, sumA, sumB, sumC, m7);
  v128.store(to + 6 * toStep, f32x4.add(sixth, v128.load(from + 8 * step)));
  const differenceA = f32x4.sub(m1, m2);
  const differenceB = f32x4.sub(m3, m4);
  const differenceC = f32x4.sub(m5, m6);
  v128.store(to + toStep, powers(A, B, C, D, differenceA, differenceB, differenceC, m7));
  v128.store(
    to + 3 * toStep,
    powers(A * A2, B * B2, C * C2, D * D * D, differenceA, differenceB, differenceC, m7),
  );
  v128.store(
    to + 5 * toStep,
    powers(A * A2 * A2, B * B2 * B2, C * C2 * C2, D * D * D * D * D, differenceA, differenceB, differenceC, m7),
  );
}

// @ts-ignore: decorator
@inline
function powers(a: f64, b: f64, c: f64, d: f64, atA: v128, atB: v128, atC: v128, atD: v128): v128 {
  const two = multiplyAdd(constant(b), atB, f32x4.mul(constant(a), atA));
  return multiplyAdd(constant(d), atD, multiplyAdd(constant(c), atC, two));
}

/** Aᵀ m of 81 frequencies, 128 bytes apart: seven lines of nine. A function of its own, since two passes end with it. */
function outputColumns(from: usize, scratch: usize): void {
  for (let x: usize = 0; x < 9; x++) outputLine(from + (x << 7), 9 << 7, scratch + (x << 4), LINE);
}

/**
 * Aᵀ m A of the products of a tile of 7×7 outputs, plus the bias and clamped.
 * @param from     the first of 81 frequencies, 128 bytes apart
 * @param row,pixel  bytes from one to the next
 * @param scratch  1,344 bytes
 */
export function storeOutputOfSeven(
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
  for (let y: usize = 0; y < SEVEN; y++) {
    const line = scratch + y * LINE;
    outputLine(line, 16, line, 16);
    for (let x: usize = 0; x < SEVEN; x++) {
      v128.store(to + x * pixel, larger(f32x4.add(v128.load(line + (x << 4)), bias), low));
    }
    to += row;
  }
}

/**
 * As {@link storeOutputOfSeven}, of the largest of every 2×2 values and of their places: of one tile 3×3 of them, without its last row and
 * column; of four, two beside and two below one another, 7×7.
 * @param from     the first frequency of the first tile, 32 bytes before that of the next
 * @param side     how many tiles there are beside and below one another, 1 or 2
 * @param scratch  1,344 + 784 · side² bytes
 */
export function storePooledOutputOfSeven(
  from: usize,
  side: usize,
  bias: v128,
  floor: f32,
  to: usize,
  row: usize,
  pixel: usize,
  winners: usize,
  winnersRow: usize,
  scratch: usize,
): void {
  const values = scratch + SEVEN_BYTES;
  const line = (side * SEVEN) << 4;
  for (let tileY: usize = 0; tileY < side; tileY++) {
    for (let tileX: usize = 0; tileX < side; tileX++) {
      outputColumns(from, scratch);
      let at = values + tileY * SEVEN * line + ((tileX * SEVEN) << 4);
      for (let y: usize = 0; y < SEVEN; y++) {
        outputLine(scratch + y * LINE, 16, at, 16);
        at += line;
      }
      from += 32;
    }
  }
  const low = f32x4.splat(floor);
  const windows = (side * SEVEN) >> 1;
  for (let y: usize = 0; y < windows; y++) {
    const upper = values + 2 * y * line;
    const lower = upper + line;
    for (let x: usize = 0; x < windows; x++) {
      const at = x << 5;
      storeLargest(
        v128.load(upper + at),
        v128.load(upper + at, 16),
        v128.load(lower + at),
        v128.load(lower + at, 16),
        bias,
        low,
        to + x * pixel,
        winners + x * pixel,
      );
    }
    to += row;
    winners += winnersRow;
  }
}

/** A y: the gradients of seven outputs to those of nine frequencies. */
// @ts-ignore: decorator
@inline
function gradientLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + step);
  const y2 = v128.load(from + 2 * step);
  const y3 = v128.load(from + 3 * step);
  const y4 = v128.load(from + 4 * step);
  const y5 = v128.load(from + 5 * step);
  const y6 = v128.load(from + 6 * step);
  v128.store(to, y0);
  const evenA = evenTerms(A2, y0, y2, y4, y6);
  const oddA = oddTerms(A, y1, y3, y5);
  v128.store(to + toStep, f32x4.add(evenA, oddA));
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA));
  const evenB = evenTerms(B2, y0, y2, y4, y6);
  const oddB = oddTerms(B, y1, y3, y5);
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB));
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB));
  const evenC = evenTerms(C2, y0, y2, y4, y6);
  const oddC = oddTerms(C, y1, y3, y5);
  v128.store(to + 5 * toStep, f32x4.add(evenC, oddC));
  v128.store(to + 6 * toStep, f32x4.sub(evenC, oddC));
  v128.store(to + 7 * toStep, f32x4.add(evenTerms(D * D, y0, y2, y4, y6), oddTerms(D, y1, y3, y5)));
  v128.store(to + 8 * toStep, y6);
}

/** y0 + s·y2 + s²·y4 + s³·y6 */
// @ts-ignore: decorator
@inline
function evenTerms(square: f64, y0: v128, y2: v128, y4: v128, y6: v128): v128 {
  const s = constant(square);
  return multiplyAdd(s, multiplyAdd(s, multiplyAdd(s, y6, y4), y2), y0);
}

/** p·(y1 + p²·y3 + p⁴·y5) */
// @ts-ignore: decorator
@inline
function oddTerms(p: f64, y1: v128, y3: v128, y5: v128): v128 {
  const s = constant(p * p);
  return f32x4.mul(constant(p), multiplyAdd(s, multiplyAdd(s, y5, y3), y1));
}

/** A dY Aᵀ of the 7×7 pixels at `from`; as transformInput. @param scratch  1,344 bytes */
export function transformGradientOfSeven(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < SEVEN; x++) gradientLine(from + x * pixel, row, scratch + (x << 4), LINE);
  for (let y: usize = 0; y < 9; y++) gradientLine(scratch + y * LINE, 16, to + 9 * y * toStep, toStep);
}

/** Gᵀ u: the gradients of nine frequencies to those of three filter taps. */
// @ts-ignore: decorator
@inline
function filterGradientLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const u1 = f32x4.mul(constant(AT_A), v128.load(from + step));
  const u2 = f32x4.mul(constant(AT_MINUS_A), v128.load(from + 2 * step));
  const u3 = f32x4.mul(constant(AT_B), v128.load(from + 3 * step));
  const u4 = f32x4.mul(constant(AT_MINUS_B), v128.load(from + 4 * step));
  const u5 = f32x4.mul(constant(AT_C), v128.load(from + 5 * step));
  const u6 = f32x4.mul(constant(AT_MINUS_C), v128.load(from + 6 * step));
  const u7 = f32x4.mul(constant(AT_D), v128.load(from + 7 * step));
  const sumA = f32x4.add(u1, u2);
  const sumB = f32x4.add(u3, u4);
  const sumC = f32x4.add(u5, u6);
  const first = multiplyAdd(constant(AT_ZERO), v128.load(from), f32x4.add(sumA, sumB));
  v128.store(to, f32x4.add(first, f32x4.add(sumC, u7)));
  v128.store(
    to + toStep,
    powers(A, B, C, D, f32x4.sub(u1, u2), f32x4.sub(u3, u4), f32x4.sub(u5, u6), u7),
  );
  const squares = powers(A2, B2, C2, D * D, sumA, sumB, sumC, u7);
  v128.store(to + 2 * toStep, f32x4.add(squares, v128.load(from + 8 * step)));
}

/** Gᵀ dU G of the 81 frequencies at `from`, `step` apart: 3×3 taps at `to`. @param scratch  1,344 bytes */
export function transformFilterGradientOfSeven(
  from: usize,
  step: usize,
  to: usize,
  row: usize,
  tap: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 9; x++) filterGradientLine(from + x * step, 9 * step, scratch + (x << 4), LINE);
  for (let y: usize = 0; y < 3; y++) filterGradientLine(scratch + y * LINE, 16, to + y * row, tap);
}
