/**
 * Batch normalization, forward, over images and pixels, NHWC, for each channel by itself: the statistics of a batch, and what
 * normalizes it. How that is applied is in scaleShift.ts, the backward pass in gradient.ts.
 *
 * Sums go over a fixed number of shards in float64, shard s of them over the rows [s · rows / shards, (s + 1) · rows /
 * shards) of the batch, and are added up in the order of the shards: so that results do not depend on the number of
 * threads. Strides of images and rows are in bytes; a pixel's channels are adjacent.
 */
import { loadLanes } from '../simd';
import { addDoubles, highDoubles, lowDoubles, newLanes } from './lanes';

/**
 * The count, mean and sum of squared deviations of each channel in each shard. Values are taken relative to the first
 * pixel of the shard, so that a large mean does not swallow the deviations from it.
 * @param input     [batch, height, width, channels]
 * @param partials  [shards][2 · channels + 1] f64: means, sums of squared deviations, the number of pixels
 * @param begin,end  a share of the shards
 */
export function channelStatistics(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  shards: i32,
  partials: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const rows = batch * height;
  const pixelBytes = (<usize>channels) << 2;
  const sumBytes = pixelBytes << 1;
  for (let shard = begin; shard < end; shard++) {
    const sums = partials + <usize>shard * ((sumBytes << 1) + 8);
    const squares = sums + sumBytes;
    memory.fill(sums, 0, sumBytes << 1);
    const first = firstRow(shard, rows, shards);
    const last = firstRow(shard + 1, rows, shards);
    const firstImage = first / height;
    const pivots = input + <usize>firstImage * inputImage + <usize>(first - firstImage * height) * inputRow;
    for (let row = first; row < last; row++) {
      const image = row / height;
      const from = input + <usize>image * inputImage + <usize>(row - image * height) * inputRow;
      if (channels < 4) addNarrowMoments(from, pixelBytes, width, pivots, sums, squares);
      else addMoments(from, pixelBytes, width, pivots, sums, squares);
    }
    const count = <f64>(last - first) * <f64>width;
    store<f64>(sums + (sumBytes << 1), count);
    if (count == 0) continue;
    for (let c: usize = 0; c < pixelBytes; c += 4) {
      const sum = load<f64>(sums + (c << 1));
      const square = load<f64>(squares + (c << 1)) / 4;
      store<f64>(sums + (c << 1), <f64>load<f32>(pivots + c) + sum / count);
      store<f64>(squares + (c << 1), max<f64>(0, square - (sum * sum) / count));
    }
  }
}

/** The first row of a shard. */
export function firstRow(shard: i32, rows: i32, shards: i32): i32 {
  return <i32>((<i64>shard * <i64>rows) / <i64>shards);
}

/** Adds a row's values less the pivots, and four times their squares, to the sums of four or more channels. */
function addMoments(from: usize, pixel: usize, width: i32, pivots: usize, sums: usize, squares: usize): void {
  const last = pixel - 16;
  const fresh = newLanes(pixel);
  for (let x = 0; x < width; x += 4) {
    // Where the row ends, pixels that are missing count as 0 and are read from the first one's place.
    const rest = width - x;
    const second = rest > 1 ? from + pixel : from;
    const third = rest > 2 ? second + pixel : from;
    const fourth = rest > 3 ? third + pixel : from;
    const two = i32x4.splat(rest > 1 ? -1 : 0);
    const three = i32x4.splat(rest > 2 ? -1 : 0);
    const four = i32x4.splat(rest > 3 ? -1 : 0);
    for (let c: usize = 0; c < last; c += 16) {
      const pivot = v128.load(pivots + c);
      addFour(
        f32x4.sub(v128.load(from + c), pivot),
        v128.and(f32x4.sub(v128.load(second + c), pivot), two),
        v128.and(f32x4.sub(v128.load(third + c), pivot), three),
        v128.and(f32x4.sub(v128.load(fourth + c), pivot), four),
        sums + (c << 1),
        squares + (c << 1),
      );
    }
    // The last vector overlaps the one before it.
    const pivot = v128.load(pivots + last);
    addFour(
      v128.and(f32x4.sub(v128.load(from + last), pivot), fresh),
      v128.and(f32x4.sub(v128.load(second + last), pivot), v128.and(fresh, two)),
      v128.and(f32x4.sub(v128.load(third + last), pivot), v128.and(fresh, three)),
      v128.and(f32x4.sub(v128.load(fourth + last), pivot), v128.and(fresh, four)),
      sums + (last << 1),
      squares + (last << 1),
    );
    from += pixel << 2;
  }
}

/**
 * Adds four values a…d and 4 · (a² + b² + c² + d²) in each lane. The latter is (a + b + c + d)², in float64, plus the
 * squares of differences, for which float32 is good enough even if all are far from 0.
 */
// @ts-ignore: decorator
@inline
function addFour(a: v128, b: v128, c: v128, d: v128, sums: usize, squares: usize): void {
  const left = f32x4.add(a, b);
  const right = f32x4.add(c, d);
  const sum = f32x4.add(left, right);
  const between = f32x4.sub(left, right);
  const inLeft = f32x4.sub(a, b);
  const inRight = f32x4.sub(c, d);
  const within = f32x4.add(f32x4.mul(inLeft, inLeft), f32x4.mul(inRight, inRight));
  const spread = f32x4.add(f32x4.add(within, within), f32x4.mul(between, between));
  const low = lowDoubles(sum);
  const high = highDoubles(sum);
  v128.store(sums, f64x2.add(v128.load(sums), low));
  v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16);
  const squareLow = f64x2.add(f64x2.mul(low, low), lowDoubles(spread));
  const squareHigh = f64x2.add(f64x2.mul(high, high), highDoubles(spread));
  v128.store(squares, f64x2.add(v128.load(squares), squareLow));
  v128.store(squares, f64x2.add(v128.load(squares, 16), squareHigh), 16);
}

