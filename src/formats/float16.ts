/** Floats of 16 bits (IEEE 754 binary16), which no typed array of Node 20 holds. */

const FRACTION = 0x3ff;
const INFINITE = 0x1f;

/** The value of its bits; every one of them is a float32 as well. */
export function float16ToFloat32(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & INFINITE;
  const fraction = bits & FRACTION;
  if (exponent === INFINITE) return fraction === 0 ? sign * Infinity : NaN;
  // Below the smallest exponent there is no leading 1.
  if (exponent === 0) return (sign * fraction) / 16_777_216;
  const value = sign * (1024 + fraction);
  return exponent >= 25 ? value * (1 << (exponent - 25)) : value / (1 << (25 - exponent));
}

/** The value of a bfloat16: the upper half of a float32. */
export function bfloat16ToFloat32(bits: number): number {
  view.setUint16(0, bits);
  return view.getFloat32(0);
}

/** The lower half stays zero. */
const view = new DataView(new ArrayBuffer(4));
