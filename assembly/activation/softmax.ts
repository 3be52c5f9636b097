/** The softmax of rows, anywhere in a network; the one at its end is in ../loss. Sums in float64. */
import { largestOf, promotedSum, promoteUpper } from '../rows';
import { exp, loadPart, loadStep, stepOf, storeStep } from './vectorMath';

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
  const vectorBytes = bytes & ~15;
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const from = input + <usize>row * inputRow;
    const to = output + <usize>row * outputRow;
    const largest = f32x4.splat(largestOf(from, bytes));
    for (let i: usize = 0; i < bytes; i += stepOf(bytes - i)) {
      storeStep(to + i, exp(f32x4.sub(loadStep(from + i, bytes - i), largest)), bytes - i);
    }
    let sums = f64x2.splat(0);
    let i: usize = 0;
    for (; i < vectorBytes; i += 16) sums = f64x2.add(sums, promotedSum(v128.load(to + i)));
    if (i < bytes) sums = f64x2.add(sums, promotedSum(loadPart(to + i, bytes - i, zero)));
    const sum = f32x4.splat(<f32>(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)));
    for (let i: usize = 0; i < bytes; i += stepOf(bytes - i)) {
      storeStep(to + i, f32x4.div(loadStep(to + i, bytes - i), sum), bytes - i);
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
  const vectorBytes = bytes & ~15;
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const gradient = dOutput + <usize>row * dOutputRow;
    const from = output + <usize>row * outputRow;
    const to = dInput + <usize>row * dInputRow;
    let sums = f64x2.splat(0);
    let i: usize = 0;
    for (; i < vectorBytes; i += 16) {
      sums = f64x2.add(sums, promotedProducts(v128.load(gradient + i), v128.load(from + i)));
    }
    if (i < bytes) {
      const d = loadPart(gradient + i, bytes - i, zero);
      sums = f64x2.add(sums, promotedProducts(d, loadPart(from + i, bytes - i, zero)));
    }
    const mean = f32x4.splat(<f32>(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)));
    for (let i: usize = 0; i < bytes; i += stepOf(bytes - i)) {
      const d = loadStep(gradient + i, bytes - i);
      const y = loadStep(from + i, bytes - i);
      storeStep(to + i, f32x4.mul(y, f32x4.sub(d, mean)), bytes - i);
    }
  }
}

/** The products of four pairs of float32 as float64: the lower two, and the upper two added. */
// @ts-ignore: decorator
@inline
function promotedProducts(a: v128, b: v128): v128 {
  const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  return f64x2.add(low, f64x2.mul(promoteUpper(a), promoteUpper(b)));
}
