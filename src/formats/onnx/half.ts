/** The value of a half-precision number, from its 16 bits (IEEE 754 binary16). */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * SMALLEST;
  // Both factors are exact powers of two.
  return sign * (1024 + fraction) * SMALLEST * (1 << (exponent - 1));
}

/** 2^-24 */
const SMALLEST = 1 / 16_777_216;
