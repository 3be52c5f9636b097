/**
 * The maximum of each channel over an image, NHWC. What is not a number comes through, and equal maxima share the gradient,
 * both as in TensorFlow's reduce_max. Strides of images and rows are in bytes; a pixel's channels are adjacent.
 */
import { larger } from '../simd';

/**
 * output[n][c] = the largest input[n, y, x, c]
 * @param input   [batch, height, width, channels]
 * @param output  [batch, channels]
 * @param begin,end  a share of the batch
 */
export function globalMaxForward(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  height: i32,
  width: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  for (let image = begin; image < end; image++) {
    const from = input + <usize>image * inputImage;
    const to = output + <usize>image * outputImage;
    memory.copy(to, from, pixel);
    for (let y = 0; y < height; y++) maxPixels(from + <usize>y * inputRow, width, pixel, to);
  }
}

/** to[c] = the largest of itself and a row's pixels, four of them at a time; NaN where one is, and {@link larger} keeps that. */
function maxPixels(from: usize, width: i32, pixel: usize, to: usize): void {
  const vectorBytes = pixel & ~15;
  let x = 0;
  for (; x + 4 <= width; x += 4) {
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      const at1 = from + c + pixel;
      const at2 = at1 + pixel;
      const v0 = v128.load(from + c);
      const v1 = v128.load(at1);
      const v2 = v128.load(at2);
      const v3 = v128.load(at2 + pixel);
      const most = larger(larger(v0, v1), larger(v2, v3));
      const low = v128.or(f32x4.ne(v0, v0), f32x4.ne(v1, v1));
      const high = v128.or(f32x4.ne(v2, v2), f32x4.ne(v3, v3));
      v128.store(to + c, v128.or(larger(v128.load(to + c), most), v128.or(low, high)));
    }
    for (let k = 0; k < 4; k++) {
      maxTail(from, c, pixel, to);
      from += pixel;
    }
  }
  for (; x < width; x++) {
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      const value = v128.load(from + c);
      v128.store(to + c, v128.or(larger(v128.load(to + c), value), f32x4.ne(value, value)));
    }
    maxTail(from, c, pixel, to);
    from += pixel;
  }
}

/** The channels from `c` on, fewer than four. */
// @ts-ignore: decorator
@inline
function maxTail(from: usize, c: usize, pixel: usize, to: usize): void {
  for (let i = c; i < pixel; i += 4) store<f32>(to + i, max(load<f32>(to + i), load<f32>(from + i)));
}

/**
 * dInput[n, y, x, c] = dOutput[n][c] / the number of maxima where the input is one, 0 elsewhere; NaN everywhere if the
 * maximum is NaN.
 *
 * The number of maxima, and then the quotient, are kept in the first pixel of dInput until that is written, last.
 * @param dOutput,output  [batch, channels]; what the forward pass wrote
 * @param input,dInput    [batch, height, width, channels]; dInput may not be input
 * @param begin,end  a share of the batch
 */
export function globalMaxBackward(
  dOutput: usize,
  dOutputImage: usize,
  output: usize,
  outputImage: usize,
  input: usize,
  inputImage: usize,
  inputRow: usize,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  for (let image = begin; image < end; image++) {
    const most = output + <usize>image * outputImage;
    const from = input + <usize>image * inputImage;
    const first = dInput + <usize>image * dInputImage;
    memory.fill(first, 0, pixel);
    for (let y = 0; y < height; y++) countEqual(from + <usize>y * inputRow, width, pixel, most, first);
    divideByCounts(dOutput + <usize>image * dOutputImage, first, pixel);
    for (let y = height - 1; y >= 0; y--) {
      const row = from + <usize>y * inputRow;
      passWhereEqual(row, width, pixel, most, first, first + <usize>y * dInputRow);
    }
  }
}

/** counts[c] += how many of a row's pixels equal most[c]; i32. */
function countEqual(from: usize, width: i32, pixel: usize, most: usize, counts: usize): void {
  const vectorBytes = pixel & ~15;
  let x = 0;
  for (; x + 4 <= width; x += 4) {
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      const at1 = from + c + pixel;
      const at2 = at1 + pixel;
      const value = v128.load(most + c);
      const low = i32x4.add(f32x4.eq(v128.load(from + c), value), f32x4.eq(v128.load(at1), value));
      const high = i32x4.add(f32x4.eq(v128.load(at2), value), f32x4.eq(v128.load(at2 + pixel), value));
      v128.store(counts + c, i32x4.sub(v128.load(counts + c), i32x4.add(low, high)));
    }
    for (let k = 0; k < 4; k++) {
      countTail(from, c, pixel, most, counts);
      from += pixel;
    }
  }
  for (; x < width; x++) {
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      const equal = f32x4.eq(v128.load(from + c), v128.load(most + c));
      v128.store(counts + c, i32x4.sub(v128.load(counts + c), equal));
    }
    countTail(from, c, pixel, most, counts);
    from += pixel;
  }
}

// @ts-ignore: decorator
@inline
function countTail(from: usize, c: usize, pixel: usize, most: usize, counts: usize): void {
  for (let i = c; i < pixel; i += 4) {
    if (load<f32>(from + i) == load<f32>(most + i)) store<i32>(counts + i, load<i32>(counts + i) + 1);
  }
}

/** Makes shares of counts: a count of 0, which is that of NaN, gives NaN. */
function divideByCounts(dOutput: usize, counts: usize, pixel: usize): void {
  const vectorBytes = pixel & ~15;
  let c: usize = 0;
  for (; c < vectorBytes; c += 16) {
    const count = v128.load(counts + c);
    const share = f32x4.div(v128.load(dOutput + c), f32x4.convert_i32x4_s(count));
    v128.store(counts + c, v128.or(share, i32x4.eq(count, i32x4.splat(0))));
  }
  for (; c < pixel; c += 4) {
    const count = load<i32>(counts + c);
    store<f32>(counts + c, count == 0 ? NaN : load<f32>(dOutput + c) / <f32>count);
  }
}

/** A row of dInput, the last pixel first: it may hold the shares in its first. */
function passWhereEqual(from: usize, width: i32, pixel: usize, most: usize, shares: usize, to: usize): void {
  const vectorBytes = pixel & ~15;
  let offset = <usize>width * pixel;
  while (offset > 0) {
    offset -= pixel;
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      const value = v128.load(most + c);
      const share = v128.load(shares + c);
      const passes = v128.or(f32x4.eq(v128.load(from + offset + c), value), f32x4.ne(value, value));
      v128.store(to + offset + c, v128.and(share, passes));
    }
    for (; c < pixel; c += 4) {
      const value = load<f32>(most + c);
      const passes = load<f32>(from + offset + c) == value || value != value;
      store<f32>(to + offset + c, passes ? load<f32>(shares + c) : 0);
    }
  }
}
