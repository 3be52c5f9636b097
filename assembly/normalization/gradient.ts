/** The backward pass of batch normalization: see statistics.ts for how its sums are made. */
import { loadLanes } from '../simd';
import { addDoubles, highDoubles, lowDoubles, newLanes, rowAddress } from './lanes';
import { addFour } from './sums';
import { firstRow } from './statistics';

/** How many rows are summed side by side. */
const RUN = 4;

/** Bytes within which a processor takes accesses for one stream, and does not see that they are several. */
const PAGE: usize = 4096;

/**
 * Σ dOutput and Σ dOutput · (input − mean) · inverse of each channel in each shard.
 * @param dOutput,input  [batch, height, width, channels]
 * @param mean,inverse   [channels]
 * @param partials       [shards][2 · channels] f64: first the one sum of each channel, then the other
 * @param begin,end      a share of the shards
 */
export function batchNormalizationSums(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  input: usize,
  inputImage: usize,
  inputRow: usize,
  mean: usize,
  inverse: usize,
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
  const short = <usize>width * pixelBytes < PAGE;
  for (let shard = begin; shard < end; shard++) {
    const sums = partials + <usize>shard * (sumBytes << 1);
    const products = sums + sumBytes;
    memory.fill(sums, 0, sumBytes << 1);
    const last = firstRow(shard + 1, rows, shards);
    const first = firstRow(shard, rows, shards);
    // Short rows would share pages, so that one of each quarter is taken; the rest, fewer than a run, are neighbours.
    const quarter = (last - first) / RUN;
    const rest = first + quarter * RUN;
    const runs = rest < last ? quarter + 1 : quarter;
    for (let i = 0; i < runs; i++) {
      const spread = i < quarter && short;
      const row = spread ? first + i : first + i * RUN;
      const step = spread ? quarter : 1;
      const run = i < quarter ? RUN : last - rest;
      // Rows that are missing count as 0; the last one is read in their place.
      const end = row + (run - 1) * step;
      const d0 = rowAddress(dOutput, dOutputImage, dOutputRow, height, row);
      const d1 = rowAddress(dOutput, dOutputImage, dOutputRow, height, min(row + step, end));
      const d2 = rowAddress(dOutput, dOutputImage, dOutputRow, height, min(row + 2 * step, end));
      const d3 = rowAddress(dOutput, dOutputImage, dOutputRow, height, min(row + 3 * step, end));
      const v0 = rowAddress(input, inputImage, inputRow, height, row);
      const v1 = rowAddress(input, inputImage, inputRow, height, min(row + step, end));
      const v2 = rowAddress(input, inputImage, inputRow, height, min(row + 2 * step, end));
      const v3 = rowAddress(input, inputImage, inputRow, height, min(row + 3 * step, end));
      if (channels > 3) {
        addProducts(d0, d1, d2, d3, v0, v1, v2, v3, run, pixelBytes, width, mean, sums, products);
      } else {
        addNarrowProducts(d0, v0, pixelBytes, width, mean, sums, products);
        if (run > 1) addNarrowProducts(d1, v1, pixelBytes, width, mean, sums, products);
        if (run > 2) addNarrowProducts(d2, v2, pixelBytes, width, mean, sums, products);
        if (run > 3) addNarrowProducts(d3, v3, pixelBytes, width, mean, sums, products);
      }
    }
    for (let c: usize = 0; c < pixelBytes; c += 4) {
      store<f64>(products + (c << 1), load<f64>(products + (c << 1)) * <f64>load<f32>(inverse + c));
    }
  }
}

/**
 * Adds the gradients of one to four rows, and their products with input − mean, to the sums of four or more channels. Rows
 * side by side for the reason given at `addMoments`.
 */
