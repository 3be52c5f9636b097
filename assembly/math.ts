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
