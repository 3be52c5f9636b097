/** The mean of each channel over an image, NHWC. Strides of images and rows are in bytes; a pixel's channels are adjacent. */
import { addPixels } from '../elementwise/pixelSums';
import { spreadPixels } from './rectangles';

/**
 * output[n][c] = Σ input[n, y, x, c] / (height · width)
 * @param begin,end  a share of the batch
 */
export function globalAverageForward(
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
  const count = <f32>(height * width);
  for (let image = begin; image < end; image++) {
    const from = input + <usize>image * inputImage;
    const to = output + <usize>image * outputImage;
    memory.fill(to, 0, pixel);
    for (let y = 0; y < height; y++) addPixels(from + <usize>y * inputRow, width, pixel, to);
    spreadPixels(to, pixel, count, to, 0, 1, 1);
  }
}

/**
 * dInput[n, y, x, c] = dOutput[n][c] / (height · width)
 * @param begin,end  a share of the batch
 */
export function globalAverageBackward(
  dOutput: usize,
  dOutputImage: usize,
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
  const rowBytes = <usize>width * pixel;
  const count = <f32>(height * width);
  for (let image = begin; image < end; image++) {
    const first = dInput + <usize>image * dInputImage;
    spreadPixels(dOutput + <usize>image * dOutputImage, pixel, count, first, 0, 1, 1);
    // One pixel becomes two, two become four: so that even short pixels are copied in long runs.
    for (let done = pixel; done < rowBytes; done <<= 1) {
      memory.copy(first + done, first, min(done, rowBytes - done));
    }
    for (let y = 1; y < height; y++) memory.copy(first + <usize>y * dInputRow, first, rowBytes);
  }
}
