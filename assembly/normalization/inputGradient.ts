/** The input's gradient in batch normalization: what gradient.ts found of each channel, applied. */
import { rotated } from './lanes';

/**
 * dInput = a[channel] · dOutput + (b[channel] · input + c[channel]); `dInput` may be `dOutput` or `input`.
 * @param dOutput,input,dInput  [batch, height, width, channels]
 * @param a,b,c      [channels], from `batchNormalizationGradient`
 * @param begin,end  a share of the batch · height rows
 */
export function batchNormalizationInput(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  input: usize,
  inputImage: usize,
  inputRow: usize,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  a: usize,
  b: usize,
  c: usize,
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
    let gradient = dOutput + <usize>image * dOutputImage + <usize>y * dOutputRow;
    let value = input + <usize>image * inputImage + <usize>y * inputRow;
    let to = dInput + <usize>image * dInputImage + <usize>y * dInputRow;
    if (channels < 4) {
      combineNarrow(gradient, value, to, rowBytes, pixelBytes, a, b, c);
      continue;
    }
    const rowEnd = gradient + rowBytes;
    for (; gradient < rowEnd; gradient += pixelBytes) {
      // The last vector overlaps the one before it, so it is read before that is written.
      const rest = f32x4.add(
        f32x4.mul(v128.load(gradient + last), v128.load(a + last)),
        f32x4.add(f32x4.mul(v128.load(value + last), v128.load(b + last)), v128.load(c + last)),
      );
      for (let i: usize = 0; i < last; i += 16) {
        const deviation = f32x4.add(f32x4.mul(v128.load(value + i), v128.load(b + i)), v128.load(c + i));
        v128.store(to + i, f32x4.add(f32x4.mul(v128.load(gradient + i), v128.load(a + i)), deviation));
      }
      v128.store(to + last, rest);
      value += pixelBytes;
      to += pixelBytes;
    }
  }
}

/** A row of one to three channels: the coefficients repeat after three vectors. */
function combineNarrow(
  gradient: usize,
  value: usize,
  to: usize,
  bytes: usize,
  pixel: usize,
  a: usize,
  b: usize,
  c: usize,
): void {
  let i: usize = 0;
  const a0 = rotated(a, pixel, 0);
  const a1 = rotated(a, pixel, 16);
  const a2 = rotated(a, pixel, 32);
  const b0 = rotated(b, pixel, 0);
  const b1 = rotated(b, pixel, 16);
  const b2 = rotated(b, pixel, 32);
  const c0 = rotated(c, pixel, 0);
  const c1 = rotated(c, pixel, 16);
  const c2 = rotated(c, pixel, 32);
  for (; i + 48 <= bytes; i += 48) {
    const d0 = f32x4.add(f32x4.mul(v128.load(value + i), b0), c0);
    const d1 = f32x4.add(f32x4.mul(v128.load(value + i, 16), b1), c1);
    const d2 = f32x4.add(f32x4.mul(v128.load(value + i, 32), b2), c2);
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(gradient + i), a0), d0));
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(gradient + i, 16), a1), d1), 16);
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(gradient + i, 32), a2), d2), 32);
  }
  for (; i < bytes; i += 4) {
    const at = i % pixel;
    const deviation = load<f32>(value + i) * load<f32>(b + at) + load<f32>(c + at);
    store<f32>(to + i, load<f32>(gradient + i) * load<f32>(a + at) + deviation);
  }
}
