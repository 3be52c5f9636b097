/**
 * Sums and copies of whole tensors, row by row, so that each side may be padded in memory.
 *
 * Tensors are [batch, height, length float32]; strides of images and rows are in bytes.
 */

/**
 * target += source
 * @param begin,end  a share of the batch · height rows
 */
export function addInto(
  source: usize,
  sourceImage: usize,
  sourceRow: usize,
  target: usize,
  targetImage: usize,
  targetRow: usize,
  height: i32,
  length: i32,
  begin: i32,
  end: i32,
): void {
  addViews(
    target,
    targetImage,
    targetRow,
    source,
    sourceImage,
    sourceRow,
    target,
    targetImage,
    targetRow,
    height,
    length,
    1,
    begin,
    end,
  );
}

/**
 * output = a + sign · b; `output` may be `a` or `b`.
 * @param sign  1 or −1
 * @param begin,end  a share of the batch · height rows
 */
export function addViews(
  a: usize,
  aImage: usize,
  aRow: usize,
  b: usize,
  bImage: usize,
  bRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  length: i32,
  sign: f32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const bytes = (<usize>length) << 2;
  const vectorBytes = bytes & ~15;
  const signs = f32x4.splat(sign);
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    const left = a + image * aImage + y * aRow;
    const right = b + image * bImage + y * bRow;
    const to = output + image * outputImage + y * outputRow;
    let i: usize = 0;
    for (; i < vectorBytes; i += 16) {
      v128.store(to + i, f32x4.add(v128.load(left + i), f32x4.mul(signs, v128.load(right + i))));
    }
    for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(left + i) + sign * load<f32>(right + i));
  }
}

/**
 * output = factor · input; `output` may be `input`.
 * @param begin,end  a share of the batch · height rows
 */
export function scaleView(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  length: i32,
  factor: f32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const bytes = (<usize>length) << 2;
  const vectorBytes = bytes & ~15;
  const factors = f32x4.splat(factor);
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    const from = input + image * inputImage + y * inputRow;
    const to = output + image * outputImage + y * outputRow;
    if (factor == 1) {
      copyVectors(from, to, bytes);
      continue;
    }
    let i: usize = 0;
    for (; i < vectorBytes; i += 16) v128.store(to + i, f32x4.mul(factors, v128.load(from + i)));
    for (; i < bytes; i += 4) store<f32>(to + i, factor * load<f32>(from + i));
  }
}

/**
 * Copies [batch, height, width, channels] between memories in which pixels lie apart, as the parts of a concatenation do.
 * @param sourcePixel,targetPixel  bytes from one pixel to the next
 * @param begin,end  a share of the batch · height rows
 */
export function copyView(
  source: usize,
  sourceImage: usize,
  sourceRow: usize,
  sourcePixel: usize,
  target: usize,
  targetImage: usize,
  targetRow: usize,
  targetPixel: usize,
  height: i32,
  width: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixelBytes = (<usize>channels) << 2;
  // Pixels that are adjacent on both sides are as one.
  const adjacent = sourcePixel == pixelBytes && targetPixel == pixelBytes;
  const pixels = adjacent ? 1 : width;
  const bytes = adjacent ? <usize>width * pixelBytes : pixelBytes;
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    let from = source + image * sourceImage + y * sourceRow;
    let to = target + image * targetImage + y * targetRow;
    for (let x = 0; x < pixels; x++) {
      copyVectors(from, to, bytes);
      from += sourcePixel;
      to += targetPixel;
    }
  }
}

/** A copy vector by vector: memory.copy is a call, and some lengths (2 KiB on Zen 4) take it more than twice as long. */
function copyVectors(from: usize, to: usize, bytes: usize): void {
  const vectorBytes = bytes & ~15;
  let i: usize = 0;
  for (; i < vectorBytes; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i));
}
