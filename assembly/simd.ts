/**
 * Lane helpers. The only file that knows which tier is being built: `simd` (IEEE arithmetic only, the same bits on
 * every machine) or `relaxed` (fused multiply-add).
 */

/** Bytes in a vector of four float32. */
export const VECTOR: usize = 16;

/** a·b + c in each lane: rounded twice in `simd`, once in `relaxed` on machines that have a fused multiply-add. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
