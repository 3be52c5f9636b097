/** The gradient of the input of a depthwise convolution. */
import { correlateRow } from './correlate';
import { BLOCK_ROWS, chunkCount, gatherRows, isCrowded, sumGroups } from './gather';

/**
 * dInput[n, y, x, c] = Σ dOutput[n, oy, ox, c·multiplier + m] · filter[ky, kx, c, m] over the taps and outputs that have read it.
 *
 * @param dOutput      [batch, …, …, inputs · multiplier], the first pixel inside of zero margins: (padTop + inputHeight − 1) /
 *                     strideY − height + 1 rows below (rounded down) and ((kernelHeight − 1) · dilationY − padTop) / strideY above
 *                     (rounded up), if these are positive; to the left and right likewise
 * @param padTop,padLeft  rows and columns by which the first window hangs over the input
 * @param filter       [kernelHeight, kernelWidth, inputs, multiplier], compact
 * @param dInput       [batch, inputHeight, inputWidth, inputs]; overwritten
 * @param scratch      for a multiplier above 1: (ceil(inputWidth / strideX) · inputs + 4) · multiplier floats; where
 *                     inputs · multiplier is a multiple of 512, so many and max(32, multiplier) more for each tap and for each of
 *                     ((7 + (kernelHeight − 1) · dilationY) / strideY + 1) · ((inputWidth − 1 + (kernelWidth − 1) · dilationX) /
 *                     strideX + 1) outputs (rounded down)
 * @param begin,end    a share of the batch · inputHeight rows of dInput
 */
export function depthwiseBackwardInput(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  dilationY: i32,
  dilationX: i32,
  padTop: i32,
  padLeft: i32,
  inputs: i32,
  multiplier: i32,
  filter: usize,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  inputHeight: i32,
  inputWidth: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && multiplier > 0);
  const gathers = isCrowded(inputs * multiplier);
  const chunks = gathers ? chunkCount(inputs, multiplier) : 1;
  const inputBytes = (<usize>inputs) << 2;
  const pixelBytes = inputBytes * <usize>multiplier;
  const sumBytes: usize =
    multiplier > 1 ? (<usize>((((inputWidth + strideX - 1) / strideX) * inputs + 4) * multiplier)) << 2 : 0;
  const lowX = ceilDivide(padLeft - (kernelWidth - 1) * dilationX, strideX);
  const columns = (inputWidth - 1 + padLeft) / strideX - lowX + 1;
  let row = begin;
  while (row < end) {
    const image = row / inputHeight;
    const y = row - image * inputHeight;
    const rows = min(BLOCK_ROWS, min(end - row, inputHeight - y));
    const lowY = ceilDivide(y + padTop - (kernelHeight - 1) * dilationY, strideY);
    const dOutputRows = (y + rows - 1 + padTop) / strideY - lowY + 1;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const first = (inputs * chunk) / chunks;
      const count = (inputs * (chunk + 1)) / chunks - first;
      const offset = (<usize>(first * multiplier)) << 2;
      // The first output that has read any of these inputs.
      let from =
        dOutput + <usize>image * dOutputImage + <usize>lowY * dOutputRow + <usize>lowX * pixelBytes + offset;
      let nextRow = dOutputRow;
      let nextPixel = pixelBytes;
      let weights = filter + offset;
      let nextTap = pixelBytes;
      if (gathers) {
        nextPixel = nextTap = (<usize>(count * multiplier)) << 2;
        const taps = kernelHeight * kernelWidth;
        const copy = scratch + sumBytes;
        gatherRows(weights, 0, pixelBytes, 1, taps, count * multiplier, 1, copy);
        weights = copy;
        const behind = copy + <usize>taps * nextTap;
        gatherRows(from, dOutputRow, pixelBytes, dOutputRows, columns, count * multiplier, 1, behind);
        from = behind;
        nextRow = <usize>columns * nextPixel;
      }
      for (let i = y; i < y + rows; i++) {
        backwardRow(
          from - <usize>lowY * nextRow - <usize>lowX * nextPixel,
          nextRow,
          nextPixel,
          kernelHeight,
          kernelWidth,
          strideY,
          strideX,
          dilationY,
          dilationX,
          i + padTop,
          padLeft,
          count,
          multiplier,
          weights,
          nextTap,
          dInput + <usize>image * dInputImage + <usize>i * dInputRow + ((<usize>first) << 2),
          inputBytes,
          inputWidth,
          scratch,
        );
      }
    }
    row += rows;
  }
}

