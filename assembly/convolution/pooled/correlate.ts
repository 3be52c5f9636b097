/**
 * The forward pass of a convolution by im2col and of the 2×2 max pooling with stride 2 behind it, two rows at a time:
 * what the convolution puts out is pooled while it is in the L1 cache, and never written to memory as a whole.
 */
import { correlate } from '../im2col/correlate';
import { maxPool2dForward } from '../../pooling/maxPooling';

/**
 * @param input … channels  as `correlate` with taps that are adjacent (inputRow is its tapY); its height and width are
 *   twice those of the pooling
 * @param relu     1 to clamp at zero
 * @param output   [batch, height, width, channels]
 * @param argmax   [batch, height, width, channels] i32, compact: 2·y + x of the winner in its window
 * @param tilesPerBlock as `correlate`
 * @param scratch  16 · width · channels bytes rounded up to 16, and behind them what `correlate` needs
 * @param begin,end  a share of the batch · height rows of the pooling
 */
export function correlatePooled(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  stepY: usize,
  stepX: usize,
  kernelHeight: i32,
  segment: i32,
  filter: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  relu: i32,
  argmax: usize,
  tilesPerBlock: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && (scratch & 15) == 0);
  const pixelBytes = (<usize>channels) << 2;
  const stripRow = 2 * <usize>width * pixelBytes;
  const free = scratch + ((2 * stripRow + 15) & ~15);
  const floor: f32 = relu ? 0 : -Infinity;
  const tiles = 2 * ((2 * width + 3) / 4);
  for (let row = begin; row < end; row++) {
    const image = row / height;
    const y = row - image * height;
    correlate(
      input + <usize>image * inputImage + 2 * <usize>y * stepY,
      0,
      inputRow,
      0,
      stepY,
      stepX,
      kernelHeight,
      1,
      segment,
      filter,
      scratch,
      0,
      stripRow,
      pixelBytes,
      2,
      2 * width,
      channels,
      floor,
      Infinity,
      tilesPerBlock,
      free,
      0,
      tiles,
    );
    maxPool2dForward(
      scratch,
      0,
      stripRow,
      2,
      2 * width,
      channels,
      2,
      2,
      2,
      2,
      0,
      0,
      output + <usize>image * outputImage + <usize>y * outputRow,
      0,
      0,
      1,
      width,
      argmax + <usize>(row * width) * pixelBytes,
      0,
      1,
    );
  }
}
