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
