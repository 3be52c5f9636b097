/** What losses and metrics share: rows of predictions, their weights, and float32 values two or four at a time. */
import { loadPart } from './activation/vectorMath';

/** The weight of a row's image; 1 where there are no weights. @param weights  [rows / rowsPerImage] float32, or 0 */
// @ts-ignore: decorator
@inline
export function weightOf(weights: usize, row: i32, rowsPerImage: i32): f64 {
  return weights ? <f64>load<f32>(weights + ((<usize>(row / rowsPerImage)) << 2)) : 1;
}

/** Two float32 as float64; where fewer than 8 bytes are left the second is `fill`. Reads nothing else. */
// @ts-ignore: decorator
@inline
export function loadPair(from: usize, left: usize, fill: f32): v128 {
  let two = f32x4.splat(fill);
  if (left >= 8) {
    two = v128.load64_zero(from);
  } else {
    two = v128.load_lane<f32>(from, two, 0);
  }
  return f64x2.promote_low_f32x4(two);
}

/** Stores two float64 as float32; where fewer than 8 bytes are left only the first. */
// @ts-ignore: decorator
@inline
export function storePair(to: usize, pair: v128, left: usize): void {
  const two = f32x4.demote_f64x2_zero(pair);
  if (left >= 8) {
    v128.store_lane<f64>(to, two, 0);
  } else {
    v128.store_lane<f32>(to, two, 0);
  }
}

/** The pair where 8 bytes are left; otherwise its second value is 0. */
// @ts-ignore: decorator
@inline
export function withinPair(pair: v128, left: usize): v128 {
  return left >= 8 ? pair : f64x2.replace_lane(pair, 1, 0);
}

// @ts-ignore: decorator
@inline
export function sumOfPair(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** The lower two of four float32, and the upper two, as float64 and added. */
// @ts-ignore: decorator
@inline
export function promotedSum(four: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(four), promoteUpper(four));
}

// @ts-ignore: decorator
@inline
export function promoteUpper(four: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 2, 3));
}

/** All bits of the lanes that begin within the bytes left. */
// @ts-ignore: decorator
@inline
export function lanesWithin(left: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>left), i32x4(0, 4, 8, 12));
}

/** How many of four counts there are. */
// @ts-ignore: decorator
@inline
export function sumOfCounts(counts: v128): i32 {
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}

/** The largest value of a row that is a number; −∞ if there is none. */
export function largestOf(from: usize, bytes: usize): f32 {
  const nothing = f32x4.splat(-Infinity);
  let four = nothing;
  for (let i: usize = 0; i < bytes; i += 16) four = f32x4.pmax(four, loadPart(from + i, bytes - i, nothing));
  four = f32x4.pmax(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
  four = f32x4.pmax(four, v128.shuffle<f32>(four, four, 1, 0, 3, 2));
  return f32x4.extract_lane(four, 0);
}

/** The index of the first value of a row that equals `value`; −1 if there is none. */
export function firstOf(from: usize, bytes: usize, value: f32): i32 {
  const values = f32x4.splat(value);
  const nothing = f32x4.splat(NaN);
  for (let i: usize = 0; i < bytes; i += 16) {
    const equal = i32x4.bitmask(f32x4.eq(loadPart(from + i, bytes - i, nothing), values));
    if (equal) return <i32>(i >> 2) + ctz(equal);
  }
  return -1;
}

/** Whether every value of a row is a number. */
export function allNumbers(from: usize, bytes: usize): bool {
  const zero = f32x4.splat(0);
  let strange = zero;
  for (let i: usize = 0; i < bytes; i += 16) {
    const four = loadPart(from + i, bytes - i, zero);
    strange = v128.or(strange, f32x4.ne(four, four));
  }
  return !v128.any_true(strange);
}
