/**
 * Batch normalization, forward, over images and pixels, NHWC, for each channel by itself: the statistics of a batch, and what
 * normalizes it. How that is applied is in scaleShift.ts, the backward pass in gradient.ts.
 *
 * Sums go over a fixed number of shards in float64, shard s of them over the rows [s · rows / shards, (s + 1) · rows /
 * shards) of the batch, and are added up in the order of the shards: so that results do not depend on the number of
 * threads. Strides of images and rows are in bytes; a pixel's channels are adjacent.
 */
import { highDoubles, lowDoubles } from './lanes';

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
  const vectorBytes = pixelBytes & ~15;
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
      let c: usize = 0;
      for (; c < vectorBytes; c += 16) {
        addMoments(from + c, pixelBytes, width, pivots + c, sums + (c << 1), squares + (c << 1));
      }
      for (; c < pixelBytes; c += 4) {
        const pivot = load<f32>(pivots + c);
        let sum: f64 = 0;
        let square: f64 = 0;
        let at = from + c;
        for (let x = 0; x < width; x++) {
          const value = <f64>(load<f32>(at) - pivot);
          sum += value;
          square += value * value;
          at += pixelBytes;
        }
        store<f64>(sums + (c << 1), load<f64>(sums + (c << 1)) + sum);
        store<f64>(squares + (c << 1), load<f64>(squares + (c << 1)) + square);
      }
    }
    const count = <f64>(last - first) * <f64>width;
    store<f64>(sums + (sumBytes << 1), count);
    if (count == 0) continue;
    for (let c: usize = 0; c < pixelBytes; c += 4) {
      const sum = load<f64>(sums + (c << 1));
      const square = load<f64>(squares + (c << 1));
      store<f64>(sums + (c << 1), <f64>load<f32>(pivots + c) + sum / count);
      store<f64>(squares + (c << 1), max<f64>(0, square - (sum * sum) / count));
    }
  }
}

/** The first row of a shard. */
export function firstRow(shard: i32, rows: i32, shards: i32): i32 {
  return <i32>((<i64>shard * <i64>rows) / <i64>shards);
}

/** Adds a row's values less the pivots, and their squares, to the sums of four channels. */
function addMoments(from: usize, pixel: usize, width: i32, pivots: usize, sums: usize, squares: usize): void {
  const pivot = v128.load(pivots);
  let sumLow = v128.load(sums);
  let sumHigh = v128.load(sums, 16);
  let squareLow = v128.load(squares);
  let squareHigh = v128.load(squares, 16);
  for (let x = 0; x < width; x++) {
    const value = f32x4.sub(v128.load(from), pivot);
    const low = lowDoubles(value);
    const high = highDoubles(value);
    sumLow = f64x2.add(sumLow, low);
    sumHigh = f64x2.add(sumHigh, high);
    squareLow = f64x2.add(squareLow, f64x2.mul(low, low));
    squareHigh = f64x2.add(squareHigh, f64x2.mul(high, high));
    from += pixel;
  }
  v128.store(sums, sumLow);
  v128.store(sums, sumHigh, 16);
  v128.store(squares, squareLow);
  v128.store(squares, squareHigh, 16);
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
