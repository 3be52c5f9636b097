/** size · sign(value) in each lane, for sizes of at least 0: 0 where the value is 0, NaN where it is not a number. */
// @ts-ignore: decorator
@inline
export function signed(size: v128, value: v128): v128 {
  const withSign = v128.or(v128.and(value, f32x4.splat(-0.0)), size);
  const notANumber = f32x4.ne(value, value);
  return v128.or(v128.and(withSign, f32x4.ne(value, f32x4.splat(0))), notANumber);
}
