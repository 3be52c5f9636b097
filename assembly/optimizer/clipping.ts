/**
 * Clipping of gradients, in three steps where it is by their norm: sums of squares over a fixed number of shards, the
 * factor that makes the norm small enough, and its product with the gradients.
 *
 * Ranges are of blocks of 16 float32; what lies in them beyond a weight's last value must be zero, and stays so.
 */
import { highDoubles, lowDoubles } from '../normalization/lanes';
import { larger } from '../simd';
import { shardStart, sumLanes } from './shards';

/**
 * partials[shard] = Σ value² over the shard's part of the range, in float64: no square overflows or vanishes.
 * @param blocks    how many blocks the range has
 * @param shards    into how many parts it is cut, whatever the number of threads
 * @param partials  [shards] f64
 * @param begin,end a share of the shards
 */
export function sumSquares(
  values: usize,
  blocks: i32,
  shards: i32,
  partials: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= shards);
  for (let shard = begin; shard < end; shard++) {
    const last = values + shardStart(blocks, shard + 1, shards);
    let sum0 = f64x2.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    for (let at = values + shardStart(blocks, shard, shards); at < last; at += 32) {
      const first = v128.load(at);
      const second = v128.load(at, 16);
      sum0 = f64x2.add(sum0, square(lowDoubles(first)));
      sum1 = f64x2.add(sum1, square(highDoubles(first)));
      sum2 = f64x2.add(sum2, square(lowDoubles(second)));
      sum3 = f64x2.add(sum3, square(highDoubles(second)));
    }
    store<f64>(partials + ((<usize>shard) << 3), sumLanes(sum0, sum1, sum2, sum3));
  }
}

// @ts-ignore: decorator
@inline
function square(value: v128): v128 {
  return f64x2.mul(value, value);
}

/**
 * factor = clip / max(norm, clip) with norm = √Σ partials: exactly 1 for what is short enough. A norm that is not a number
 * gives such a factor.
 * @param partials  [count] f64: of one weight, or of all of them for their global norm
 * @param clip      above 0
 * @param factor    [1] f32
 * @param begin,end [0, 1): there is one result
 */
export function clipScale(partials: usize, count: i32, clip: f64, factor: usize, begin: i32, end: i32): void {
  if (begin == end) return;
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += load<f64>(partials + ((<usize>i) << 3));
  const norm = sqrt<f64>(sum);
  store<f32>(factor, <f32>(norm <= clip ? 1 : clip / norm));
}

/**
 * values ·= factor
 * @param factor  [1] f32; nothing is done if it is 1
 * @param begin,end  a share of the blocks
 */
export function scaleBlocks(values: usize, factor: usize, begin: i32, end: i32): void {
  assert(begin >= 0 && begin <= end);
  const number = load<f32>(factor);
  if (number == 1) return;
  const factors = f32x4.splat(number);
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    v128.store(values + i, f32x4.mul(v128.load(values + i), factors));
  }
}

/**
 * values = min(max(values, −clip), clip); what is not a number stays so.
 * @param begin,end  a share of the blocks
 */
export function clipValues(values: usize, clip: f32, begin: i32, end: i32): void {
  assert(begin >= 0 && begin <= end);
  const most = f32x4.splat(clip);
  const least = f32x4.splat(-clip);
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    v128.store(values + i, f32x4.pmin(larger(v128.load(values + i), least), most));
  }
}
