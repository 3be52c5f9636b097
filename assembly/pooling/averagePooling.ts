/**
 * Average pooling with any window and stride, NHWC. Padding is never read and does not count: each output is the mean of
 * the pixels on which its window lies, as in TensorFlow. Strides of images and rows are in bytes; a pixel's channels are
 * adjacent.
 */
import { averageRectangles, spreadPixels } from './rectangles';

/**
 * @param input   [batch, inputHeight, inputWidth, channels]
 * @param output  [batch, height, width, channels]
 * @param padTop,padLeft  rows and columns by which the first window hangs over
 * @param begin,end  a share of the batch · height output rows
 */
export function averagePool2dForward(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputHeight: i32,
  inputWidth: i32,
  channels: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  const step = <usize>strideX * pixel;
  // Windows [firstWhole, endWhole) hang over neither side, and are done in one go.
  const firstWhole = min(width, (padLeft + strideX - 1) / strideX);
  const room = inputWidth + padLeft - windowWidth;
  const endWhole = room < 0 ? firstWhole : max(firstWhole, min(width, room / strideX + 1));
  for (let item = begin; item < end; item++) {
    const image = item / height;
    const y = item - image * height;
    const top = max(0, y * strideY - padTop);
    const rows = min(inputHeight, y * strideY - padTop + windowHeight) - top;
    const from = input + <usize>image * inputImage + <usize>top * inputRow;
    const to = output + <usize>image * outputImage + <usize>y * outputRow;
    for (let x = 0; x < width; x++) {
      const count = x == firstWhole && endWhole > x ? endWhole - x : 1;
      const left = max(0, x * strideX - padLeft);
      const columns = min(inputWidth, x * strideX - padLeft + windowWidth) - left;
      averageRectangles(
        from + <usize>left * pixel,
        step,
        inputRow,
        rows,
        pixel,
        columns,
        <f32>(rows * columns),
        to + <usize>x * pixel,
        count,
      );
      x += count - 1;
    }
  }
}

/**
 * Each pixel gets from every window on it that window's gradient, divided by the number of its pixels.
 * @param dOutput  [batch, height, width, channels]
 * @param dInput   [batch, inputHeight, inputWidth, channels]; overwritten
 * @param begin,end  a share of the batch · inputHeight rows of dInput
 */
export function averagePool2dBackward(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  inputHeight: i32,
  inputWidth: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  for (let item = begin; item < end; item++) {
    const image = item / inputHeight;
    const y = item - image * inputHeight;
    const to = dInput + <usize>image * dInputImage + <usize>y * dInputRow;
    // The windows [firstY, endY) lie on this row.
    const firstY = firstWindow(y + padTop, windowHeight, strideY);
    const endY = min(height, (y + padTop) / strideY + 1);
    const from = dOutput + <usize>image * dOutputImage + <usize>firstY * dOutputRow;
    if (firstY >= endY) {
      memory.fill(to, 0, <usize>inputWidth * pixel);
    } else if (endY - firstY == 1 && windowWidth <= strideX) {
      const rows = extent(firstY, strideY, padTop, windowHeight, inputHeight);
      spreadRow(from, rows, width, pixel, windowWidth, strideX, padLeft, inputWidth, to);
    } else {
      for (let x = 0; x < inputWidth; x++) {
        const firstX = firstWindow(x + padLeft, windowWidth, strideX);
        const endX = min(width, (x + padLeft) / strideX + 1);
        const source = from + <usize>firstX * pixel;
        const target = to + <usize>x * pixel;
        const top = firstY * strideY - padTop;
        const left = firstX * strideX - padLeft;
        const whole =
          top >= 0 &&
          left >= 0 &&
          (endY - 1) * strideY - padTop + windowHeight <= inputHeight &&
          (endX - 1) * strideX - padLeft + windowWidth <= inputWidth;
        if (firstX >= endX) memory.fill(target, 0, pixel);
        else if (whole) {
          const count = <f32>(windowHeight * windowWidth);
          averageRectangles(source, 0, dOutputRow, endY - firstY, pixel, endX - firstX, count, target, 1);
        } else {
          memory.fill(target, 0, pixel);
          for (let oy = firstY; oy < endY; oy++) {
            const rows = extent(oy, strideY, padTop, windowHeight, inputHeight);
            const line = source + <usize>(oy - firstY) * dOutputRow;
            for (let ox = firstX; ox < endX; ox++) {
              const columns = extent(ox, strideX, padLeft, windowWidth, inputWidth);
              addDivided(line + <usize>(ox - firstX) * pixel, <f32>(rows * columns), target, pixel);
            }
          }
        }
      }
    }
  }
}

/** The first window that covers a place, counted from where the first window begins. */
// @ts-ignore: decorator
@inline
function firstWindow(place: i32, window: i32, stride: i32): i32 {
  return place < window ? 0 : (place - window) / stride + 1;
}

/** How many rows or columns of a window lie on the image. */
// @ts-ignore: decorator
@inline
function extent(index: i32, stride: i32, pad: i32, window: i32, size: i32): i32 {
  const start = index * stride - pad;
  return min(size, start + window) - max(0, start);
}

/** A row of dInput under one row of windows that do not overlap. */
function spreadRow(
  from: usize,
  rows: i32,
  width: i32,
  pixel: usize,
  window: i32,
  stride: i32,
  pad: i32,
  inputWidth: i32,
  to: usize,
): void {
  const tiles = window == stride && width * stride >= inputWidth + pad;
  if (!tiles) memory.fill(to, 0, <usize>inputWidth * pixel);
  const endWhole = max(0, min(width, (inputWidth + pad - window) / stride + 1));
  for (let x = 0; x < width; x++) {
    const left = max(0, x * stride - pad);
    const columns = extent(x, stride, pad, window, inputWidth);
    const count = columns == window && x < endWhole ? endWhole - x : 1;
    const target = to + <usize>left * pixel;
    spreadPixels(
      from + <usize>x * pixel,
      pixel,
      <f32>(rows * columns),
      target,
      <usize>stride * pixel,
      columns,
      count,
    );
    x += count - 1;
  }
}

/** to += from / divisor, for one pixel. */
function addDivided(from: usize, divisor: f32, to: usize, pixel: usize): void {
  const vectorBytes = pixel & ~15;
  const divisors = f32x4.splat(divisor);
  let c: usize = 0;
  for (; c < vectorBytes; c += 16) {
    v128.store(to + c, f32x4.add(v128.load(to + c), f32x4.div(v128.load(from + c), divisors)));
  }
  for (; c < pixel; c += 4) store<f32>(to + c, load<f32>(to + c) + load<f32>(from + c) / divisor);
}
