/** The backward pass of batch normalization: see statistics.ts for how its sums are made. */
import { loadLanes } from '../simd';
import { addDoubles, highDoubles, lowDoubles, newLanes, rotated } from './lanes';
import { firstRow } from './statistics';

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
    for (let row = firstRow(shard, rows, shards); row < last; row++) {
      const image = row / height;
      const y = row - image * height;
      const gradient = dOutput + <usize>image * dOutputImage + <usize>y * dOutputRow;
      const value = input + <usize>image * inputImage + <usize>y * inputRow;
      if (channels < 4) addNarrowProducts(gradient, value, pixelBytes, width, mean, sums, products);
      else addProducts(gradient, value, pixelBytes, width, mean, sums, products);
    }
    for (let c: usize = 0; c < pixelBytes; c += 4) {
      store<f64>(products + (c << 1), load<f64>(products + (c << 1)) * <f64>load<f32>(inverse + c));
    }
  }
}

/** Adds a row's gradients, and their products with input − mean, to the sums of four or more channels. */
function addProducts(
  gradient: usize,
  value: usize,
  pixel: usize,
  width: i32,
  mean: usize,
  sums: usize,
  products: usize,
): void {
  const last = pixel - 16;
  const fresh = newLanes(pixel);
  for (let x = 0; x < width; x += 4) {
    // Where the row ends, the gradients of pixels that are missing count as 0; the first one is read in their place.
    const rest = width - x;
    const second = rest > 1 ? pixel : 0;
    const third = rest > 2 ? second + pixel : 0;
    const fourth = rest > 3 ? third + pixel : 0;
    const two = i32x4.splat(rest > 1 ? -1 : 0);
    const three = i32x4.splat(rest > 2 ? -1 : 0);
    const four = i32x4.splat(rest > 3 ? -1 : 0);
    for (let c: usize = 0; c < last; c += 16) {
      const average = v128.load(mean + c);
      const d = gradient + c;
      const v = value + c;
      addFour(
        v128.load(d),
        v128.and(v128.load(d + second), two),
        v128.and(v128.load(d + third), three),
        v128.and(v128.load(d + fourth), four),
        f32x4.sub(v128.load(v), average),
        f32x4.sub(v128.load(v + second), average),
        f32x4.sub(v128.load(v + third), average),
        f32x4.sub(v128.load(v + fourth), average),
        sums + (c << 1),
        products + (c << 1),
      );
    }
    // The last vector overlaps the one before it.
    const average = v128.load(mean + last);
    const d = gradient + last;
    const v = value + last;
    addFour(
      v128.and(v128.load(d), fresh),
      v128.and(v128.load(d + second), v128.and(fresh, two)),
      v128.and(v128.load(d + third), v128.and(fresh, three)),
      v128.and(v128.load(d + fourth), v128.and(fresh, four)),
      f32x4.sub(v128.load(v), average),
      f32x4.sub(v128.load(v + second), average),
      f32x4.sub(v128.load(v + third), average),
      f32x4.sub(v128.load(v + fourth), average),
      sums + (last << 1),
      products + (last << 1),
    );
    gradient += pixel << 2;
    value += pixel << 2;
  }
}

/** Adds Σ d and Σ d · v of four pixels, made in float32, to sums in float64. */
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
