/**
 * Batch normalization over images and pixels, NHWC, for each channel by itself.
 *
 * Sums go over a fixed number of shards in float64, shard s of them over the rows [s · rows / shards, (s + 1) · rows /
 * shards) of the batch, and are added up in the order of the shards: so that results do not depend on the number of
 * threads. Strides of images and rows are in bytes; a pixel's channels are adjacent.
 */
import { highDoubles, lowDoubles, rotated } from './lanes';

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
function firstRow(shard: i32, rows: i32, shards: i32): i32 {
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

/**
 * output = input · scale[channel] + shift[channel]; `output` may be `input`.
 * @param input,output  [batch, height, width, channels]
 * @param scale,shift   [channels]
 * @param begin,end     a share of the batch · height rows
 */
export function scaleShift(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  scale: usize,
  shift: usize,
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
    let from = input + <usize>image * inputImage + <usize>y * inputRow;
    let to = output + <usize>image * outputImage + <usize>y * outputRow;
    const rowEnd = from + rowBytes;
    if (channels < 4) {
      scaleShiftNarrow(from, to, rowBytes, pixelBytes, scale, shift);
    } else {
      for (; from < rowEnd; from += pixelBytes) {
        // The last vector overlaps the one before it, so it is read before that is written.
        const rest = f32x4.add(
          f32x4.mul(v128.load(from + last), v128.load(scale + last)),
          v128.load(shift + last),
        );
        for (let c: usize = 0; c < last; c += 16) {
          const scaled = f32x4.mul(v128.load(from + c), v128.load(scale + c));
          v128.store(to + c, f32x4.add(scaled, v128.load(shift + c)));
        }
        v128.store(to + last, rest);
        to += pixelBytes;
      }
    }
  }
}

/** A row of one to three channels: the coefficients repeat after three vectors. */
function scaleShiftNarrow(
  from: usize,
  to: usize,
  bytes: usize,
  pixel: usize,
  scale: usize,
  shift: usize,
): void {
  const scale0 = rotated(scale, pixel, 0);
  const scale1 = rotated(scale, pixel, 16);
  const scale2 = rotated(scale, pixel, 32);
  const shift0 = rotated(shift, pixel, 0);
  const shift1 = rotated(shift, pixel, 16);
  const shift2 = rotated(shift, pixel, 32);
  let i: usize = 0;
  for (; i + 48 <= bytes; i += 48) {
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(from + i), scale0), shift0));
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(from + i, 16), scale1), shift1), 16);
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(from + i, 32), scale2), shift2), 32);
  }
  for (; i < bytes; i += 4) {
    const c = i % pixel;
    store<f32>(to + i, load<f32>(from + i) * load<f32>(scale + c) + load<f32>(shift + c));
  }
}

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
  const vectorBytes = pixelBytes & ~15;
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
      let c: usize = 0;
      for (; c < vectorBytes; c += 16) {
        addProducts(
          gradient + c,
          value + c,
          pixelBytes,
          width,
          mean + c,
          sums + (c << 1),
          products + (c << 1),
        );
      }
      for (; c < pixelBytes; c += 4) {
        const average = load<f32>(mean + c);
        let sum: f64 = 0;
        let product: f64 = 0;
        let at = c;
        for (let x = 0; x < width; x++) {
          const d = load<f32>(gradient + at);
          sum += <f64>d;
          product += <f64>(d * (load<f32>(value + at) - average));
          at += pixelBytes;
        }
        store<f64>(sums + (c << 1), load<f64>(sums + (c << 1)) + sum);
        store<f64>(products + (c << 1), load<f64>(products + (c << 1)) + product);
      }
    }
    for (let c: usize = 0; c < pixelBytes; c += 4) {
      store<f64>(products + (c << 1), load<f64>(products + (c << 1)) * <f64>load<f32>(inverse + c));
    }
  }
}

/** Adds a row's gradients, and their products with input − mean, to the sums of four channels. */
function addProducts(
  gradient: usize,
  value: usize,
  pixel: usize,
  width: i32,
  mean: usize,
  sums: usize,
  products: usize,
): void {
  const average = v128.load(mean);
  let sumLow = v128.load(sums);
  let sumHigh = v128.load(sums, 16);
  let productLow = v128.load(products);
  let productHigh = v128.load(products, 16);
  for (let x = 0; x < width; x++) {
    const d = v128.load(gradient);
    const product = f32x4.mul(d, f32x4.sub(v128.load(value), average));
    sumLow = f64x2.add(sumLow, lowDoubles(d));
    sumHigh = f64x2.add(sumHigh, highDoubles(d));
    productLow = f64x2.add(productLow, lowDoubles(product));
    productHigh = f64x2.add(productHigh, highDoubles(product));
    gradient += pixel;
    value += pixel;
  }
  v128.store(sums, sumLow);
  v128.store(sums, sumHigh, 16);
  v128.store(products, productLow);
  v128.store(products, productHigh, 16);
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
