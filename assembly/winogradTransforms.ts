/**
 * The transforms of Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray 2015): a 4×4 tile of outputs from a 6×6 tile
 * of inputs by 36 products instead of 144,
 *
 *   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A,
 *
 * interpolated at 0, ±a, ±b and ∞ with a = 1/√2 and b = √2, which in float32 loses a third of the accuracy that the
 * usual 0, ±1, ±2 does. The gradients use the transposes: dM = A dY Aᵀ and dg = Gᵀ dU G.
 *
 * Everything works on vectors of four channels; strides are in bytes. A two-dimensional transform is the same line
 * transform on all columns and then on all rows. The line transforms are inlined, since V8 does not do it: the passes
 * of a convolution take an eighth less time.
 */
import { multiplyAdd } from './simd';

/** Products in a tile: 6 × 6. */
export const FREQUENCIES: i32 = 36;

const A: f32 = 0.7071067811865476;
const B: f32 = 1.4142135623730951;
/** The reciprocals of what interpolation divides by at ±a and at ±b. */
const AT_A: f32 = -0.6666666666666666;
const AT_B: f32 = 0.16666666666666666;

/** Bᵀ d: six inputs to six frequencies. */
// @ts-ignore: decorator
@inline
function inputLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step);
  const d5 = v128.load(from + 5 * step);
  const evenA = multiplyAdd(f32x4.splat(-2), d2, d4);
  const oddA = f32x4.mul(f32x4.splat(A), multiplyAdd(f32x4.splat(-2), d1, d3));
  const evenB = multiplyAdd(f32x4.splat(-0.5), d2, d4);
  const oddB = f32x4.mul(f32x4.splat(B), multiplyAdd(f32x4.splat(-0.5), d1, d3));
  v128.store(to, f32x4.add(multiplyAdd(f32x4.splat(-2.5), d2, d4), d0));
  v128.store(to + toStep, f32x4.add(evenA, oddA));
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA));
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB));
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB));
  v128.store(to + 5 * toStep, f32x4.add(multiplyAdd(f32x4.splat(-2.5), d3, d5), d1));
}

/** G g: three filter taps to six frequencies. */
// @ts-ignore: decorator
@inline
function filterLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const g0 = v128.load(from);
  const g1 = v128.load(from + step);
  const g2 = v128.load(from + 2 * step);
  const evenA = multiplyAdd(f32x4.splat(0.5), g2, g0);
  const oddA = f32x4.mul(f32x4.splat(A), g1);
  const evenB = multiplyAdd(f32x4.splat(2), g2, g0);
  const oddB = f32x4.mul(f32x4.splat(B), g1);
  v128.store(to, g0);
  v128.store(to + toStep, f32x4.mul(f32x4.splat(AT_A), f32x4.add(evenA, oddA)));
  v128.store(to + 2 * toStep, f32x4.mul(f32x4.splat(AT_A), f32x4.sub(evenA, oddA)));
  v128.store(to + 3 * toStep, f32x4.mul(f32x4.splat(AT_B), f32x4.add(evenB, oddB)));
  v128.store(to + 4 * toStep, f32x4.mul(f32x4.splat(AT_B), f32x4.sub(evenB, oddB)));
  v128.store(to + 5 * toStep, g2);
}

/** Aᵀ m: six frequencies to four outputs. */
// @ts-ignore: decorator
@inline
function outputLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const sumA = f32x4.add(m1, m2);
  const sumB = f32x4.add(m3, m4);
  const differenceA = f32x4.mul(f32x4.splat(A), f32x4.sub(m1, m2));
  const differenceB = f32x4.mul(f32x4.splat(B), f32x4.sub(m3, m4));
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), sumA), sumB));
  v128.store(to + toStep, f32x4.add(differenceA, differenceB));
  v128.store(to + 2 * toStep, multiplyAdd(f32x4.splat(2), sumB, f32x4.mul(f32x4.splat(0.5), sumA)));
  const cubes = multiplyAdd(f32x4.splat(2), differenceB, f32x4.mul(f32x4.splat(0.5), differenceA));
  v128.store(to + 3 * toStep, f32x4.add(cubes, v128.load(from + 5 * step)));
}

