/** Depthwise convolution: each channel is convolved with filters of its own. */
import { correlateRow } from './correlate';
import { BLOCK_ROWS, chunkCount, gatherRows, isCrowded } from './gather';

/**
 * output[n, y, x, c·multiplier + m] = min(ceiling, max(floor, bias[c·multiplier + m] +
 *   Σ input[n, y·strideY + ky·dilationY, x·strideX + kx·dilationX, c] · filter[ky, kx, c, m])).
 *
 * @param input        the first tap of the first output; zeros lie around the images as far as taps reach
 * @param filter       [kernelHeight, kernelWidth, inputs, multiplier], compact
 * @param bias         [inputs · multiplier], or 0 for none
 * @param output       [batch, height, width, inputs · multiplier]
 * @param floor,ceiling  −Infinity and Infinity for none
 * @param scratch      where multiplier is above 1 or inputs a multiple of 512: max(32, multiplier) floats for each tap and for
 *                     each of (7 · strideY + (kernelHeight − 1) · dilationY + 1) · ((width − 1) · strideX + (kernelWidth − 1) ·
 *                     dilationX + 1) inputs, and three more
 * @param begin,end    a share of the batch · height output rows
 */
export function depthwiseForward(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  dilationY: i32,
  dilationX: i32,
  inputs: i32,
  multiplier: i32,
  filter: usize,
  bias: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  floor: f32,
  ceiling: f32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && multiplier > 0);
  const gathers = multiplier > 1 || isCrowded(inputs);
  const chunks = gathers ? chunkCount(inputs, multiplier) : 1;
  const inputBytes = (<usize>inputs) << 2;
  const pixelBytes = inputBytes * <usize>multiplier;
  const taps = kernelHeight * kernelWidth;
  const span = (width - 1) * strideX + (kernelWidth - 1) * dilationX + 1;
  let row = begin;
  while (row < end) {
    const image = row / height;
    const y = row - image * height;
    const rows = min(BLOCK_ROWS, min(end - row, height - y));
    const inputRows = (rows - 1) * strideY + (kernelHeight - 1) * dilationY + 1;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const first = (inputs * chunk) / chunks;
      const count = (inputs * (chunk + 1)) / chunks - first;
      const offset = (<usize>(first * multiplier)) << 2;
      let at = input + <usize>image * inputImage + <usize>(y * strideY) * inputRow + ((<usize>first) << 2);
      let nextRow = inputRow;
      let nextPixel = inputBytes;
      let weights = filter + offset;
      let nextTap = pixelBytes;
      if (gathers) {
        nextPixel = nextTap = (<usize>(count * multiplier)) << 2;
        gatherRows(weights, 0, pixelBytes, 1, taps, count * multiplier, 1, scratch);
        weights = scratch;
        const copy = scratch + <usize>taps * nextTap;
        gatherRows(at, inputRow, inputBytes, inputRows, span, count, multiplier, copy);
        at = copy;
        nextRow = <usize>span * nextPixel;
      }
      let to = output + <usize>image * outputImage + <usize>y * outputRow + offset;
      for (let i = 0; i < rows; i++) {
        correlateRow(
          at,
          <usize>strideX * nextPixel,
          <usize>dilationY * nextRow,
          <usize>dilationX * nextPixel,
          kernelHeight,
          kernelWidth,
          weights,
          <usize>kernelWidth * nextTap,
          nextTap,
          bias ? bias + offset : 0,
          to,
          pixelBytes,
          width,
          count * multiplier,
          floor,
          ceiling,
        );
        at += <usize>strideY * nextRow;
        to += outputRow;
      }
    }
    row += rows;
  }
}
