/**
 * exp and its relations for four float32 at once, over all floats: infinities give limits, NaN stays NaN, results may be
 * denormal. IEEE operations only, in every tier, so that they have the same bits everywhere. An ulp is that of the
 * result; the bounds are what the tests sweep.
 */

const LOG2_E: f32 = 1.4426950408889634;
/** ln 2 in two parts: the first has so few bits that k · LN2_HIGH is exact for every exponent k. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440054690583e-4;

/** a·b + c, rounded twice in every tier. */
// @ts-ignore: decorator
@inline
export function twice(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** x within [low, high]; NaN stays. */
// @ts-ignore: decorator
@inline
export function clamp(x: v128, low: f32, high: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(low)), f32x4.splat(high));
}

/** |a| with the sign of b. */
// @ts-ignore: decorator
@inline
export function withSign(a: v128, b: v128): v128 {
  return v128.bitselect(b, a, i32x4.splat(0x80000000));
}

/** Added to |x| < 2^22 it leaves x rounded to an integer, ties to even, in the lowest bits. */
const ROUNDING: f32 = 12582912;
const ROUNDING_BITS: i32 = 0x4b400000;

/** 2^k of integers −126 ≤ k ≤ 127. */
// @ts-ignore: decorator
@inline
function powerOfTwo(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}

/** The integer k in ROUNDING + k; of NaN, anything. */
// @ts-ignore: decorator
@inline
function integerOf(rounded: v128): v128 {
  return i32x4.sub(rounded, i32x4.splat(ROUNDING_BITS));
}

/** x − k·ln 2. @param rounded  ROUNDING + k */
// @ts-ignore: decorator
@inline
function reduce(x: v128, rounded: v128): v128 {
  const k = f32x4.sub(rounded, f32x4.splat(ROUNDING));
  const most = f32x4.sub(x, f32x4.mul(k, f32x4.splat(LN2_HIGH)));
  return f32x4.sub(most, f32x4.mul(k, f32x4.splat(LN2_LOW)));
}

/** e^r − 1 for |r| ≤ ln(2)/2: r + r² · p(r), p of Cephes' expf. */
// @ts-ignore: decorator
@inline
function reducedExpm1(r: v128): v128 {
  let p = twice(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3));
  p = twice(p, r, f32x4.splat(8.3334519073e-3));
  p = twice(p, r, f32x4.splat(4.1665795894e-2));
  p = twice(p, r, f32x4.splat(1.6666665459e-1));
  p = twice(p, r, f32x4.splat(5.0000001201e-1));
  return twice(p, f32x4.mul(r, r), r);
}

/** e^x within 2 ulp. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  // Beyond these the result is 0 or infinite.
  const within = clamp(x, -104, 89);
  const rounded = twice(within, f32x4.splat(LOG2_E), f32x4.splat(ROUNDING));
  const value = f32x4.add(reducedExpm1(reduce(within, rounded)), f32x4.splat(1));
  // 2^k in two factors: k goes from −150 to 128. Only the second multiplication rounds.
  const exponent = integerOf(rounded);
  const half = i32x4.shr_s(exponent, 1);
  return f32x4.mul(f32x4.mul(value, powerOfTwo(half)), powerOfTwo(i32x4.sub(exponent, half)));
}

/** e^x − 1 within 3 ulp for x ≤ 0; above, only NaN is right. */
// @ts-ignore: decorator
@inline
export function expm1NonPositive(x: v128): v128 {
  // At −30 it is −1 already.
  const within = clamp(x, -30, 0);
  const rounded = twice(within, f32x4.splat(LOG2_E), f32x4.splat(ROUNDING));
  const power = powerOfTwo(integerOf(rounded));
  const value = reducedExpm1(reduce(within, rounded));
  return withSign(twice(value, power, f32x4.sub(power, f32x4.splat(1))), x);
}

/** ln(1 + y) within 4 ulp for 0 ≤ y ≤ 1: 2 artanh(y / (2 + y)), where the first term left out is below 2^-29. */
// @ts-ignore: decorator
@inline
export function log1pUpToOne(y: v128): v128 {
  const doubled = f32x4.div(f32x4.add(y, y), f32x4.add(y, f32x4.splat(2)));
  const s = f32x4.mul(doubled, f32x4.splat(0.5));
  const square = f32x4.mul(s, s);
  let p = twice(f32x4.splat(<f32>(1.0 / 15)), square, f32x4.splat(<f32>(1.0 / 13)));
  p = twice(p, square, f32x4.splat(<f32>(1.0 / 11)));
  p = twice(p, square, f32x4.splat(<f32>(1.0 / 9)));
  p = twice(p, square, f32x4.splat(<f32>(1.0 / 7)));
  p = twice(p, square, f32x4.splat(<f32>(1.0 / 5)));
  p = twice(p, square, f32x4.splat(<f32>(1.0 / 3)));
  return twice(f32x4.mul(p, square), doubled, doubled);
}