/** A y: the gradients of four outputs to those of six frequencies. */
// @ts-ignore: decorator
@inline
function outputGradientLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + step);
  const y2 = v128.load(from + 2 * step);
  const y3 = v128.load(from + 3 * step);
  const evenA = multiplyAdd(f32x4.splat(0.5), y2, y0);
  const oddA = f32x4.mul(f32x4.splat(A), multiplyAdd(f32x4.splat(0.5), y3, y1));
  const evenB = multiplyAdd(f32x4.splat(2), y2, y0);
  const oddB = f32x4.mul(f32x4.splat(B), multiplyAdd(f32x4.splat(2), y3, y1));
  v128.store(to, y0);
  v128.store(to + toStep, f32x4.add(evenA, oddA));
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA));
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB));
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB));
  v128.store(to + 5 * toStep, y3);
}

/** Gᵀ u: the gradients of six frequencies to those of three filter taps. */
// @ts-ignore: decorator
@inline
function filterGradientLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const u1 = v128.load(from + step);
  const u2 = v128.load(from + 2 * step);
  const u3 = v128.load(from + 3 * step);
  const u4 = v128.load(from + 4 * step);
  const sumA = f32x4.mul(f32x4.splat(AT_A), f32x4.add(u1, u2));
  const sumB = f32x4.mul(f32x4.splat(AT_B), f32x4.add(u3, u4));
  const differenceA = f32x4.mul(f32x4.splat(AT_A * A), f32x4.sub(u1, u2));
  const differenceB = f32x4.mul(f32x4.splat(AT_B * B), f32x4.sub(u3, u4));
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), sumA), sumB));
  v128.store(to + toStep, f32x4.add(differenceA, differenceB));
  const squares = multiplyAdd(f32x4.splat(2), sumB, f32x4.mul(f32x4.splat(0.5), sumA));
  v128.store(to + 2 * toStep, f32x4.add(squares, v128.load(from + 5 * step)));
}

/**
 * Bᵀ d B of the 6×6 pixels at `from`.
 * @param to       frequency (y, x) goes to to + (6y + x) · toStep
 * @param scratch  576 bytes
 */
export function transformInput(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 6; x++) inputLine(from + x * pixel, row, scratch + (x << 4), 96);
  for (let y: usize = 0; y < 6; y++) inputLine(scratch + y * 96, 16, to + 6 * y * toStep, toStep);
}

/** G g Gᵀ of the 3×3 taps at `from`; as transformInput. */
export function transformFilter(
  from: usize,
  row: usize,
  tap: usize,
  to: usize,
  toStep: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 3; x++) filterLine(from + x * tap, row, scratch + (x << 4), 96);
  for (let y: usize = 0; y < 6; y++) filterLine(scratch + y * 96, 16, to + 6 * y * toStep, toStep);
}

/** Aᵀ m A of the 36 frequencies at `from`, `step` apart: a 4×4 tile at `to`. */
export function transformOutput(
  from: usize,
  step: usize,
  to: usize,
  row: usize,
  pixel: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 6; x++) outputLine(from + x * step, 6 * step, scratch + (x << 4), 96);
  for (let y: usize = 0; y < 4; y++) outputLine(scratch + y * 96, 16, to + y * row, pixel);
}

/** A dY Aᵀ of the 4×4 pixels at `from`; as transformInput. */
export function transformOutputGradient(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 4; x++) outputGradientLine(from + x * pixel, row, scratch + (x << 4), 96);
  for (let y: usize = 0; y < 6; y++) outputGradientLine(scratch + y * 96, 16, to + 6 * y * toStep, toStep);
}

/** Gᵀ dU G of the 36 frequencies at `from`, `step` apart: 3×3 taps at `to`. */
export function transformFilterGradient(
  from: usize,
  step: usize,
  to: usize,
  row: usize,
  tap: usize,
  scratch: usize,
): void {
  for (let x: usize = 0; x < 6; x++) filterGradientLine(from + x * step, 6 * step, scratch + (x << 4), 96);
  for (let y: usize = 0; y < 3; y++) filterGradientLine(scratch + y * 96, 16, to + y * row, tap);
}
