/**
 * Average pooling with any window and stride, NHWC. Padding is never read and does not count: each output is the mean of
 * the pixels on which its window lies, as in TensorFlow. Strides of images and rows are in bytes; a pixel's channels are
 * adjacent.
 */
import { loadPartInline, storePart } from '../activation/vectorMath';
import { firstWindow } from './firstWindow';
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
      overlapRow(
        from,
        dOutputRow,
        firstY,
        endY,
        width,
        pixel,
        windowHeight,
        windowWidth,
        strideY,
        strideX,
        padTop,
        padLeft,
        inputHeight,
        inputWidth,
        to,
      );
    }
  }
}

/** A row of dInput under the rows of windows [firstY, endY), of which `from` is the first. */
function overlapRow(
  from: usize,
  dOutputRow: usize,
  firstY: i32,
  endY: i32,
  width: i32,
  pixel: usize,
  windowHeight: i32,
  windowWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  inputHeight: i32,
  inputWidth: i32,
  to: usize,
): void {
  const rows = endY - firstY;
  const wholeRows = firstY * strideY >= padTop && (endY - 1) * strideY - padTop + windowHeight <= inputHeight;
  const count = <f32>(windowHeight * windowWidth);
  // Windows [firstWhole, endWhole) hang over neither side. There are none on a row under windows that hang over.
  const room = inputWidth + padLeft - windowWidth;
  const firstWhole = (padLeft + strideX - 1) / strideX;
  const endWhole = wholeRows && room >= 0 ? room / strideX + 1 : 0;
  // Pixels [runBegin, runEnd) lie under as many whole windows each if the windows move by one pixel.
  const runBegin = windowWidth - 1;
  const runEnd = strideX == 1 ? inputWidth - windowWidth + 1 : 0;
  let firstX = firstWindow(padLeft, windowWidth, strideX);
  let endX = firstX;
  for (let x = 0; x < inputWidth; x++) {
    const place = x + padLeft;
    while (firstX * strideX + windowWidth <= place) firstX++;
    while (endX < width && endX * strideX <= place) endX++;
    const columns = endX - firstX;
    const source = from + <usize>firstX * pixel;
    const target = to + <usize>x * pixel;
    if (columns > 0 && firstX >= firstWhole && endX <= endWhole) {
      const run = x >= runBegin && x < runEnd ? runEnd - x : 1;
      averageRectangles(source, pixel, dOutputRow, rows, pixel, columns, count, target, run);
      x += run - 1;
      continue;
    }
    weigh(
      source,
      dOutputRow,
      firstY,
      endY,
      firstX,
      endX,
      pixel,
      windowHeight,
      windowWidth,
      strideY,
      strideX,
      padTop,
      padLeft,
      inputHeight,
      inputWidth,
      target,
    );
  }
}

/** A pixel of dInput under windows of which some hang over: each gradient has a factor of its own. */
function weigh(
  from: usize,
  dOutputRow: usize,
  firstY: i32,
  endY: i32,
  firstX: i32,
  endX: i32,
  pixel: usize,
  windowHeight: i32,
  windowWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  inputHeight: i32,
  inputWidth: i32,
  to: usize,
): void {
  const wideBytes = pixel & ~63;
  let c: usize = 0;
  for (; c < wideBytes; c += 64) {
    let sum0 = f32x4.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    let line = from + c;
    for (let oy = firstY; oy < endY; oy++) {
      const rows = extent(oy, strideY, padTop, windowHeight, inputHeight);
      let at = line;
      for (let ox = firstX; ox < endX; ox++) {
        const columns = extent(ox, strideX, padLeft, windowWidth, inputWidth);
        const factors = f32x4.splat(1 / <f32>(rows * columns));
        sum0 = f32x4.add(sum0, f32x4.mul(v128.load(at), factors));
        sum1 = f32x4.add(sum1, f32x4.mul(v128.load(at, 16), factors));
        sum2 = f32x4.add(sum2, f32x4.mul(v128.load(at, 32), factors));
        sum3 = f32x4.add(sum3, f32x4.mul(v128.load(at, 48), factors));
        at += pixel;
      }
      line += dOutputRow;
    }
    v128.store(to + c, sum0);
    v128.store(to + c, sum1, 16);
    v128.store(to + c, sum2, 32);
    v128.store(to + c, sum3, 48);
  }
  for (; c < pixel; c += 16) {
    const bytes = min<usize>(16, pixel - c);
    let sum = f32x4.splat(0);
    let line = from + c;
    for (let oy = firstY; oy < endY; oy++) {
      const rows = extent(oy, strideY, padTop, windowHeight, inputHeight);
      let at = line;
      for (let ox = firstX; ox < endX; ox++) {
        const columns = extent(ox, strideX, padLeft, windowWidth, inputWidth);
        const factors = f32x4.splat(1 / <f32>(rows * columns));
        sum = f32x4.add(sum, f32x4.mul(loadPartInline(at, bytes, sum), factors));
        at += pixel;
      }
      line += dOutputRow;
    }
    storePart(to + c, sum, bytes);
  }
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
