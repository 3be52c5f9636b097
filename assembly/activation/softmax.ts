/** The softmax of rows, anywhere in a network; the one at its end is in ../loss. Sums in float64. */
import { exp, loadPart, storePart } from './vectorMath';

/**
 * The softmax of each row; `output` may be `input`.
 * @param input,output  rows of `classes` float32; strides in bytes
 * @param begin,end  a share of the rows
 */
export function softmaxRows(
  input: usize,
  inputRow: usize,
  output: usize,
  outputRow: usize,
  classes: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && classes > 0);
  const bytes = (<usize>classes) << 2;
  const nothing = f32x4.splat(-Infinity);
  for (let row = begin; row < end; row++) {
    const from = input + <usize>row * inputRow;
    const to = output + <usize>row * outputRow;
    let four = nothing;
    for (let i: usize = 0; i < bytes; i += 16) {
      four = f32x4.pmax(four, loadPart(from + i, bytes - i, nothing));
    }
    four = f32x4.pmax(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
    const largest = f32x4.pmax(four, v128.shuffle<f32>(four, four, 1, 0, 3, 2));
    let sums = f64x2.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      // The lanes behind the row are −∞, which add 0.
      const e = exp(f32x4.sub(loadPart(from + i, bytes - i, nothing), largest));
      storePart(to + i, e, bytes - i);
      sums = f64x2.add(sums, f64x2.add(f64x2.promote_low_f32x4(e), f64x2.promote_low_f32x4(upper(e))));
    }
    const sum = f32x4.splat(<f32>(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)));
    for (let i: usize = 0; i < bytes; i += 16) {
      storePart(to + i, f32x4.div(loadPart(to + i, bytes - i, nothing), sum), bytes - i);
    }
  }
}

/**
 * dInput = output · (dOutput − Σ dOutput · output) in each row; `dInput` may be `dOutput`.
 * @param dOutput,output,dInput  rows of `classes` float32; strides in bytes. `output` is that of `softmaxRows`
 * @param begin,end  a share of the rows
 */
export function softmaxRowsBackward(
  dOutput: usize,
  dOutputRow: usize,
  output: usize,
  outputRow: usize,
  dInput: usize,
  dInputRow: usize,
  classes: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && classes > 0);
  const bytes = (<usize>classes) << 2;
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const gradient = dOutput + <usize>row * dOutputRow;
    const from = output + <usize>row * outputRow;
    const to = dInput + <usize>row * dInputRow;
    let sums = f64x2.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const d = loadPart(gradient + i, bytes - i, zero);
      const y = loadPart(from + i, bytes - i, zero);
      const low = f64x2.mul(f64x2.promote_low_f32x4(d), f64x2.promote_low_f32x4(y));
      const high = f64x2.mul(f64x2.promote_low_f32x4(upper(d)), f64x2.promote_low_f32x4(upper(y)));
      sums = f64x2.add(sums, f64x2.add(low, high));
    }
    const mean = f32x4.splat(<f32>(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)));
    for (let i: usize = 0; i < bytes; i += 16) {
      const d = loadPart(gradient + i, bytes - i, zero);
      const y = loadPart(from + i, bytes - i, zero);
      storePart(to + i, f32x4.mul(y, f32x4.sub(d, mean)), bytes - i);
    }
  }
}

/** The upper two lanes, where the lower were. */
// @ts-ignore: decorator
@inline
function upper(x: v128): v128 {
  return v128.shuffle<f32>(x, x, 2, 3, 2, 3);
}
