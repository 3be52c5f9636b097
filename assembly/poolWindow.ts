/** A 2×2 window of a max pooling in registers, behind a convolution that has just computed it. */
import { larger } from './simd';

/**
 * Adds the bias to four values of a window and stores the largest, clamped, and 2·y + x of its place: the first of those
 * that are equal. A value that is not a number may lose, unless all four are.
 */
// @ts-ignore: decorator
@inline
export function storeLargest(
  v0: v128,
  v1: v128,
  v2: v128,
  v3: v128,
  bias: v128,
  floor: v128,
  to: usize,
  winner: usize,
): void {
  const b0 = f32x4.add(v0, bias);
  const b1 = f32x4.add(v1, bias);
  const b2 = f32x4.add(v2, bias);
  const b3 = f32x4.add(v3, bias);
  const upper = larger(b0, b1);
  const lower = larger(b2, b3);
  const upperWinner = v128.and(f32x4.gt(b1, b0), i32x4.splat(1));
  const lowerWinner = v128.or(v128.and(f32x4.gt(b3, b2), i32x4.splat(1)), i32x4.splat(2));
  v128.store(to, larger(larger(upper, lower), floor));
  v128.store(winner, v128.bitselect(lowerWinner, upperWinner, f32x4.gt(lower, upper)));
}
