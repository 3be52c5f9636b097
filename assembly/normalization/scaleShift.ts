/** Each channel multiplied by a number, and another added to it, NHWC. Strides of images and rows are in bytes. */
import { rotated } from './lanes';

/**
 * output = input · scale[channel] + shift[channel]; `output` may be `input`.
 * @param input,output  [batch, height, width, channels]
 * @param scale,shift   [channels]
 * @param begin,end     a share of the batch · height rows
 */
export function scaleShift(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  scale: usize,
  shift: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>width * pixelBytes;
  const last = pixelBytes - 16;
  for (let row = begin; row < end; row++) {
    const image = row / height;
    const y = row - image * height;
    let from = input + <usize>image * inputImage + <usize>y * inputRow;
    let to = output + <usize>image * outputImage + <usize>y * outputRow;
    const rowEnd = from + rowBytes;
    if (channels < 4) {
      scaleShiftNarrow(from, to, rowBytes, pixelBytes, scale, shift);
    } else {
      for (; from < rowEnd; from += pixelBytes) {
        // The last vector overlaps the one before it, so it is read before that is written.
        const rest = f32x4.add(
          f32x4.mul(v128.load(from + last), v128.load(scale + last)),
          v128.load(shift + last),
        );
        for (let c: usize = 0; c < last; c += 16) {
          const scaled = f32x4.mul(v128.load(from + c), v128.load(scale + c));
          v128.store(to + c, f32x4.add(scaled, v128.load(shift + c)));
        }
        v128.store(to + last, rest);
        to += pixelBytes;
      }
    }
  }
}

/** A row of one to three channels: the coefficients repeat after three vectors. */
function scaleShiftNarrow(
  from: usize,
  to: usize,
  bytes: usize,
  pixel: usize,
  scale: usize,
  shift: usize,
): void {
  const scale0 = rotated(scale, pixel, 0);
  const scale1 = rotated(scale, pixel, 16);
  const scale2 = rotated(scale, pixel, 32);
  const shift0 = rotated(shift, pixel, 0);
  const shift1 = rotated(shift, pixel, 16);
  const shift2 = rotated(shift, pixel, 32);
  let i: usize = 0;
  for (; i + 48 <= bytes; i += 48) {
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(from + i), scale0), shift0));
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(from + i, 16), scale1), shift1), 16);
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(from + i, 32), scale2), shift2), 32);
  }
  for (; i < bytes; i += 4) {
    const c = i % pixel;
    store<f32>(to + i, load<f32>(from + i) * load<f32>(scale + c) + load<f32>(shift + c));
  }
}