/**
 * A row of dInput. The pixels whose columns leave the same remainder by the stride meet the same taps, and their
 * neighbours neighbouring outputs: they are a correlation of dOutput with those taps, the last one first.
 * @param dOutput  an image's first pixel; rows and pixels are `dOutputRow`, `dOutputPixel` bytes apart
 * @param position  the row, counted from the top of the first window
 * @param filterTap  bytes from one tap to the next
 * @param sums       room for a row of outputs, see above
 */
function backwardRow(
  dOutput: usize,
  dOutputRow: usize,
  dOutputPixel: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  dilationY: i32,
  dilationX: i32,
  position: i32,
  padLeft: i32,
  inputs: i32,
  multiplier: i32,
  filter: usize,
  filterTap: usize,
  dInput: usize,
  dInputPixel: usize,
  inputWidth: i32,
  sums: usize,
): void {
  const filterRow = filterTap * <usize>kernelWidth;
  const targetStep = dInputPixel * <usize>strideX;
  const firstY = nextTap(position, dilationY, strideY, 0, kernelHeight);
  const everyY = nextTap(position, dilationY, strideY, firstY + 1, kernelHeight) - firstY;
  const tapsY = tapCount(firstY, everyY, kernelHeight);
  const lastY = firstY + (tapsY - 1) * everyY;
  const from = dOutput + <usize>((position - lastY * dilationY) / strideY) * dOutputRow;
  for (let phase = 0; phase < min(strideX, inputWidth); phase++) {
    const left = phase + padLeft;
    const firstX = nextTap(left, dilationX, strideX, 0, kernelWidth);
    const everyX = nextTap(left, dilationX, strideX, firstX + 1, kernelWidth) - firstX;
    const tapsX = tapCount(firstX, everyX, kernelWidth);
    const lastX = firstX + (tapsX - 1) * everyX;
    const width = (inputWidth - phase + strideX - 1) / strideX;
    const to = dInput + <usize>phase * dInputPixel;
    correlateRow(
      from + <usize>((left - lastX * dilationX) / strideX) * dOutputPixel,
      dOutputPixel,
      <usize>((everyY * dilationY) / strideY) * dOutputRow,
      <usize>((everyX * dilationX) / strideX) * dOutputPixel,
      tapsY,
      tapsX,
      filter + <usize>lastY * filterRow + <usize>lastX * filterTap,
      -(<usize>everyY * filterRow),
      -(<usize>everyX * filterTap),
      0,
      multiplier > 1 ? sums : to,
      multiplier > 1 ? (<usize>(inputs * multiplier)) << 2 : targetStep,
      width,
      inputs * multiplier,
      -Infinity,
      Infinity,
    );
    if (multiplier > 1) sumGroups(sums, width, inputs, multiplier, to, targetStep);
  }
}

/** The first tap from `tap` on through which an output has read the input at `position`, or else `taps`. */
function nextTap(position: i32, dilation: i32, stride: i32, tap: i32, taps: i32): i32 {
  while (tap < taps && (position - tap * dilation) % stride != 0) tap++;
  return min(tap, taps);
}

/** How many taps there are from `first` on, `every` apart. */
function tapCount(first: i32, every: i32, taps: i32): i32 {
  return first < taps ? (taps - 1 - first) / every + 1 : 0;
}

/** a / b rounded up, also below zero, where division rounds up anyway. */
function ceilDivide(a: i32, b: i32): i32 {
  return a > 0 ? (a + b - 1) / b : a / b;
}
