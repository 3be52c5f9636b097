import { storePartInline } from '../activation/vectorMath';
import { drawWords, uniform } from './draws';

/** What is drawn; src/nn/operations/augmentation.ts has the same numbers. */
const BRIGHTNESS: i32 = 0;
const CONTRAST: i32 = 1;
const SATURATION: i32 = 2;

/**
 * Images made brighter or darker, flatter or harder, paler or more colourful at random. Each image draws a number.
 * BRIGHTNESS: it is added. CONTRAST: each value's distance from its channel's mean is multiplied by it. SATURATION: that of
 * each of three channels from the pixel's largest is, by number / (1 − number). What comes out is kept between `least` and
 * `most`.
 * @param input,output  [batch, height, width, channels]; strides in bytes. `output` may be `input`
 * @param begin,end  a share of the batch
 */
export function augmentColour(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  kind: i32,
  low: f64,
  high: f64,
  least: f32,
  most: f32,
  seedLow: i32,
  seedHigh: i32,
  stream: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = <usize>channels << 2;
  const leasts = f32x4.splat(least);
  const mosts = f32x4.splat(most);
  for (let image = begin; image < end; image++) {
    const words = drawWords(seedLow, seedHigh, stream, step, image);
    let number = uniform(i32x4.extract_lane(words, 0), low, high);
    if (kind == SATURATION) number /= 1 - number + 1e-7;
    const drawn = f32x4.splat(<f32>number);
    const rest = f32x4.sub(f32x4.splat(1), drawn);
    const scale = kind == BRIGHTNESS ? f32x4.splat(1) : drawn;
    for (let c: usize = 0; c < pixel; c += 16) {
      const from = input + <usize>image * inputImage + c;
      let offset = drawn;
      if (kind == CONTRAST) offset = f32x4.mul(meanOf(from, inputRow, height, width, pixel), rest);
      for (let y = 0; y < height; y++) {
        let at = from + <usize>y * inputRow;
        let to = output + <usize>image * outputImage + <usize>y * outputRow + c;
        for (let x = 0; x < width; x++) {
          const value = v128.load(at);
          if (kind == SATURATION) offset = f32x4.mul(largest(value), rest);
          const moved = f32x4.add(f32x4.mul(value, scale), offset);
          // What is no number stays so.
          storePartInline(to, f32x4.pmin(f32x4.pmax(moved, leasts), mosts), pixel - c);
          at += pixel;
          to += pixel;
        }
      }
    }
  }
}

/** The means of four channels: rows are summed up for themselves, and then their sums. */
function meanOf(from: usize, stride: usize, height: i32, width: i32, pixel: usize): v128 {
  let sum = f32x4.splat(0);
  for (let y = 0; y < height; y++) {
    let rowSum = f32x4.splat(0);
    for (let x = 0; x < width; x++) {
      rowSum = f32x4.add(rowSum, v128.load(from + <usize>y * stride + <usize>x * pixel));
    }
    sum = f32x4.add(sum, rowSum);
  }
  return f32x4.div(sum, f32x4.splat(<f32>(height * width)));
}

/** The largest of the first three, in each of their lanes. */
// @ts-ignore: decorator
@inline
function largest(value: v128): v128 {
  const others = f32x4.pmax(
    v128.shuffle<i32>(value, value, 1, 2, 0, 0),
    v128.shuffle<i32>(value, value, 2, 0, 1, 1),
  );
  return f32x4.pmax(value, others);
}
