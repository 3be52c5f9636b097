/**
 * The transforms of kernels of 5×5: F(2×2, 5×5) on the tiles of 6×6 inputs, at the points and with the input transform of
 * F(4×4, 3×3), takes 36 products for four outputs instead of 100. Where the output ends with a single row or column, five points do.
 * See transforms.ts.
 */
import { multiplyAdd } from '../../simd';
import { A, AT_A, AT_B, B, loadPair } from './transforms';

const TAPS: usize = 5;
/** Bytes of a line of six vectors. */
const LINE: usize = 96;

/** G g: five filter taps of two channels, `step` bytes apart, to six frequencies, in float64. */
// @ts-ignore: decorator
@inline
function filterLine(g0: v128, g1: v128, g2: v128, g3: v128, g4: v128, to: usize, toStep: usize): void {
  const half = f64x2.splat(0.5);
  const two = f64x2.splat(2);
  const evenA = f64x2.add(g0, f64x2.mul(half, f64x2.add(g2, f64x2.mul(half, g4))));
  const oddA = f64x2.mul(f64x2.splat(Math.SQRT1_2), f64x2.add(g1, f64x2.mul(half, g3)));
  const evenB = f64x2.add(g0, f64x2.mul(two, f64x2.add(g2, f64x2.mul(two, g4))));
  const oddB = f64x2.mul(f64x2.splat(Math.SQRT2), f64x2.add(g1, f64x2.mul(two, g3)));
  v128.store(to, g0);
  v128.store(to + toStep, f64x2.mul(f64x2.splat(-2 / 3.0), f64x2.add(evenA, oddA)));
  v128.store(to + 2 * toStep, f64x2.mul(f64x2.splat(-2 / 3.0), f64x2.sub(evenA, oddA)));
  v128.store(to + 3 * toStep, f64x2.mul(f64x2.splat(1 / 6.0), f64x2.add(evenB, oddB)));
  v128.store(to + 4 * toStep, f64x2.mul(f64x2.splat(1 / 6.0), f64x2.sub(evenB, oddB)));
  v128.store(to + 5 * toStep, g4);
}

/**
 * G g Gᵀ of the 5×5 taps of eight channels, [5][5][8] at `from`; as transformFilter.
 * @param scratch  576 bytes
 */
export function transformFilterOfFiveTaps(from: usize, to: usize, toStep: usize, scratch: usize): void {
  const row = TAPS << 5;
  const line = scratch + 6 * (TAPS << 4);
  for (let channel: usize = 0; channel < 32; channel += 8) {
    for (let x: usize = 0; x < TAPS; x++) {
      const column = from + (x << 5) + channel;
      filterLine(
        loadPair(column),
        loadPair(column + row),
        loadPair(column + 2 * row),
        loadPair(column + 3 * row),
        loadPair(column + 4 * row),
        scratch + (x << 4),
        TAPS << 4,
      );
    }
    let target = to + channel;
    for (let y: usize = 0; y < 6; y++) {
      const at = scratch + y * (TAPS << 4);
      filterLine(
        v128.load(at),
        v128.load(at, 16),
        v128.load(at, 32),
        v128.load(at, 48),
        v128.load(at, 64),
        line,
        16,
      );
      for (let x: usize = 0; x < 96; x += 16) {
        v128.store64_lane(target, f32x4.demote_f64x2_zero(v128.load(line + x)), 0);
        target += toStep;
      }
    }
  }
}

/** A dY Aᵀ of the rows×columns pixels at `from`, at most 2×2; as transformEdgeInput. */
export function transformGradientOfFiveTaps(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  rows: i32,
  columns: i32,
  scratch: usize,
): void {
  for (let x: usize = 0; x < <usize>columns; x++) {
    if (rows == 1) spread(v128.load(from + x * pixel), scratch + (x << 4), LINE);
    else gradientLine(from + x * pixel, row, scratch + (x << 4), LINE);
  }
  for (let y: usize = 0; y < 6; y++) {
    if (columns == 1) spread(v128.load(scratch + y * LINE), to + 6 * y * toStep, toStep);
    else gradientLine(scratch + y * LINE, 16, to + 6 * y * toStep, toStep);
  }
}

/** A y: the gradient of one output to those of its five frequencies. What the sixth would be is written, too. */
// @ts-ignore: decorator
@inline
function spread(y0: v128, to: usize, toStep: usize): void {
  v128.store(to, y0);
  v128.store(to + toStep, y0);
  v128.store(to + 2 * toStep, y0);
  v128.store(to + 3 * toStep, y0);
  v128.store(to + 4 * toStep, y0);
  v128.store(to + 5 * toStep, y0);
}

