/** ReLU at the speed of memory: its gradient where it is part of another layer (see `correlate`), and rows of plain ones. */
import { clamped } from '../simd';

/**
 * dInput = output > 0 ? dOutput : 0, row by row, so that each side may be padded in memory; `dInput` may be `dOutput`.
 * With `relu` 0 it only copies.
 * @param dOutput,output,dInput  [batch, height, length float32]; strides in bytes
 * @param begin,end  a share of the batch · height rows
 */
export function reluBackward(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  height: i32,
  length: i32,
  relu: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const zero = f32x4.splat(0);
  const bytes = (<usize>length) << 2;
  const vectorBytes = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    const gradient = dOutput + image * dOutputImage + y * dOutputRow;
    const value = output + image * outputImage + y * outputRow;
    const to = dInput + image * dInputImage + y * dInputRow;
    if (!relu) {
      memory.copy(to, gradient, bytes);
      continue;
    }
    let i: usize = 0;
    for (; i < vectorBytes; i += 16) {
      v128.store(to + i, v128.and(v128.load(gradient + i), f32x4.gt(v128.load(value + i), zero)));
    }
    for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(value + i) > 0 ? load<f32>(gradient + i) : 0);
  }
}

/** A row of values held between 0 and `largest` > 0. */
export function clampRow(from: usize, to: usize, bytes: usize, largest: f32): void {
  const zero = f32x4.splat(0);
  const most = f32x4.splat(largest);
  const vectorBytes = bytes & ~15;
  let i: usize = 0;
  for (; i < vectorBytes; i += 16) v128.store(to + i, clamped(v128.load(from + i), zero, most));
  for (; i < bytes; i += 4) {
    v128.store_lane<f32>(to + i, clamped(v128.load32_zero(from + i), zero, most), 0);
  }
}

/** Its gradient: that of the values strictly between 0 and `largest`. */
export function clampRowBackward(gradient: usize, from: usize, to: usize, bytes: usize, largest: f32): void {
  const zero = f32x4.splat(0);
  const most = f32x4.splat(largest);
  const vectorBytes = bytes & ~15;
  let i: usize = 0;
  for (; i < vectorBytes; i += 16) {
    const value = v128.load(from + i);
    const below = v128.andnot(v128.load(gradient + i), f32x4.ge(value, most));
    v128.store(to + i, v128.and(below, f32x4.gt(value, zero)));
  }
  for (; i < bytes; i += 4) {
    const value = load<f32>(from + i);
    store<f32>(to + i, value > 0 && !(value >= largest) ? load<f32>(gradient + i) : 0);
  }
}