/** ln x within 3 ulp for normal x > 0. */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  // x = 2^k · m with √½ ≤ m < √2, so that nothing cancels near 1.
  const k = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const m = i32x4.sub(x, i32x4.shl(k, 23));
  const one = f32x4.splat(1);
  const above = f32x4.sub(m, one);
  // ln m = 2 artanh s, where the first term left out is below 2^-28.
  const doubled = f32x4.div(f32x4.add(above, above), f32x4.add(m, one));
  const s = f32x4.mul(doubled, f32x4.splat(0.5));
  const square = f32x4.mul(s, s);
  let p = twice(f32x4.splat(<f32>(1.0 / 9)), square, f32x4.splat(<f32>(1.0 / 7)));
  p = twice(p, square, f32x4.splat(<f32>(1.0 / 5)));
  p = twice(p, square, f32x4.splat(<f32>(1.0 / 3)));
  const ofMantissa = twice(f32x4.mul(p, square), doubled, doubled);
  const exponent = f32x4.convert_i32x4_s(k);
  const low = twice(exponent, f32x4.splat(LN2_LOW), ofMantissa);
  const value = twice(exponent, f32x4.splat(LN2_HIGH), low);
  return v128.bitselect(x, value, f32x4.ne(x, x));
}

/** tanh x within 3 ulp. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const t = f32x4.abs(x);
  const square = f32x4.mul(t, t);
  let p = twice(f32x4.splat(-5.70498872745e-3), square, f32x4.splat(2.06390887954e-2));
  p = twice(p, square, f32x4.splat(-5.37397155531e-2));
  p = twice(p, square, f32x4.splat(1.33314422036e-1));
  p = twice(p, square, f32x4.splat(-3.33332819422e-1));
  const near = twice(f32x4.mul(p, square), t, t);
  const one = f32x4.splat(1);
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(exp(f32x4.add(t, t)), one)));
  return withSign(v128.bitselect(near, far, f32x4.lt(t, f32x4.splat(0.625))), x);
}

// Φ − ½ and Φ + x·φ − ½ are odd: x · p(x²) / q(x²), fitted for the smallest largest error, until float32 has only ½ left.

/** The normal distribution function Φ = (1 + erf(x/√2)) / 2, within 2^-22; beyond ±5.6 it is 0 or 1. */
// @ts-ignore: decorator
@inline
export function normal(x: v128): v128 {
  const within = clamp(x, -5.6, 5.6);
  const t = f32x4.mul(within, within);
  let p = twice(t, f32x4.splat(2.214536e-8), f32x4.splat(6.3565208e-6));
  p = twice(p, t, f32x4.splat(1.7384977e-4));
  p = twice(p, t, f32x4.splat(4.7072535e-3));
  p = twice(p, t, f32x4.splat(3.4376018e-2));
  p = twice(p, t, f32x4.splat(3.9894223e-1));
  let q = twice(t, f32x4.splat(1.1802125e-6), f32x4.splat(7.510159e-5));
  q = twice(q, t, f32x4.splat(1.9129728e-3));
  q = twice(q, t, f32x4.splat(2.8940035e-2));
  q = twice(q, t, f32x4.splat(2.528336e-1));
  q = twice(q, t, f32x4.splat(1));
  const half = f32x4.div(f32x4.mul(within, p), q);
  return f32x4.add(clamp(half, -0.5, 0.5), f32x4.splat(0.5));
}

