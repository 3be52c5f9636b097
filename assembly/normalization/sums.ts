/** What four or eight rows add to sums in float64: a little is summed in float32 first, which halves the arithmetic. */
import { highDoubles, lowDoubles } from './lanes';

/** Values less the pivots, in the lanes that count. */
// @ts-ignore: decorator
@inline
export function deviation(from: usize, pivot: v128, lanes: v128): v128 {
  return v128.and(f32x4.sub(v128.load(from), pivot), lanes);
}

/**
 * Adds eight values in each lane, and eight times their squares. The latter is the square of their sum, in float64, plus
 * squares of differences, for which float32 is good enough even if all are far from 0.
 */
// @ts-ignore: decorator
@inline
export function addEight(
  v0: v128,
  v1: v128,
  v2: v128,
  v3: v128,
  v4: v128,
  v5: v128,
  v6: v128,
  v7: v128,
  sums: usize,
  squares: usize,
): void {
  const two = f32x4.splat(2);
  const s01 = f32x4.add(v0, v1);
  const d01 = f32x4.sub(v0, v1);
  const s23 = f32x4.add(v2, v3);
  const d23 = f32x4.sub(v2, v3);
  const left = f32x4.add(s01, s23);
  const dLeft = f32x4.sub(s01, s23);
  const leftPairs = f32x4.add(f32x4.mul(d01, d01), f32x4.mul(d23, d23));
  const s45 = f32x4.add(v4, v5);
  const d45 = f32x4.sub(v4, v5);
  const s67 = f32x4.add(v6, v7);
  const d67 = f32x4.sub(v6, v7);
  const right = f32x4.add(s45, s67);
  const dRight = f32x4.sub(s45, s67);
  const rightPairs = f32x4.add(f32x4.mul(d45, d45), f32x4.mul(d67, d67));
  const sum = f32x4.add(left, right);
  const between = f32x4.sub(left, right);
  const pairs = f32x4.mul(f32x4.add(leftPairs, rightPairs), two);
  const fours = f32x4.add(f32x4.mul(dLeft, dLeft), f32x4.mul(dRight, dRight));
  const spread = f32x4.add(f32x4.mul(f32x4.add(pairs, fours), two), f32x4.mul(between, between));
  const low = lowDoubles(sum);
  const high = highDoubles(sum);
  v128.store(sums, f64x2.add(v128.load(sums), low));
  v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16);
  const squareLow = f64x2.add(f64x2.mul(low, low), lowDoubles(spread));
  const squareHigh = f64x2.add(f64x2.mul(high, high), highDoubles(spread));
  v128.store(squares, f64x2.add(v128.load(squares), squareLow));
  v128.store(squares, f64x2.add(v128.load(squares, 16), squareHigh), 16);
}

/** Adds Σ d and Σ d · v of four rows' pixels, made in float32, to sums in float64. */
// @ts-ignore: decorator
@inline
export function addFour(
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  v0: v128,
  v1: v128,
  v2: v128,
  v3: v128,
  sums: usize,
  products: usize,
): void {
  addVector(sums, f32x4.add(f32x4.add(d0, d1), f32x4.add(d2, d3)));
  const left = f32x4.add(f32x4.mul(d0, v0), f32x4.mul(d1, v1));
  addVector(products, f32x4.add(left, f32x4.add(f32x4.mul(d2, v2), f32x4.mul(d3, v3))));
}

/** Adds four floats to four doubles in memory. */
// @ts-ignore: decorator
@inline
function addVector(to: usize, value: v128): void {
  v128.store(to, f64x2.add(v128.load(to), lowDoubles(value)));
  v128.store(to, f64x2.add(v128.load(to, 16), highDoubles(value)), 16);
}
