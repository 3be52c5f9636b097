/**
 * Batch normalization, forward, over images and pixels, NHWC, for each channel by itself: the statistics of a batch, and what
 * normalizes it. How that is applied is in scaleShift.ts, the backward pass in gradient.ts.
 *
 * Sums go over a fixed number of shards in float64, shard s of them over the rows [s · rows / shards, (s + 1) · rows /
 * shards) of the batch, and are added up in the order of the shards: so that results do not depend on the number of
 * threads. Strides of images and rows are in bytes; a pixel's channels are adjacent.
 */
import { loadLanes } from '../simd';
import { addDoubles, highDoubles, lowDoubles, newLanes, rowAddress } from './lanes';

/** How many rows are summed side by side. */
const RUN = 8;

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
    const pivots = rowAddress(input, inputImage, inputRow, height, first);
    if (channels < 4) {
      for (let row = first; row < last; row++) {
        const from = rowAddress(input, inputImage, inputRow, height, row);
        addNarrowMoments(from, pixelBytes, width, pivots, sums, squares);
      }
    } else {
      const step = (last - first) / RUN;
      const rest = first + step * RUN;
      for (let row = first; row < first + step; row++) {
        addMoments(input, inputImage, inputRow, height, row, step, RUN, width, pixelBytes, pivots, sums, squares);
      }
      if (rest < last) {
        const rows = last - rest;
        addMoments(input, inputImage, inputRow, height, rest, 1, rows, width, pixelBytes, pivots, sums, squares);
      }
    }
    const count = <f64>(last - first) * <f64>width;
    store<f64>(sums + (sumBytes << 1), count);
    if (count > 0) centerMoments(sums, squares, pivots, channels, count);
  }
}

/** Means from sums relative to the pivots, and squared deviations from them of eight times the squares. */
function centerMoments(sums: usize, squares: usize, pivots: usize, channels: i32, count: f64): void {
  const counts = f64x2.splat(count);
  const eighth = f64x2.splat(0.125);
  const zero = f64x2.splat(0);
  for (; channels > 1; channels -= 2) {
    const sum = v128.load(sums);
    const quotient = f64x2.div(sum, counts);
    const square = f64x2.sub(f64x2.mul(v128.load(squares), eighth), f64x2.mul(sum, quotient));
    v128.store(sums, f64x2.add(lowDoubles(v128.load64_zero(pivots)), quotient));
    v128.store(squares, f64x2.pmax(square, zero));
    sums += 16;
    squares += 16;
    pivots += 8;
  }
  if (channels == 0) return;
  const sum = load<f64>(sums);
  const square = load<f64>(squares) * 0.125 - sum * (sum / count);
  store<f64>(sums, <f64>load<f32>(pivots) + sum / count);
  store<f64>(squares, square < 0 ? 0 : square);
}

/** The first row of a shard. */
export function firstRow(shard: i32, rows: i32, shards: i32): i32 {
  return <i32>((<i64>shard * <i64>rows) / <i64>shards);
}

/** Values less the pivots, in the lanes that count. */
// @ts-ignore: decorator
@inline
function deviation(from: usize, pivot: v128, lanes: v128): v128 {
  return v128.and(f32x4.sub(v128.load(from), pivot), lanes);
}

/**
 * Adds the values of up to eight rows, `step` apart, less the pivots, to the sums of four or more channels, and eight times their squares to
 * the squares. Rows lie so far apart that the processor fetches each of them ahead; with pixels of one row it would not (Zen
 * 4: a third of the speed beyond the caches).
 */
function addMoments(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  height: i32,
  row: i32,
  step: i32,
  rows: i32,
  width: i32,
  pixel: usize,
  pivots: usize,
  sums: usize,
  squares: usize,
): void {
  // Rows that are missing count as the pivot; the last one is read in their place.
  const end = row + (rows - 1) * step;
  let r0 = rowAddress(input, inputImage, inputRow, height, row);
  let r1 = rowAddress(input, inputImage, inputRow, height, min(row + step, end));
  let r2 = rowAddress(input, inputImage, inputRow, height, min(row + 2 * step, end));
  let r3 = rowAddress(input, inputImage, inputRow, height, min(row + 3 * step, end));
  let r4 = rowAddress(input, inputImage, inputRow, height, min(row + 4 * step, end));
  let r5 = rowAddress(input, inputImage, inputRow, height, min(row + 5 * step, end));
  let r6 = rowAddress(input, inputImage, inputRow, height, min(row + 6 * step, end));
  let r7 = rowAddress(input, inputImage, inputRow, height, min(row + 7 * step, end));
  const last = pixel - 16;
  const fresh = newLanes(pixel);
  for (let x = 0; x < width; x++) {
    let c: usize = 0;
    if (rows == RUN) {
      for (; c < last; c += 16) {
        const pivot = v128.load(pivots + c);
        addEight(
          f32x4.sub(v128.load(r0 + c), pivot),
          f32x4.sub(v128.load(r1 + c), pivot),
          f32x4.sub(v128.load(r2 + c), pivot),
          f32x4.sub(v128.load(r3 + c), pivot),
          f32x4.sub(v128.load(r4 + c), pivot),
          f32x4.sub(v128.load(r5 + c), pivot),
          f32x4.sub(v128.load(r6 + c), pivot),
          f32x4.sub(v128.load(r7 + c), pivot),
          sums + (c << 1),
          squares + (c << 1),
        );
      }
    }
    // The last vector overlaps the one before it.
    while (true) {
      const at = min(c, last);
      const pivot = v128.load(pivots + at);
      const lanes = at < last ? i32x4.splat(-1) : fresh;
      addEight(
        deviation(r0 + at, pivot, lanes),
        deviation(r1 + at, pivot, v128.and(lanes, i32x4.splat(rows > 1 ? -1 : 0))),
        deviation(r2 + at, pivot, v128.and(lanes, i32x4.splat(rows > 2 ? -1 : 0))),
        deviation(r3 + at, pivot, v128.and(lanes, i32x4.splat(rows > 3 ? -1 : 0))),
        deviation(r4 + at, pivot, v128.and(lanes, i32x4.splat(rows > 4 ? -1 : 0))),
        deviation(r5 + at, pivot, v128.and(lanes, i32x4.splat(rows > 5 ? -1 : 0))),
        deviation(r6 + at, pivot, v128.and(lanes, i32x4.splat(rows > 6 ? -1 : 0))),
        deviation(r7 + at, pivot, v128.and(lanes, i32x4.splat(rows > 7 ? -1 : 0))),
        sums + (at << 1),
        squares + (at << 1),
      );
      c += 16;
      if (at == last) break;
    }
    r0 += pixel;
    r1 += pixel;
    r2 += pixel;
    r3 += pixel;
    r4 += pixel;
    r5 += pixel;
    r6 += pixel;
    r7 += pixel;
  }
}

/**
 * Adds eight values in each lane, and eight times their squares. The latter is the square of their sum, in float64, plus
 * squares of differences, for which float32 is good enough even if all are far from 0.
 */
// @ts-ignore: decorator
@inline
function addEight(
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
  const eight = f64x2.splat(8);
  addDoubles(sums, sumLow, sumHigh, channels);
  addDoubles(squares, f64x2.mul(squareLow, eight), f64x2.mul(squareHigh, eight), channels);
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
