/** The mean of each channel over an image, NHWC. Strides of images and rows are in bytes; a pixel's channels are adjacent. */

/**
 * output[n][c] = Σ input[n, y, x, c] / (height · width), summed row by row, so that no sum is long.
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
  const pixelBytes = (<usize>channels) << 2;
  const vectorBytes = pixelBytes & ~15;
  const count = <f32>(height * width);
  const counts = f32x4.splat(count);
  for (let image = begin; image < end; image++) {
    const from = input + <usize>image * inputImage;
    const to = output + <usize>image * outputImage;
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      let sum = f32x4.splat(0);
      for (let y = 0; y < height; y++) {
        let at = from + <usize>y * inputRow + c;
        let ofRow = v128.load(at);
        for (let x = 1; x < width; x++) {
          at += pixelBytes;
          ofRow = f32x4.add(ofRow, v128.load(at));
        }
        sum = f32x4.add(sum, ofRow);
      }
      v128.store(to + c, f32x4.div(sum, counts));
    }
    for (; c < pixelBytes; c += 4) {
      let sum: f32 = 0;
      for (let y = 0; y < height; y++) {
        let at = from + <usize>y * inputRow + c;
        let ofRow = load<f32>(at);
        for (let x = 1; x < width; x++) {
          at += pixelBytes;
          ofRow += load<f32>(at);
        }
        sum += ofRow;
      }
      store<f32>(to + c, sum / count);
    }
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
  const pixelBytes = (<usize>channels) << 2;
  const vectorBytes = pixelBytes & ~15;
  const count = <f32>(height * width);
  const counts = f32x4.splat(count);
  for (let image = begin; image < end; image++) {
    const from = dOutput + <usize>image * dOutputImage;
    for (let y = 0; y < height; y++) {
      let to = dInput + <usize>image * dInputImage + <usize>y * dInputRow;
      for (let x = 0; x < width; x++) {
        let c: usize = 0;
        for (; c < vectorBytes; c += 16) v128.store(to + c, f32x4.div(v128.load(from + c), counts));
        for (; c < pixelBytes; c += 4) store<f32>(to + c, load<f32>(from + c) / count);
        to += pixelBytes;
      }
    }
  }
}