function addProducts(
  d0: usize,
  d1: usize,
  d2: usize,
  d3: usize,
  v0: usize,
  v1: usize,
  v2: usize,
  v3: usize,
  rows: i32,
  pixel: usize,
  width: i32,
  mean: usize,
  sums: usize,
  products: usize,
): void {
  const last = pixel - 16;
  const fresh = newLanes(pixel);
  const two = i32x4.splat(rows > 1 ? -1 : 0);
  const three = i32x4.splat(rows > 2 ? -1 : 0);
  const four = i32x4.splat(rows > 3 ? -1 : 0);
  for (let x = 0; x < width; x++) {
    for (let c: usize = 0; c < last; c += 16) {
      const average = v128.load(mean + c);
      addFour(
        v128.load(d0 + c),
        v128.and(v128.load(d1 + c), two),
        v128.and(v128.load(d2 + c), three),
        v128.and(v128.load(d3 + c), four),
        f32x4.sub(v128.load(v0 + c), average),
        f32x4.sub(v128.load(v1 + c), average),
        f32x4.sub(v128.load(v2 + c), average),
        f32x4.sub(v128.load(v3 + c), average),
        sums + (c << 1),
        products + (c << 1),
      );
    }
    // The last vector overlaps the one before it.
    const average = v128.load(mean + last);
    addFour(
      v128.and(v128.load(d0 + last), fresh),
      v128.and(v128.load(d1 + last), v128.and(fresh, two)),
      v128.and(v128.load(d2 + last), v128.and(fresh, three)),
      v128.and(v128.load(d3 + last), v128.and(fresh, four)),
      f32x4.sub(v128.load(v0 + last), average),
      f32x4.sub(v128.load(v1 + last), average),
      f32x4.sub(v128.load(v2 + last), average),
      f32x4.sub(v128.load(v3 + last), average),
      sums + (last << 1),
      products + (last << 1),
    );
    d0 += pixel;
    d1 += pixel;
    d2 += pixel;
    d3 += pixel;
    v0 += pixel;
    v1 += pixel;
    v2 += pixel;
    v3 += pixel;
  }
}

/** The same as {@link addProducts} for one to three channels, whose sums are kept in registers for a row. */
function addNarrowProducts(
  gradient: usize,
  value: usize,
  pixel: usize,
  width: i32,
  mean: usize,
  sums: usize,
  products: usize,
): void {
  const channels = <i32>(pixel >> 2);
  const average = loadLanes(mean, channels);
  let sumLow = f64x2.splat(0);
  let sumHigh = f64x2.splat(0);
  let productLow = f64x2.splat(0);
  let productHigh = f64x2.splat(0);
  for (let x = 0; x < width; x++) {
    const d = loadLanes(gradient, channels);
    const product = f32x4.mul(d, f32x4.sub(loadLanes(value, channels), average));
    sumLow = f64x2.add(sumLow, lowDoubles(d));
    sumHigh = f64x2.add(sumHigh, highDoubles(d));
    productLow = f64x2.add(productLow, lowDoubles(product));
    productHigh = f64x2.add(productHigh, highDoubles(product));
    gradient += pixel;
    value += pixel;
  }
  addDoubles(sums, sumLow, sumHigh, channels);
  addDoubles(products, productLow, productHigh, channels);
}

/**
 * The gradients of gamma and beta, and what makes the input's: dInput = a · dOutput + b · input + c.
 * @param partials  what {@link batchNormalizationSums} wrote
 * @param count     the pixels of the whole batch
 * @param gamma     [channels]; 0 for none
 * @param dGamma,dBeta  [channels]; 0 for none
 * @param a,b,c     [channels]
 * @param frozen    1 if mean and inverse are constants: b and c are 0
 * @param begin,end [0, 1): there is one result
 */
export function batchNormalizationGradient(
  partials: usize,
  shards: i32,
  channels: i32,
  count: i32,
  gamma: usize,
  inverse: usize,
  mean: usize,
  dGamma: usize,
  dBeta: usize,
  a: usize,
  b: usize,
  c: usize,
  frozen: i32,
  begin: i32,
  end: i32,
): void {
  if (begin == end) return;
  const pixelBytes = (<usize>channels) << 2;
  const sumBytes = pixelBytes << 1;
  for (let i: usize = 0; i < pixelBytes; i += 4) {
    let sum: f64 = 0;
    let product: f64 = 0;
    let at = partials + (i << 1);
    for (let shard = 0; shard < shards; shard++) {
      sum += load<f64>(at);
      product += load<f64>(at + sumBytes);
      at += sumBytes << 1;
    }
    if (dGamma) store<f32>(dGamma + i, <f32>product);
    if (dBeta) store<f32>(dBeta + i, <f32>sum);
    const reciprocal = <f64>load<f32>(inverse + i);
    const factor = gamma ? <f64>load<f32>(gamma + i) * reciprocal : reciprocal;
    store<f32>(a + i, <f32>factor);
    const slope: f64 = frozen ? 0 : (-factor * reciprocal * product) / <f64>count;
    const offset: f64 = frozen ? 0 : (-factor * sum) / <f64>count - slope * <f64>load<f32>(mean + i);
    store<f32>(b + i, <f32>slope);
    store<f32>(c + i, <f32>offset);
  }
}
