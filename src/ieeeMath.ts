/**
 * Logarithm, exponential, power and cosine of + − × ÷ alone, which IEEE 754 fixes to the last bit: what `Math.log`,
 * `Math.exp`, `**` and `Math.cos` give differs from one JavaScript engine to the next, and with them a training would.
 * Errors are below 1 ulp (1.1e-16 to 2.2e-16, relative) unless a function says otherwise.
 */

const LN2 = 0.6931471805599453;
/** The first 42 bits of ln 2, so that multiples by an exponent are exact, and the rest. */
const LN2_HIGH = 0.6931471805598903;
const LN2_LOW = 5.497923018708371e-14;

const HALF_PI = 1.5707963267948966;
/** π/2 in parts of 33 bits and a rest. */
const HALF_PI_PARTS = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;

/** high + low, where low is at most half an ulp of high. */
type Parts = readonly [high: number, low: number];

const bits = new DataView(new ArrayBuffer(8));

/** The natural logarithm; NaN below zero. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  return x === Infinity ? x : logParts(x)[0];
}

/** e to the power of x; below 1e-308 to the precision that such numbers have. */
export function exp(x: number): number {
  if (!(x < 709.8)) return x >= 709.8 ? Infinity : NaN;
  if (x < -745.2) return 0;
  const k = Math.round(x / LN2);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  // e^r = 1 + r/1·(1 + r/2·(1 + r/3·(…))); |r| < 0.35, so that what is left out is below 4e-18.
  let sum = 1;
  for (let n = 14; n >= 2; n--) sum = 1 + (r / n) * sum;
  const result = 1 + (r * sum + (high - r - low));
  const half = Math.floor(k / 2);
  return result * powerOfTwo(half) * powerOfTwo(k - half);
}

/**
 * x to the power of y, as `Math.pow` has it, except that every power of 1 is 1. The error is below 1 ulp for whole
 * y ≥ 0 (repeated squaring) and below 2 ulp for others, as long as the result is between 1e-20 and 1e20.
 */
export function pow(x: number, y: number): number {
  if (Number.isInteger(y)) return y < 0 ? 1 / wholePower(x, -y) : wholePower(x, y);
  if (x === 1) return 1;
  if (x === 0 || x === Infinity) return (x === 0) === y > 0 ? 0 : Number.isNaN(y) ? NaN : Infinity;
  if (!(x > 0)) return NaN;
  const [high, low] = logParts(x);
  const [product, error] = multiply(y, high);
  const result = exp(product);
  if (result === 0 || result === Infinity) return result;
  return result + result * (error + y * low);
}

/**
 * The cosine of an angle within ±1.6e6, with an error below 1.5 ulp.
 * @throws RangeError beyond, where the angle would need more digits of π
 */
export function cos(x: number): number {
  if (!(Math.abs(x) <= 1.6e6)) throw new RangeError(`cos: ${x} is not within ±1.6e6.`);
  const n = Math.round(x / HALF_PI);
  const [first, second, third] = HALF_PI_PARTS;
  const near = x - n * first;
  const r = near - n * second;
  const angle = r + (near - r - n * second - n * third);
  const value = n % 2 === 0 ? cosNearZero(angle) : sinNearZero(angle);
  return (n & 3) === 1 || (n & 3) === 2 ? -value : value;
}

/** For |x| ≤ π/4, by Taylor: 1 − x²/(1·2)·(1 − x²/(3·4)·(…)). */
function cosNearZero(x: number): number {
  let sum = 1;
  for (let n = 18; n >= 2; n -= 2) sum = 1 - ((x * x) / (n * (n - 1))) * sum;
  return sum;
}

/** For |x| ≤ π/4, by Taylor: x − x³/(2·3)·(1 − x²/(4·5)·(…)). */
function sinNearZero(x: number): number {
  let sum = 1;
  for (let n = 17; n >= 5; n -= 2) sum = 1 - ((x * x) / (n * (n - 1))) * sum;
  return x - ((x * x * x) / 6) * sum;
}

/**
 * The logarithm of a finite x > 0 with about 58 bits: of x = 2^k·m with m near 1 it is k·ln 2 + 2·artanh(s) with
 * s = (m − 1) / (m + 1), and artanh(s) = s + s³/3 + s⁵/5 + …
 */
function logParts(x: number): Parts {
  const [m, k] = mantissa(x);
  const divisor = m + 1;
  const s = (m - 1) / divisor;
  // What rounding took from s: the remainder of the division, the rounding of the divisor included.
  const [product, error] = multiply(s, divisor);
  const sLow = (m - 1 - product - error - s * (m - (divisor - 1))) / divisor;
  const z = s * s;
  let series = 0;
  for (let n = 27; n >= 3; n -= 2) series = 1 / n + z * series;
  const high = k * LN2_HIGH + 2 * s;
  const lost = k === 0 ? 0 : k * LN2_HIGH - high + 2 * s;
  const low = lost + (2 * (sLow + s * z * series) + k * LN2_LOW);
  const sum = high + low;
  return [sum, high - sum + low];
}

/** x^n for a whole n ≥ 0 by repeated squaring, with twice the digits in between. */
function wholePower(x: number, n: number): number {
  let [high, low] = [1, 0] as Parts;
  let [square, squareLow] = [x, 0] as Parts;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) [high, low] = multiplyParts(high, low, square, squareLow);
    if (left > 1) [square, squareLow] = multiplyParts(square, squareLow, square, squareLow);
  }
  return high;
}

function multiplyParts(a: number, aLow: number, b: number, bLow: number): Parts {
  const [high, error] = multiply(a, b);
  const low = error + (a * bLow + aLow * b);
  const sum = high + low;
  return Number.isFinite(sum) ? [sum, high - sum + low] : [high, 0];
}

/**
 * a·b and what rounding took from it (Dekker 1971), each factor split into halves whose products are exact. Near the
 * ends of the range, where the halves would overflow or vanish, the error is left at 0.
 */
function multiply(a: number, b: number): Parts {
  const product = a * b;
  const largest = Math.max(Math.abs(a), Math.abs(b), Math.abs(product));
  if (!(largest < 1e290 && Math.abs(product) > 1e-270)) return [product, 0];
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return [product, aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow];
}

/** x rounded to 26 bits (Veltkamp 1968). */
function upperHalf(x: number): number {
  const scaled = x * 134217729;
  return scaled - (scaled - x);
}

/** m and k with x = m·2^k, and m between √½ and √2, for a finite x > 0. */
function mantissa(x: number): readonly [number, number] {
  // Below 2.2e-308 numbers have no leading bit; 2^54 times as large they do.
  if (x < 2.2250738585072014e-308) {
    const [m, k] = mantissa(x * 18014398509481984);
    return [m, k - 54];
  }
  bits.setFloat64(0, x);
  const word = bits.getUint32(0);
  bits.setUint32(0, (word & 0xfffff) | 0x3ff00000);
  const m = bits.getFloat64(0);
  const k = (word >>> 20) - 1023;
  return m > 1.4142135623730951 ? [m / 2, k + 1] : [m, k];
}

/** 2^k for k from −1022 to 1023. */
function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}
