/**
 * Penalties on the size of weights, l1 · Σ|w| + l2 · Σw², in the form of Keras: their gradient and their share of the loss.
 *
 * Ranges are of blocks of 16 float32; what lies in them beyond a weight's last value must be zero, and stays so.
 */
import { highDoubles, lowDoubles } from '../normalization/lanes';
import { shardStart, sumLanes } from './shards';
import { signed } from './sign';

/**
 * gradients += l1 · sign(parameters) + 2 · l2 · parameters, where sign(0) = 0.
 * @param l1,l2  at least 0
 * @param begin,end  a share of the blocks
 */
export function regularize(
  parameters: usize,
  gradients: usize,
  l1: f32,
  l2: f32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const steps = f32x4.splat(l1);
  const slopes = f32x4.splat(2 * l2);
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const values = v128.load(parameters + i);
    const change = f32x4.add(signed(steps, values), f32x4.mul(slopes, values));
    v128.store(gradients + i, f32x4.add(v128.load(gradients + i), change));
  }
}

/**
 * partials[shard] = l1 · Σ|w| + l2 · Σw² over the shard's part of the range, in float64.
 * @param blocks    how many blocks the range has
 * @param shards    into how many parts it is cut, whatever the number of threads
 * @param partials  [shards] f64
 * @param begin,end a share of the shards
 */
export function regularizationLoss(
  parameters: usize,
  blocks: i32,
  shards: i32,
  l1: f64,
  l2: f64,
  partials: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= shards);
  const slopes = f64x2.splat(l1);
  const curvatures = f64x2.splat(l2);
  for (let shard = begin; shard < end; shard++) {
    const last = parameters + shardStart(blocks, shard + 1, shards);
    let sum0 = f64x2.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    for (let at = parameters + shardStart(blocks, shard, shards); at < last; at += 32) {
      const first = f32x4.abs(v128.load(at));
      const second = f32x4.abs(v128.load(at, 16));
      sum0 = f64x2.add(sum0, penalty(lowDoubles(first), slopes, curvatures));
      sum1 = f64x2.add(sum1, penalty(highDoubles(first), slopes, curvatures));
      sum2 = f64x2.add(sum2, penalty(lowDoubles(second), slopes, curvatures));
      sum3 = f64x2.add(sum3, penalty(highDoubles(second), slopes, curvatures));
    }
    store<f64>(partials + ((<usize>shard) << 3), sumLanes(sum0, sum1, sum2, sum3));
  }
}

/** size · (l1 + l2 · size) */
// @ts-ignore: decorator
@inline
function penalty(size: v128, l1: v128, l2: v128): v128 {
  return f64x2.mul(size, f64x2.add(l1, f64x2.mul(l2, size)));
}
