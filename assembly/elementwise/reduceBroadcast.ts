/**
 * The gradients of operands that were used again and again (broadcast.ts): sums over the axes on which they have but one.
 *
 * An image's sum is one thread's work, row by row, so that it does not depend on the number of threads.
 */
import { Constant, Each, Same } from './operands';
import { addPixels } from './pixelSums';

/**
 * result = factor · Σ dOutput over the axes where the result has but one; an addition's gradient with a factor of 1, a
 * subtraction's second with −1.
 * @param dOutput    [batch, height, width, channels]; strides in bytes
 * @param result     as an operand of broadcast.ts: a step of 0 along each axis on which it has but one; overwritten
 * @param begin,end  a share of the batch
 */
export function reduceBroadcast(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  result: usize,
  resultImage: usize,
  resultRow: usize,
  resultPixel: usize,
  resultChannel: usize,
  factor: f32,
  height: i32,
  width: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  const plain = factor == 1 && resultPixel == 0 && resultChannel != 0;
  for (let image = begin; image < end; image++) {
    let from = dOutput + <usize>image * dOutputImage;
    let to = result + <usize>image * resultImage;
    for (let y = 0; y < height; y++) {
      if (y == 0 || resultRow != 0) clearResult(to, width, channels, resultPixel, resultChannel);
      if (plain) addPixels(from, width, pixel, to);
      else addRow<Constant>(from, 0, 0, factor, width, pixel, to, resultPixel, resultChannel);
      from += dOutputRow;
      to += resultRow;
    }
  }
}

/**
 * dB = Σ dOutput · a over the axes where b has but one: the gradient of a · b for b.
 * @param dOutput    [batch, height, width, channels]; strides in bytes
 * @param a          as an operand of broadcast.ts: aPixel and aChannel are the bytes from one pixel and channel to the next
 * @param dB         likewise; overwritten
 * @param begin,end  a share of the batch
 */
export function multiplyBackwardBroadcast(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPixel: usize,
  aChannel: usize,
  dB: usize,
  dBImage: usize,
  dBRow: usize,
  dBPixel: usize,
  dBChannel: usize,
  height: i32,
  width: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  for (let image = begin; image < end; image++) {
    let from = dOutput + <usize>image * dOutputImage;
    let factors = a + <usize>image * aImage;
    let to = dB + <usize>image * dBImage;
    for (let y = 0; y < height; y++) {
      if (y == 0 || dBRow != 0) clearResult(to, width, channels, dBPixel, dBChannel);
      if (aChannel != 0) addRow<Each>(from, factors, aPixel, 0, width, pixel, to, dBPixel, dBChannel);
      else addRow<Same>(from, factors, aPixel, 0, width, pixel, to, dBPixel, dBChannel);
      from += dOutputRow;
      factors += aRow;
      to += dBRow;
    }
  }
}

/** Zeros in a row of the result. */
function clearResult(to: usize, width: i32, channels: i32, pixelStep: usize, channelStep: usize): void {
  const bytes: usize = channelStep != 0 ? (<usize>channels) << 2 : 4;
  const pixels = pixelStep != 0 ? width : 1;
  for (let x = 0; x < pixels; x++) {
    memory.fill(to, 0, bytes);
    to += pixelStep;
  }
}

/** Adds dOutput · a of a row to the result. @param pixel  bytes of a pixel of dOutput */
function addRow<A>(
  from: usize,
  a: usize,
  aPixel: usize,
  factor: f32,
  width: i32,
  pixel: usize,
  to: usize,
  pixelStep: usize,
  channelStep: usize,
): void {
  if (channelStep == 0) {
    for (let x = 0; x < width; x++) {
      store<f32>(to, load<f32>(to) + sumChannels<A>(from, a, factor, pixel));
      from += pixel;
      a += aPixel;
      to += pixelStep;
    }
    return;
  }
  let x = 0;
  if (pixelStep == 0) {
    for (; x + 4 <= width; x += 4) {
      addFour<A>(from, a, aPixel, factor, pixel, to);
      from += pixel << 2;
      a += aPixel << 2;
    }
  }
  for (; x < width; x++) {
    addOne<A>(from, a, factor, pixel, to);
    from += pixel;
    a += aPixel;
    to += pixelStep;
  }
}

/** to[c] += Σ dOutput · a of four pixels */
function addFour<A>(from: usize, a: usize, aPixel: usize, factor: f32, pixel: usize, to: usize): void {
  const vectorBytes = pixel & ~15;
  const operand = changetype<A>(0);
  const from1 = from + pixel;
  const from2 = from1 + pixel;
  const from3 = from2 + pixel;
  const a1 = a + aPixel;
  const a2 = a1 + aPixel;
  const a3 = a2 + aPixel;
  let c: usize = 0;
  for (; c < vectorBytes; c += 16) {
    const p0 = f32x4.mul(v128.load(from + c), operand.load(a, c, factor));
    const p1 = f32x4.mul(v128.load(from1 + c), operand.load(a1, c, factor));
    const p2 = f32x4.mul(v128.load(from2 + c), operand.load(a2, c, factor));
    const p3 = f32x4.mul(v128.load(from3 + c), operand.load(a3, c, factor));
    const sum = f32x4.add(f32x4.add(p0, p1), f32x4.add(p2, p3));
    v128.store(to + c, f32x4.add(v128.load(to + c), sum));
  }
  for (; c < pixel; c += 4) {
    const p0 = load<f32>(from + c) * operand.one(a, c, factor);
    const p1 = load<f32>(from1 + c) * operand.one(a1, c, factor);
    const p2 = load<f32>(from2 + c) * operand.one(a2, c, factor);
    const p3 = load<f32>(from3 + c) * operand.one(a3, c, factor);
    store<f32>(to + c, load<f32>(to + c) + (p0 + p1 + (p2 + p3)));
  }
}

/** to[c] += dOutput · a of one pixel */
function addOne<A>(from: usize, a: usize, factor: f32, pixel: usize, to: usize): void {
  const vectorBytes = pixel & ~15;
  const operand = changetype<A>(0);
  let c: usize = 0;
  for (; c < vectorBytes; c += 16) {
    const product = f32x4.mul(v128.load(from + c), operand.load(a, c, factor));
    v128.store(to + c, f32x4.add(v128.load(to + c), product));
  }
  for (; c < pixel; c += 4) {
    store<f32>(to + c, load<f32>(to + c) + load<f32>(from + c) * operand.one(a, c, factor));
  }
}

/** Σ dOutput · a over the channels of a pixel: in eight lanes, then these, then what is left. */
function sumChannels<A>(from: usize, a: usize, factor: f32, pixel: usize): f32 {
  const operand = changetype<A>(0);
  const wideBytes = pixel & ~31;
  const vectorBytes = pixel & ~15;
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  let c: usize = 0;
  for (; c < wideBytes; c += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(from + c), operand.load(a, c, factor)));
    odd = f32x4.add(odd, f32x4.mul(v128.load(from + c, 16), operand.load(a, c + 16, factor)));
  }
  if (c < vectorBytes) {
    even = f32x4.add(even, f32x4.mul(v128.load(from + c), operand.load(a, c, factor)));
    c += 16;
  }
  const lanes = f32x4.add(even, odd);
  let sum =
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
  for (; c < pixel; c += 4) sum += load<f32>(from + c) * operand.one(a, c, factor);
  return sum;
}