/** A y: the gradients of two outputs to those of six frequencies. */
// @ts-ignore: decorator
@inline
function gradientLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + step);
  const oddA = f32x4.mul(f32x4.splat(A), y1);
  const oddB = f32x4.mul(f32x4.splat(B), y1);
  v128.store(to, y0);
  v128.store(to + toStep, f32x4.add(y0, oddA));
  v128.store(to + 2 * toStep, f32x4.sub(y0, oddA));
  v128.store(to + 3 * toStep, f32x4.add(y0, oddB));
  v128.store(to + 4 * toStep, f32x4.sub(y0, oddB));
  v128.store(to + 5 * toStep, y1);
}

/**
 * Aᵀ m A of rows×columns outputs, at most 2×2, into lines of scratch.
 * @param from  the first of 36 frequencies, 128 bytes apart
 */
export function outputsOfFiveTaps(from: usize, rows: i32, columns: i32, scratch: usize): void {
  for (let x: usize = 0; x < 6; x++) {
    if (rows == 1) singleOutput(from + (x << 7), 768, scratch + (x << 4));
    else outputLine(from + (x << 7), 768, scratch + (x << 4), LINE);
  }
  for (let y: usize = 0; y < <usize>rows; y++) {
    const line = scratch + y * LINE;
    if (columns == 1) singleOutput(line, 16, line);
    else outputLine(line, 16, line, 16);
  }
}

/** Aᵀ m: five frequencies to one output. */
// @ts-ignore: decorator
@inline
function singleOutput(from: usize, step: usize, to: usize): void {
  const sumA = f32x4.add(v128.load(from + step), v128.load(from + 2 * step));
  const rest = f32x4.add(v128.load(from + 3 * step), v128.load(from + 5 * step));
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), sumA), rest));
}

/** Aᵀ m: six frequencies to two outputs. */
// @ts-ignore: decorator
@inline
function outputLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const last = v128.load(from + 5 * step);
  const oddA = f32x4.mul(f32x4.splat(A), f32x4.sub(m1, m2));
  const oddB = f32x4.mul(f32x4.splat(B), f32x4.sub(m3, m4));
  v128.store(to, f32x4.add(f32x4.add(m0, f32x4.add(m1, m2)), f32x4.add(m3, m4)));
  v128.store(to + toStep, f32x4.add(f32x4.add(oddA, oddB), last));
}

/** Gᵀ dU G of the 36 frequencies at `from`, `step` apart: 5×5 taps at `to`. @param scratch  576 bytes */
export function transformFilterGradientOfFiveTaps(
  from: usize,
  step: usize,
  to: usize,
  row: usize,
  tap: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 6; x++) filterGradientLine(from + x * step, 6 * step, scratch + (x << 4), LINE);
  for (let y: usize = 0; y < TAPS; y++) filterGradientLine(scratch + y * LINE, 16, to + y * row, tap);
}

/** Gᵀ u: the gradients of six frequencies to those of five filter taps. */
// @ts-ignore: decorator
@inline
function filterGradientLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const u1 = v128.load(from + step);
  const u2 = v128.load(from + 2 * step);
  const u3 = v128.load(from + 3 * step);
  const u4 = v128.load(from + 4 * step);
  const last = v128.load(from + 5 * step);
  const sumA = f32x4.mul(f32x4.splat(AT_A), f32x4.add(u1, u2));
  const sumB = f32x4.mul(f32x4.splat(AT_B), f32x4.add(u3, u4));
  const differenceA = f32x4.mul(f32x4.splat(AT_A * A), f32x4.sub(u1, u2));
  const differenceB = f32x4.mul(f32x4.splat(AT_B * B), f32x4.sub(u3, u4));
  const half = f32x4.splat(0.5);
  const two = f32x4.splat(2);
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), sumA), sumB));
  v128.store(to + toStep, f32x4.add(differenceA, differenceB));
  v128.store(to + 2 * toStep, multiplyAdd(two, sumB, f32x4.mul(half, sumA)));
  v128.store(to + 3 * toStep, multiplyAdd(two, differenceB, f32x4.mul(half, differenceA)));
  const fourths = multiplyAdd(f32x4.splat(4), sumB, f32x4.mul(f32x4.splat(0.25), sumA));
  v128.store(to + 4 * toStep, f32x4.add(fourths, last));
}
