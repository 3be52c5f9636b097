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
import { multiplyAdd } from '../../simd';

/** Outputs along one side of a tile, for a kernel of 3×3. */
export const SIDE: i32 = 4;
/** Added to the distance of frequencies, which would otherwise compete for the same few lines of the cache. */
export const STAGGER: usize = 64;

export const A: f32 = 0.7071067811865476;
export const B: f32 = 1.4142135623730951;
/** The reciprocals of what interpolation divides by at ±a and at ±b. */
export const AT_A: f32 = -0.6666666666666666;
export const AT_B: f32 = 0.16666666666666666;

/** Bᵀ d: six inputs to six frequencies. */
// @ts-ignore: decorator
@inline
export function inputLine(from: usize, step: usize, to: usize, toStep: usize): void {
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

/** G g: three filter taps of two channels to six frequencies, in float64. */
// @ts-ignore: decorator
@inline
function filterLine(g0: v128, g1: v128, g2: v128, to: usize, toStep: usize): void {
  const evenA = f64x2.add(g0, f64x2.mul(f64x2.splat(0.5), g2));
  const oddA = f64x2.mul(f64x2.splat(Math.SQRT1_2), g1);
  const evenB = f64x2.add(g0, f64x2.mul(f64x2.splat(2), g2));
  const oddB = f64x2.mul(f64x2.splat(Math.SQRT2), g1);
  v128.store(to, g0);
  v128.store(to + toStep, f64x2.mul(f64x2.splat(-2 / 3.0), f64x2.add(evenA, oddA)));
  v128.store(to + 2 * toStep, f64x2.mul(f64x2.splat(-2 / 3.0), f64x2.sub(evenA, oddA)));
  v128.store(to + 3 * toStep, f64x2.mul(f64x2.splat(1 / 6.0), f64x2.add(evenB, oddB)));
  v128.store(to + 4 * toStep, f64x2.mul(f64x2.splat(1 / 6.0), f64x2.sub(evenB, oddB)));
  v128.store(to + 5 * toStep, g2);
}

/**
 * Aᵀ m: six frequencies m0…m5 to four outputs, which are the functions below of the sums and differences of m1 and m2 and
 * of m3 and m4.
 */
// @ts-ignore: decorator
@inline
export function differenceAtA(m1: v128, m2: v128): v128 {
  return f32x4.mul(f32x4.splat(A), f32x4.sub(m1, m2));
}

// @ts-ignore: decorator
@inline
export function differenceAtB(m3: v128, m4: v128): v128 {
  return f32x4.mul(f32x4.splat(B), f32x4.sub(m3, m4));
}

// @ts-ignore: decorator
@inline
export function output0(m0: v128, sumA: v128, sumB: v128): v128 {
  return f32x4.add(f32x4.add(m0, sumA), sumB);
}

// @ts-ignore: decorator
@inline
export function output2(sumA: v128, sumB: v128): v128 {
  return multiplyAdd(f32x4.splat(2), sumB, f32x4.mul(f32x4.splat(0.5), sumA));
}

// @ts-ignore: decorator
@inline
export function output3(differenceA: v128, differenceB: v128, m5: v128): v128 {
  return f32x4.add(output2(differenceA, differenceB), m5);
}

/** A y: the gradients of four outputs to those of six frequencies. */
// @ts-ignore: decorator
@inline
export function outputGradientLine(from: usize, step: usize, to: usize, toStep: usize): void {
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

/**
 * G g Gᵀ of the 3×3 taps of eight channels, [3][3][8] at `from`. In float64, rounded once at the end: filters are
 * transformed once a step and enter every product of it, so their errors weigh most. It brings ten steps of the golden
 * case from 3e-3 to 2e-5 of the distance travelled.
 * @param to       frequency (y, x) goes to to + (6y + x) · toStep, [8]
 * @param scratch  384 bytes
 */
export function transformFilter(from: usize, to: usize, toStep: usize, scratch: usize): void {
  const line = scratch + 288;
  for (let channel: usize = 0; channel < 32; channel += 8) {
    for (let x: usize = 0; x < 3; x++) {
      const column = from + (x << 5) + channel;
      filterLine(loadPair(column), loadPair(column + 96), loadPair(column + 192), scratch + (x << 4), 48);
    }
    let target = to + channel;
    for (let y: usize = 0; y < 6; y++) {
      const row = scratch + y * 48;
      filterLine(v128.load(row), v128.load(row, 16), v128.load(row, 32), line, 16);
      for (let x: usize = 0; x < 96; x += 16) {
        v128.store64_lane(target, f32x4.demote_f64x2_zero(v128.load(line + x)), 0);
        target += toStep;
      }
    }
  }
}

/** Two float32 as float64. */
// @ts-ignore: decorator
@inline
export function loadPair(from: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(from));
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
