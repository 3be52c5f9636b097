/**
 * Lane helpers. The only file that knows which tier is being built: `simd` (IEEE arithmetic only, the same bits on
 * every machine) or `relaxed` (fused multiply-add).
 */

/** a·b + c in each lane: rounded twice in `simd`, once in `relaxed` on machines that have a fused multiply-add. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/**
 * The larger of a and b in each lane; a where they are equal or one of them is not a number. One instruction on x64, where
 * f32x4.max takes nine.
 */
// @ts-ignore: decorator
@inline
export function larger(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

/** v held between low and high in each lane; what is not a number stays so, and so does a zero's sign at a bound of zero. */
// @ts-ignore: decorator
@inline
export function clamped(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
}

/** The first `count` (1 to 4) floats at an address, then zeros: for what may be narrower than a vector. */
// @ts-ignore: decorator
@inline
export function loadLanes(from: usize, count: i32): v128 {
  if (count == 4) return v128.load(from);
  if (count == 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return count == 2 ? two : v128.load_lane<f32>(from, two, 2, 8);
}

/** Stores the first `count` (1 to 4) lanes. */
// @ts-ignore: decorator
@inline
export function storeLanes(to: usize, value: v128, count: i32): void {
  if (count == 4) {
    v128.store(to, value);
  } else if (count == 1) {
    v128.store_lane<f32>(to, value, 0);
  } else {
    v128.store_lane<f64>(to, value, 0);
    if (count == 3) v128.store_lane<f32>(to, value, 2, 8);
  }
}

/** Four floats that lie `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function gatherFloats(from: usize, step: usize): v128 {
  const one = v128.load32_zero(from);
  const two = v128.load_lane<f32>(from + step, one, 1);
  const three = v128.load_lane<f32>(from + 2 * step, two, 2);
  return v128.load_lane<f32>(from + 3 * step, three, 3);
}

/** Adds `value` to the vector at an address, in the lanes of a mask. */
// @ts-ignore: decorator
@inline
export function addMasked(to: usize, value: v128, lanes: v128): void {
  v128.store(to, f32x4.add(v128.load(to), v128.and(value, lanes)));
}

/** Stores the 4×4 matrix of rows r0…r3 transposed, column after column. */
// @ts-ignore: decorator
@inline
export function storeTransposed(r0: v128, r1: v128, r2: v128, r3: v128, to: usize): void {
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3), 16);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2), 32);
  v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3), 48);
}