/** The same as {@link addMoments} for one to three channels, whose sums are kept in registers for a row. */
function addNarrowMoments(
  from: usize,
  pixel: usize,
  width: i32,
  pivots: usize,
  sums: usize,
  squares: usize,
): void {
  const channels = <i32>(pixel >> 2);
  const pivot = loadLanes(pivots, channels);
  let sumLow = f64x2.splat(0);
  let sumHigh = f64x2.splat(0);
  let squareLow = f64x2.splat(0);
  let squareHigh = f64x2.splat(0);
  for (let x = 0; x < width; x++) {
    const value = f32x4.sub(loadLanes(from, channels), pivot);
    const low = lowDoubles(value);
    const high = highDoubles(value);
    sumLow = f64x2.add(sumLow, low);
    sumHigh = f64x2.add(sumHigh, high);
    squareLow = f64x2.add(squareLow, f64x2.mul(low, low));
    squareHigh = f64x2.add(squareHigh, f64x2.mul(high, high));
    from += pixel;
  }
  const four = f64x2.splat(4);
  addDoubles(sums, sumLow, sumHigh, channels);
  addDoubles(squares, f64x2.mul(squareLow, four), f64x2.mul(squareHigh, four), channels);
}

/**
 * Makes one mean and (biased) variance of the shards', moves the moving ones towards them and derives what the
 * normalization needs: output = input · scale + shift.
 * @param partials     what {@link channelStatistics} wrote
 * @param gamma,beta   [channels]; 0 for none
 * @param movingMean,movingVariance  [channels], becomes itself · momentum + the batch's · (1 − momentum)
 * @param mean,inverse [channels], for the backward pass: inverse = 1 / √(variance + epsilon)
 * @param scale,shift  [channels]: gamma · inverse and beta − mean · scale
 * @param begin,end    [0, 1): there is one result
 */
export function batchNormalizationTrain(
  partials: usize,
  shards: i32,
  channels: i32,
  gamma: usize,
  beta: usize,
  epsilon: f64,
  momentum: f64,
  movingMean: usize,
  movingVariance: usize,
  mean: usize,
  inverse: usize,
  scale: usize,
  shift: usize,
  begin: i32,
  end: i32,
): void {
  if (begin == end) return;
  const pixelBytes = (<usize>channels) << 2;
  const sumBytes = pixelBytes << 1;
  const shardBytes = (sumBytes << 1) + 8;
  let count: f64 = 0;
  for (let shard = 0; shard < shards; shard++) {
    count += load<f64>(partials + <usize>shard * shardBytes + (sumBytes << 1));
  }
  for (let c: usize = 0; c < pixelBytes; c += 4) {
    const from = partials + (c << 1);
    let average: f64 = 0;
    let at = from;
    for (let shard = 0; shard < shards; shard++) {
      average += (load<f64>(at - (c << 1) + (sumBytes << 1)) / count) * load<f64>(at);
      at += shardBytes;
    }
    let variance: f64 = 0;
    at = from;
    for (let shard = 0; shard < shards; shard++) {
      const distance = load<f64>(at) - average;
      variance += load<f64>(at + sumBytes) + load<f64>(at - (c << 1) + (sumBytes << 1)) * distance * distance;
      at += shardBytes;
    }
    variance /= count;
    const rest = 1 - momentum;
    store<f32>(movingMean + c, <f32>(<f64>load<f32>(movingMean + c) * momentum + average * rest));
    store<f32>(movingVariance + c, <f32>(<f64>load<f32>(movingVariance + c) * momentum + variance * rest));
    storeCoefficients(c, gamma, beta, average, variance + epsilon, scale, shift, mean, inverse);
  }
}

/**
 * The same from the moving mean and variance, as constants.
 * @param gamma,beta   [channels]; 0 for none
 * @param scale,shift,mean,inverse  [channels] as in {@link batchNormalizationTrain}
 * @param begin,end    [0, 1): there is one result
 */
export function batchNormalizationInference(
  gamma: usize,
  beta: usize,
  movingMean: usize,
  movingVariance: usize,
  epsilon: f64,
  scale: usize,
  shift: usize,
  mean: usize,
  inverse: usize,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  if (begin == end) return;
  const pixelBytes = (<usize>channels) << 2;
  for (let c: usize = 0; c < pixelBytes; c += 4) {
    const variance = <f64>load<f32>(movingVariance + c) + epsilon;
    storeCoefficients(c, gamma, beta, <f64>load<f32>(movingMean + c), variance, scale, shift, mean, inverse);
  }
}

/** Stores what normalizes one channel; `variance` includes epsilon. */
function storeCoefficients(
  c: usize,
  gamma: usize,
  beta: usize,
  average: f64,
  variance: f64,
  scale: usize,
  shift: usize,
  mean: usize,
  inverse: usize,
): void {
  const reciprocal = 1 / sqrt<f64>(variance);
  const factor = gamma ? <f64>load<f32>(gamma + c) * reciprocal : reciprocal;
  const offset: f64 = beta ? <f64>load<f32>(beta + c) : 0;
  store<f32>(mean + c, <f32>average);
  store<f32>(inverse + c, <f32>reciprocal);
  store<f32>(scale + c, <f32>factor);
  store<f32>(shift + c, <f32>(offset - average * factor));
}