/** Φ + x·φ, the derivative of x·Φ, where φ is the density, within 2^-21; beyond ±5.8 it is 0 or 1. */
// @ts-ignore: decorator
@inline
export function normalSlope(x: v128): v128 {
  const within = clamp(x, -5.8, 5.8);
  const t = f32x4.mul(within, within);
  let p = twice(t, f32x4.splat(1.9293016e-7), f32x4.splat(3.5956018e-5));
  p = twice(p, t, f32x4.splat(1.9219577e-5));
  p = twice(p, t, f32x4.splat(1.4230312e-2));
  p = twice(p, t, f32x4.splat(-3.0995898e-2));
  p = twice(p, t, f32x4.splat(7.9788536e-1));
  let q = twice(t, f32x4.splat(8.952449e-6), f32x4.splat(1.9203634e-4));
  q = twice(q, t, f32x4.splat(3.5230343e-3));
  q = twice(q, t, f32x4.splat(4.09802e-2));
  q = twice(q, t, f32x4.splat(2.9449397e-1));
  q = twice(q, t, f32x4.splat(1));
  return f32x4.add(f32x4.div(f32x4.mul(within, p), q), f32x4.splat(0.5));
}

/** 1 / (1 + e^−x) within 5 ulp, also where it is tiny. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  return sigmoidFrom(decay(x), x);
}

/** The derivative of the sigmoid, within 8 ulp. */
// @ts-ignore: decorator
@inline
export function sigmoidSlope(x: v128): v128 {
  return slopeFrom(decay(x));
}

/** e^−|x|, which the sigmoid and its derivative are made from. */
// @ts-ignore: decorator
@inline
export function decay(x: v128): v128 {
  return exp(f32x4.neg(f32x4.abs(x)));
}

/** The sigmoid of x. @param e  decay(x) */
// @ts-ignore: decorator
@inline
export function sigmoidFrom(e: v128, x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, e));
}

/** The derivative of the sigmoid: e / (1 + e)² does not cancel. @param e  decay(x) */
// @ts-ignore: decorator
@inline
export function slopeFrom(e: v128): v128 {
  const sum = f32x4.add(e, f32x4.splat(1));
  return f32x4.div(e, f32x4.mul(sum, sum));
}

/**
 * The floats of [from, from + bytes), at most four; the lanes behind are `fill`. Reads nothing else. What is less than four
 * is a call, which keeps code short but slows down the loop that it is in: see {@link loadPartInline}.
 */
// @ts-ignore: decorator
@inline
export function loadPart(from: usize, bytes: usize, fill: v128): v128 {
  return bytes >= 16 ? v128.load(from) : loadTail(from, bytes, fill);
}

/** {@link loadPart} for loops over pixels. */
// @ts-ignore: decorator
@inline
export function loadPartInline(from: usize, bytes: usize, fill: v128): v128 {
  let value = fill;
  if (bytes >= 16) {
    value = v128.load(from);
  } else {
    value = v128.load_lane<f32>(from, value, 0);
    if (bytes > 4) value = v128.load_lane<f32>(from, value, 1, 4);
    if (bytes > 8) value = v128.load_lane<f32>(from, value, 2, 8);
  }
  return value;
}

function loadTail(from: usize, bytes: usize, fill: v128): v128 {
  return loadPartInline(from, bytes, fill);
}

/** Stores the first floats of `value` to [to, to + bytes), at most four; as {@link loadPart}. */
// @ts-ignore: decorator
@inline
export function storePart(to: usize, value: v128, bytes: usize): void {
  if (bytes >= 16) v128.store(to, value);
  else storeTail(to, value, bytes);
}

/** {@link storePart} for loops over pixels. */
// @ts-ignore: decorator
@inline
export function storePartInline(to: usize, value: v128, bytes: usize): void {
  if (bytes >= 16) {
    v128.store(to, value);
  } else {
    v128.store_lane<f32>(to, value, 0);
    if (bytes > 4) v128.store_lane<f32>(to, value, 1, 4);
    if (bytes > 8) v128.store_lane<f32>(to, value, 2, 8);
  }
}

function storeTail(to: usize, value: v128, bytes: usize): void {
  storePartInline(to, value, bytes);
}

/** By how much a loop over values moves on that takes four at a time, and what is left at the end one by one. */
// @ts-ignore: decorator
@inline
export function stepOf(left: usize): usize {
  return left >= 16 ? 16 : 4;
}

/** The floats of such a step. */
// @ts-ignore: decorator
@inline
export function loadStep(from: usize, left: usize): v128 {
  return left >= 16 ? v128.load(from) : v128.load32_zero(from);
}

/** Stores the floats of such a step. */
// @ts-ignore: decorator
@inline
export function storeStep(to: usize, value: v128, left: usize): void {
  if (left >= 16) v128.store(to, value);
  else v128.store_lane<f32>(to, value, 0);
}
