/** Nearest-neighbour upsampling by whole factors, NHWC. Strides of images and rows are in bytes; a pixel's channels are adjacent. */
import { averageRectangles, spreadPixels } from '../pooling/rectangles';

/**
 * output[n, y, x, c] = input[n, ⌊y / factorY⌋, ⌊x / factorX⌋, c]
 * @param input   [batch, height, width, channels]
 * @param output  [batch, height · factorY, width · factorX, channels]
 * @param begin,end  a share of the batch · height input rows
 */
export function upSampleForward(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  factorY: i32,
  factorX: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  const step = pixel * <usize>factorX;
  for (let item = begin; item < end; item++) {
    const image = item / height;
    const y = item - image * height;
    const from = input + <usize>image * inputImage + <usize>y * inputRow;
    const first = output + <usize>image * outputImage + <usize>(y * factorY) * outputRow;
    spreadPixels(from, pixel, 1, first, step, factorX, width);
    let to = first;
    for (let copy = 1; copy < factorY; copy++) {
      to += outputRow;
      memory.copy(to, first, <usize>width * step);
    }
  }
}

/**
 * dInput = Σ of dOutput over the block of each pixel, in row-major order
 * @param dOutput  [batch, height · factorY, width · factorX, channels]
 * @param dInput   [batch, height, width, channels]
 * @param begin,end  a share of the batch · height rows of dInput
 */
export function upSampleBackward(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  factorY: i32,
  factorX: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  const step = pixel * <usize>factorX;
  for (let item = begin; item < end; item++) {
    const image = item / height;
    const y = item - image * height;
    const from = dOutput + <usize>image * dOutputImage + <usize>(y * factorY) * dOutputRow;
    const to = dInput + <usize>image * dInputImage + <usize>y * dInputRow;
    averageRectangles(from, step, dOutputRow, factorY, pixel, factorX, 1, to, width);
  }
}
