/** exp and log from IEEE arithmetic only, so that they have the same bits everywhere; float64, within a few ulp. */

const LOG2_E: f64 = 1.4426950408889634;
/** ln 2 in two parts: the first has so few bits that k · LN2_HIGH is exact for every exponent k. */
const LN2_HIGH: f64 = 6.9314718036912381649e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;

/** e^x for x ≤ 0 (the softmax needs no other); results below 1e-307 are 0. */
export function expNonPositive(x: f64): f64 {
  if (x != x) return x;
  if (x < -707) return 0;
  const k = nearest(x * LOG2_E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // The Taylor series: |r| ≤ ln(2)/2, so the first term left out is below 2^-57.
  let sum: f64 = 1;
  for (let n: f64 = 13; n > 0; n--) sum = 1 + (sum * r) / n;
  return sum * reinterpret<f64>((<i64>k + 1023) << 52);
}

/** {@link expNonPositive} of two float64, with the same bits. */
export function expNonPositives(x: v128): v128 {
  const k = f64x2.nearest(f64x2.mul(x, f64x2.splat(LOG2_E)));
  const most = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const r = f64x2.sub(most, f64x2.mul(k, f64x2.splat(LN2_LOW)));
  let sum = taylorStep(f64x2.splat(1), r, 13);
  sum = taylorStep(sum, r, 12);
  sum = taylorStep(sum, r, 11);
  sum = taylorStep(sum, r, 10);
  sum = taylorStep(sum, r, 9);
  sum = taylorHalves(sum, r, 0.125);
  sum = taylorStep(sum, r, 7);
  sum = taylorStep(sum, r, 6);
  sum = taylorStep(sum, r, 5);
  sum = taylorHalves(sum, r, 0.25);
  sum = taylorStep(sum, r, 3);
  sum = taylorHalves(sum, r, 0.5);
  sum = f64x2.add(f64x2.splat(1), f64x2.mul(sum, r));
  const exponent = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  const power = i64x2.shl(i64x2.add(exponent, i64x2.splat(1023)), 52);
  return v128.andnot(f64x2.mul(sum, power), f64x2.lt(x, f64x2.splat(-707)));
}

/** 1 + sum · r / n */
// @ts-ignore: decorator
@inline
function taylorStep(sum: v128, r: v128, n: f64): v128 {
  return f64x2.add(f64x2.splat(1), f64x2.div(f64x2.mul(sum, r), f64x2.splat(n)));
}

/** {@link taylorStep} where 1 / n is a power of two, so that the cheaper product has the same bits. */
// @ts-ignore: decorator
@inline
function taylorHalves(sum: v128, r: v128, inverse: f64): v128 {
  return f64x2.add(f64x2.splat(1), f64x2.mul(f64x2.mul(sum, r), f64x2.splat(inverse)));
}

/** ln x for normal x > 0. */
export function logPositive(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i64>(x);
  let exponent = (bits >> 52) - 1023;
  let mantissa = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent++;
  }
  // ln m = 2 artanh((m − 1)/(m + 1)); |s| ≤ 0.172, so the first term left out is below 2^-62.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum: f64 = 0;
  for (let n: f64 = 23; n > 0; n -= 2) sum = sum * square + 1 / n;
  return <f64>exponent * LN2_HIGH + (2 * s * sum + <f64>exponent * LN2_LOW);
}

/** {@link logPositive} of two float64, with the same bits. */
export function logPositives(x: v128): v128 {
  const fraction = v128.and(x, i64x2.splat(0x000fffffffffffff));
  const whole = v128.or(fraction, i64x2.splat(0x3ff0000000000000));
  const halve = f64x2.gt(whole, f64x2.splat(1.4142135623730951));
  const mantissa = v128.bitselect(f64x2.mul(whole, f64x2.splat(0.5)), whole, halve);
  // A lane of `halve` is −1 where the exponent is one more.
  const exponents = i64x2.sub(i64x2.sub(i64x2.shr_s(x, 52), i64x2.splat(1023)), halve);
  const exponent = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponents, exponents, 0, 2, 0, 2));
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(mantissa, one), f64x2.add(mantissa, one));
  const square = f64x2.mul(s, s);
  let sum = f64x2.splat(1.0 / 23);
  sum = hornerStep(sum, square, 1.0 / 21);
  sum = hornerStep(sum, square, 1.0 / 19);
  sum = hornerStep(sum, square, 1.0 / 17);
  sum = hornerStep(sum, square, 1.0 / 15);
  sum = hornerStep(sum, square, 1.0 / 13);
  sum = hornerStep(sum, square, 1.0 / 11);
  sum = hornerStep(sum, square, 1.0 / 9);
  sum = hornerStep(sum, square, 1.0 / 7);
  sum = hornerStep(sum, square, 1.0 / 5);
  sum = hornerStep(sum, square, 1.0 / 3);
  sum = hornerStep(sum, square, 1);
  const ofMantissa = f64x2.mul(f64x2.add(s, s), sum);
  const low = f64x2.add(ofMantissa, f64x2.mul(exponent, f64x2.splat(LN2_LOW)));
  const value = f64x2.add(f64x2.mul(exponent, f64x2.splat(LN2_HIGH)), low);
  return v128.bitselect(value, x, f64x2.lt(x, f64x2.splat(Infinity)));
}

// @ts-ignore: decorator
@inline
function hornerStep(sum: v128, square: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(sum, square), f64x2.splat(coefficient));
}
