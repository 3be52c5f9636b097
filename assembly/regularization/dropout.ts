/**
 * Dropout: some values become 0, the others grow by as much as is lost on average. Which ones is a function of a seed, a
 * stream, a step and a value's index (random/counter.ts), so that the backward pass, which is the same call on the
 * gradient, draws the same again and nothing is stored.
 *
 * A value is dropped where its random bits, as a signed number, are below threshold − 2^31: with a threshold of
 * rate · 2^32 the probability is the rate. Only rates below 1 have one.
 */
import { loadPart, loadPartInline, storePart, storePartInline } from '../activation/vectorMath';
import { counters, firstKey, randomBits, secondKey, WEYL } from '../random/counter';

/**
 * output = 0 or scale · input, for each value by itself; `output` may be `input`. A value's index is
 * (image · height + row) · length + i, wherever it lies in memory.
 * @param input,output  [batch, height, length float32]; strides in bytes
 * @param threshold  rate · 2^32, unsigned, at most 2^32 − 1
 * @param scale      1 / (1 − rate)
 * @param seedLow,seedHigh,stream,step  32 bits each
 * @param begin,end  a share of the batch · height rows
 */
export function dropout(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  length: i32,
  threshold: u32,
  scale: f32,
  seedLow: i32,
  seedHigh: i32,
  stream: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const start = firstKey(seedLow, seedHigh, stream, step);
  const key = i32x4.splat(secondKey(seedLow, seedHigh, stream, step));
  const limits = i32x4.splat(threshold ^ 0x80000000);
  const scales = f32x4.splat(scale);
  const four = i32x4.splat(4 * WEYL);
  const bytes = (<usize>length) << 2;
  const vectorBytes = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    const from = input + image * inputImage + y * inputRow;
    const to = output + image * outputImage + y * outputRow;
    let counter = counters(start, row * length);
    let i: usize = 0;
    for (; i < vectorBytes; i += 16) {
      const drops = i32x4.lt_s(randomBits(counter, key), limits);
      v128.store(to + i, v128.andnot(f32x4.mul(v128.load(from + i), scales), drops));
      counter = i32x4.add(counter, four);
    }
    if (i < bytes) {
      const drops = i32x4.lt_s(randomBits(counter, key), limits);
      const value = f32x4.mul(loadPart(from + i, bytes - i, f32x4.splat(0)), scales);
      storePart(to + i, v128.andnot(value, drops), bytes - i);
    }
  }
}

/**
 * As {@link dropout}, with one draw for each image and channel, whose index is image · channels + channel.
 * @param input,output  [batch, height, width, channels]; strides in bytes. `output` may be `input`
 * @param begin,end  a share of the batch · height rows
 */
export function spatialDropout(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  threshold: u32,
  scale: f32,
  seedLow: i32,
  seedHigh: i32,
  stream: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const start = firstKey(seedLow, seedHigh, stream, step);
  const key = i32x4.splat(secondKey(seedLow, seedHigh, stream, step));
  const limits = i32x4.splat(threshold ^ 0x80000000);
  const scales = f32x4.splat(scale);
  const four = i32x4.splat(4 * WEYL);
  const pixel = (<usize>channels) << 2;
  const wideBytes = pixel & ~63;
  const rowBytes = <usize>width * pixel;
  for (let row = begin; row < end; row++) {
    const image = row / height;
    const y = row - image * height;
    const from = input + <usize>image * inputImage + <usize>y * inputRow;
    const to = output + <usize>image * outputImage + <usize>y * outputRow;
    let counter = counters(start, image * channels);
    let c: usize = 0;
    for (; c < wideBytes; c += 64) {
      const counter1 = i32x4.add(counter, four);
      const counter2 = i32x4.add(counter1, four);
      const counter3 = i32x4.add(counter2, four);
      const drops0 = i32x4.lt_s(randomBits(counter, key), limits);
      const drops1 = i32x4.lt_s(randomBits(counter1, key), limits);
      const drops2 = i32x4.lt_s(randomBits(counter2, key), limits);
      const drops3 = i32x4.lt_s(randomBits(counter3, key), limits);
      for (let i = c; i < rowBytes; i += pixel) {
        const at = from + i;
        const target = to + i;
        v128.store(target, v128.andnot(f32x4.mul(v128.load(at), scales), drops0));
        v128.store(target, v128.andnot(f32x4.mul(v128.load(at, 16), scales), drops1), 16);
        v128.store(target, v128.andnot(f32x4.mul(v128.load(at, 32), scales), drops2), 32);
        v128.store(target, v128.andnot(f32x4.mul(v128.load(at, 48), scales), drops3), 48);
      }
      counter = i32x4.add(counter3, four);
    }
    for (; c < pixel; c += 16) {
      const drops = i32x4.lt_s(randomBits(counter, key), limits);
      const bytes = pixel - c;
      for (let i = c; i < rowBytes; i += pixel) {
        const value = f32x4.mul(loadPartInline(from + i, bytes, f32x4.splat(0)), scales);
        storePartInline(to + i, v128.andnot(value, drops), bytes);
      }
      counter = i32x4.add(counter, four);
    }
  }
}
