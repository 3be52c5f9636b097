/** The backward pass of batch normalization: see statistics.ts for how its sums are made. */
import { loadLanes } from '../simd';
import { addDoubles, highDoubles, lowDoubles, newLanes, rotated, rowAddress } from './lanes';
import { firstRow } from './statistics';

/** How many rows are summed side by side. */
const RUN = 4;

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
  for (let shard = begin; shard < end; shard++) {
    const sums = partials + <usize>shard * (sumBytes << 1);
    const products = sums + sumBytes;
    memory.fill(sums, 0, sumBytes << 1);
    const last = firstRow(shard + 1, rows, shards);
    const first = firstRow(shard, rows, shards);
    // As many rows from each quarter side by side; the rest, fewer than a run, are neighbours.
    const quarter = (last - first) / RUN;
    const rest = first + quarter * RUN;
    const runs = rest < last ? quarter + 1 : quarter;
    for (let i = 0; i < runs; i++) {
      const row = i < quarter ? first + i : rest;
      const step = i < quarter ? quarter : 1;
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

/** Adds Σ d and Σ d · v of four rows' pixels, made in float32, to sums in float64. */
// @ts-ignore: decorator
@inline
function addFour(
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

/**
 * dInput = a[channel] · dOutput + (b[channel] · input + c[channel]); `dInput` may be `dOutput` or `input`.
 * @param dOutput,input,dInput  [batch, height, width, channels]
 * @param a,b,c      [channels], from {@link batchNormalizationGradient}
 * @param begin,end  a share of the batch · height rows
 */
export function batchNormalizationInput(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  input: usize,
  inputImage: usize,
  inputRow: usize,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  a: usize,
  b: usize,
  c: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>width * pixelBytes;
  const last = pixelBytes - 16;
  for (let row = begin; row < end; row++) {
    const image = row / height;
    const y = row - image * height;
    let gradient = dOutput + <usize>image * dOutputImage + <usize>y * dOutputRow;
    let value = input + <usize>image * inputImage + <usize>y * inputRow;
    let to = dInput + <usize>image * dInputImage + <usize>y * dInputRow;
    if (channels < 4) {
      combineNarrow(gradient, value, to, rowBytes, pixelBytes, a, b, c);
      continue;
    }
    const rowEnd = gradient + rowBytes;
    for (; gradient < rowEnd; gradient += pixelBytes) {
      // The last vector overlaps the one before it, so it is read before that is written.
      const rest = f32x4.add(
        f32x4.mul(v128.load(gradient + last), v128.load(a + last)),
        f32x4.add(f32x4.mul(v128.load(value + last), v128.load(b + last)), v128.load(c + last)),
      );
      for (let i: usize = 0; i < last; i += 16) {
        const deviation = f32x4.add(f32x4.mul(v128.load(value + i), v128.load(b + i)), v128.load(c + i));
        v128.store(to + i, f32x4.add(f32x4.mul(v128.load(gradient + i), v128.load(a + i)), deviation));
      }
      v128.store(to + last, rest);
      value += pixelBytes;
      to += pixelBytes;
    }
  }
}

/** A row of one to three channels: the coefficients repeat after three vectors. */
function combineNarrow(
  gradient: usize,
  value: usize,
  to: usize,
  bytes: usize,
  pixel: usize,
  a: usize,
  b: usize,
  c: usize,
): void {
  let i: usize = 0;
  const a0 = rotated(a, pixel, 0);
  const a1 = rotated(a, pixel, 16);
  const a2 = rotated(a, pixel, 32);
  const b0 = rotated(b, pixel, 0);
  const b1 = rotated(b, pixel, 16);
  const b2 = rotated(b, pixel, 32);
  const c0 = rotated(c, pixel, 0);
  const c1 = rotated(c, pixel, 16);
  const c2 = rotated(c, pixel, 32);
  for (; i + 48 <= bytes; i += 48) {
    const d0 = f32x4.add(f32x4.mul(v128.load(value + i), b0), c0);
    const d1 = f32x4.add(f32x4.mul(v128.load(value + i, 16), b1), c1);
    const d2 = f32x4.add(f32x4.mul(v128.load(value + i, 32), b2), c2);
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(gradient + i), a0), d0));
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(gradient + i, 16), a1), d1), 16);
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(gradient + i, 32), a2), d2), 32);
  }
  for (; i < bytes; i += 4) {
    const at = i % pixel;
    const deviation = load<f32>(value + i) * load<f32>(b + at) + load<f32>(c + at);
    store<f32>(to + i, load<f32>(gradient + i) * load<f32>(a + at) + deviation);
  }
}
