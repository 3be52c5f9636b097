/** A 2×2 window of a max pooling in registers, behind a convolution that has just computed it. */
import { larger } from '../simd';

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

/** As {@link storeLargest}, for two neighbouring vectors at once: so that V8 can make one of them. */
// @ts-ignore: decorator
@inline
export function storeLargestPair(
  v0: v128,
  v1: v128,
  v2: v128,
  v3: v128,
  bias: v128,
  w0: v128,
  w1: v128,
  w2: v128,
  w3: v128,
  nextBias: v128,
  floor: v128,
  to: usize,
  winner: usize,
): void {
  const b0 = f32x4.add(v0, bias);
  const b1 = f32x4.add(v1, bias);
  const b2 = f32x4.add(v2, bias);
  const b3 = f32x4.add(v3, bias);
  const c0 = f32x4.add(w0, nextBias);
  const c1 = f32x4.add(w1, nextBias);
  const c2 = f32x4.add(w2, nextBias);
  const c3 = f32x4.add(w3, nextBias);
  const upper = larger(b0, b1);
  const lower = larger(b2, b3);
  const nextUpper = larger(c0, c1);
  const nextLower = larger(c2, c3);
  const one = i32x4.splat(1);
  const two = i32x4.splat(2);
  const upperWinner = v128.and(f32x4.gt(b1, b0), one);
  const lowerWinner = v128.or(v128.and(f32x4.gt(b3, b2), one), two);
  const nextUpperWinner = v128.and(f32x4.gt(c1, c0), one);
  const nextLowerWinner = v128.or(v128.and(f32x4.gt(c3, c2), one), two);
  v128.store(to, larger(larger(upper, lower), floor));
  v128.store(to, larger(larger(nextUpper, nextLower), floor), 16);
  v128.store(winner, v128.bitselect(lowerWinner, upperWinner, f32x4.gt(lower, upper)));
  v128.store(winner, v128.bitselect(nextLowerWinner, nextUpperWinner, f32x4.gt(nextLower, nextUpper)), 16);
}
