/**
 * Batch normalization, forward, over images and pixels, NHWC, for each channel by itself: the statistics of a batch. What
 * normalizes it is made of them in coefficients.ts and applied in scaleShift.ts; the backward pass is in gradient.ts.
 *
 * Sums go over a fixed number of shards in float64, shard s of them over the rows [s · rows / shards, (s + 1) · rows /
 * shards) of the batch, and are added up in the order of the shards: so that results do not depend on the number of
 * threads. Strides of images and rows are in bytes; a pixel's channels are adjacent.
 */
import { loadLanes } from '../simd';
import { addDoubles, highDoubles, lowDoubles, newLanes, rowAddress } from './lanes';
import { addEight, deviation } from './sums';

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
        addMoments(
          input,
          inputImage,
          inputRow,
          height,
          row,
          step,
          RUN,
          width,
          pixelBytes,
          pivots,
          sums,
          squares,
        );
      }
      if (rest < last) {
        const rows = last - rest;
        addMoments(
          input,
          inputImage,
          inputRow,
          height,
          rest,
          1,
          rows,
          width,
          pixelBytes,
          pivots,
          sums,
          squares,
        );
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
  const all = i32x4.splat(-1);
  const has1 = i32x4.splat(rows > 1 ? -1 : 0);
  const has2 = i32x4.splat(rows > 2 ? -1 : 0);
  const has3 = i32x4.splat(rows > 3 ? -1 : 0);
  const has4 = i32x4.splat(rows > 4 ? -1 : 0);
  const has5 = i32x4.splat(rows > 5 ? -1 : 0);
  const has6 = i32x4.splat(rows > 6 ? -1 : 0);
  const has7 = i32x4.splat(rows > 7 ? -1 : 0);
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
    for (let at = min(c, last); ; at = min(at + 16, last)) {
      const pivot = v128.load(pivots + at);
      const lanes = at < last ? all : fresh;
      addEight(
        deviation(r0 + at, pivot, lanes),
        deviation(r1 + at, pivot, v128.and(lanes, has1)),
        deviation(r2 + at, pivot, v128.and(lanes, has2)),
        deviation(r3 + at, pivot, v128.and(lanes, has3)),
        deviation(r4 + at, pivot, v128.and(lanes, has4)),
        deviation(r5 + at, pivot, v128.and(lanes, has5)),
        deviation(r6 + at, pivot, v128.and(lanes, has6)),
        deviation(r7 + at, pivot, v128.and(lanes, has7)),
        sums + (at << 1),
        squares + (at << 1),
      );
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
