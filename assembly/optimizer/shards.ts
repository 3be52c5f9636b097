/** Sums over ranges of blocks, in float64, over a fixed number of shards in a fixed order. */

/** Where a shard begins, in bytes from the start of the range; the last one's end is the start of the one after it. */
// @ts-ignore: decorator
@inline
export function shardStart(blocks: i32, shard: i32, shards: i32): usize {
  return (<usize>((<i64>blocks * <i64>shard) / <i64>shards)) << 6;
}

/** The sum of all eight lanes. */
// @ts-ignore: decorator
@inline
export function sumLanes(sum0: v128, sum1: v128, sum2: v128, sum3: v128): f64 {
  const sum = f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * total += factor · Σ partials, the first first.
 * @param partials  [count] f64
 * @param total     [1] f64
 * @param begin,end [0, 1): there is one result
 */
export function addPartials(
  partials: usize,
  count: i32,
  factor: f64,
  total: usize,
  begin: i32,
  end: i32,
): void {
  if (begin == end) return;
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += load<f64>(partials + ((<usize>i) << 3));
  store<f64>(total, load<f64>(total) + factor * sum);
}
