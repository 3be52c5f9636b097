/**
 * Activations, value by value, and their gradients, with the definitions and one-sided derivatives of Keras 3. Where a
 * formula would be ∞ · 0 the limit counts: SiLU of −∞ is 0. IEEE operations only, in every tier.
 *
 * The parameters are called a, b and c:
 *  0 relu           a where x ≥ a, x where c ≤ x, b · (x − c) below; its derivative is b at c and 0 at a
 *  1 elu            x above 0, a · (e^x − 1) below
 *  2 selu
 *  3 gelu           exact, with erf
 *  4 gelu           approximate, with tanh
 *  5 silu
 *  6 hard silu
 *  7 sigmoid
 *  8 hard sigmoid
 *  9 tanh
 * 10 softplus
 * 11 linear         a · x + b
 */
import {
  Elu,
  Gelu,
  GeluApproximate,
  HardSigmoid,
  HardSilu,
  Linear,
  Relu,
  Selu,
  Sigmoid,
  Silu,
  Softplus,
  Tanh,
} from './kinds';
import { clampRow, clampRowBackward } from './relu';

/**
 * output = f(input), row by row, so that each side may be padded in memory; `output` may be `input`.
 * @param input,output  [batch, height, length float32]; strides in bytes
 * @param kind,a,b,c  see above
 * @param begin,end  a share of the batch · height rows
 */
export function activationForward(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  length: i32,
  kind: i32,
  a: f32,
  b: f32,
  c: f32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && kind >= 0 && kind <= 11);
  const bytes = (<usize>length) << 2;
  const plain = a > 0 && b == 0 && c == 0;
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    const from = input + image * inputImage + y * inputRow;
    const to = output + image * outputImage + y * outputRow;
    switch (kind) {
      case 0:
        if (plain) clampRow(from, to, bytes, a);
        else shortForwardRow<Relu>(from, to, bytes, a, b, c);
        break;
      case 1:
        forwardRow<Elu>(from, to, bytes, a, b, c);
        break;
      case 2:
        forwardRow<Selu>(from, to, bytes, a, b, c);
        break;
      case 3:
        forwardRow<Gelu>(from, to, bytes, a, b, c);
        break;
      case 4:
        forwardRow<GeluApproximate>(from, to, bytes, a, b, c);
        break;
      case 5:
        forwardRow<Silu>(from, to, bytes, a, b, c);
        break;
      case 6:
        shortForwardRow<HardSilu>(from, to, bytes, a, b, c);
        break;
      case 7:
        forwardRow<Sigmoid>(from, to, bytes, a, b, c);
        break;
      case 8:
        shortForwardRow<HardSigmoid>(from, to, bytes, a, b, c);
        break;
      case 9:
        forwardRow<Tanh>(from, to, bytes, a, b, c);
        break;
      case 10:
        forwardRow<Softplus>(from, to, bytes, a, b, c);
        break;
      default:
        shortForwardRow<Linear>(from, to, bytes, a, b, c);
    }
  }
}

/**
 * dInput = dOutput · f′(saved), row by row; `dInput` may be `dOutput`.
 * @param dOutput,saved,dInput  [batch, height, length float32]; strides in bytes. What is saved is the input of f
 * @param kind,a,b,c  see above
 * @param begin,end  a share of the batch · height rows
 */
export function activationBackward(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  saved: usize,
  savedImage: usize,
  savedRow: usize,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  height: i32,
  length: i32,
  kind: i32,
  a: f32,
  b: f32,
  c: f32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && kind >= 0 && kind <= 11);
  const bytes = (<usize>length) << 2;
  const plain = a > 0 && b == 0 && c == 0;
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    const gradient = dOutput + image * dOutputImage + y * dOutputRow;
    const from = saved + image * savedImage + y * savedRow;
    const to = dInput + image * dInputImage + y * dInputRow;
    switch (kind) {
      case 0:
        if (plain) clampRowBackward(gradient, from, to, bytes, a);
        else shortBackwardRow<Relu>(gradient, from, to, bytes, a, b, c);
        break;
      case 1:
        backwardRow<Elu>(gradient, from, to, bytes, a, b, c);
        break;
      case 2:
        backwardRow<Selu>(gradient, from, to, bytes, a, b, c);
        break;
      case 3:
        backwardRow<Gelu>(gradient, from, to, bytes, a, b, c);
        break;
      case 4:
        backwardRow<GeluApproximate>(gradient, from, to, bytes, a, b, c);
        break;
      case 5:
        backwardRow<Silu>(gradient, from, to, bytes, a, b, c);
        break;
      case 6:
        shortBackwardRow<HardSilu>(gradient, from, to, bytes, a, b, c);
        break;
      case 7:
        backwardRow<Sigmoid>(gradient, from, to, bytes, a, b, c);
        break;
      case 8:
        shortBackwardRow<HardSigmoid>(gradient, from, to, bytes, a, b, c);
        break;
      case 9:
        backwardRow<Tanh>(gradient, from, to, bytes, a, b, c);
        break;
      case 10:
        backwardRow<Softplus>(gradient, from, to, bytes, a, b, c);
        break;
      default:
        shortBackwardRow<Linear>(gradient, from, to, bytes, a, b, c);
    }
  }
}

/** One row of `activationForward`: four values at a time, then one by one in the same code, which is long. */
function forwardRow<Kind>(from: usize, to: usize, bytes: usize, a: f32, b: f32, c: f32): void {
  let x: v128;
  let step: usize = 16;
  for (let i: usize = 0; i < bytes; i += step) {
    if (bytes - i >= 16) {
      x = v128.load(from + i);
    } else {
      x = v128.load32_zero(from + i);
      step = 4;
    }
    const y = changetype<Kind>(0).value(x, a, b, c);
    if (step == 16) v128.store(to + i, y);
    else v128.store_lane<f32>(to + i, y, 0);
  }
}

/** As {@link forwardRow}, for what is so short that branches would take as long. */
function shortForwardRow<Kind>(from: usize, to: usize, bytes: usize, a: f32, b: f32, c: f32): void {
  const kind = changetype<Kind>(0);
  const vectorBytes = bytes & ~15;
  let i: usize = 0;
  for (; i < vectorBytes; i += 16) v128.store(to + i, kind.value(v128.load(from + i), a, b, c));
  for (; i < bytes; i += 4) {
    v128.store_lane<f32>(to + i, kind.value(v128.load32_zero(from + i), a, b, c), 0);
  }
}

/** One row of `activationBackward`, as {@link forwardRow}. */
function backwardRow<Kind>(
  gradient: usize,
  from: usize,
  to: usize,
  bytes: usize,
  a: f32,
  b: f32,
  c: f32,
): void {
  let x: v128;
  let d: v128;
  let step: usize = 16;
  for (let i: usize = 0; i < bytes; i += step) {
    if (bytes - i >= 16) {
      x = v128.load(from + i);
      d = v128.load(gradient + i);
    } else {
      x = v128.load32_zero(from + i);
      d = v128.load32_zero(gradient + i);
      step = 4;
    }
    const y = changetype<Kind>(0).product(d, x, a, b, c);
    if (step == 16) v128.store(to + i, y);
    else v128.store_lane<f32>(to + i, y, 0);
  }
}

/** As {@link shortForwardRow}. */
function shortBackwardRow<Kind>(
  gradient: usize,
  from: usize,
  to: usize,
  bytes: usize,
  a: f32,
  b: f32,
  c: f32,
): void {
  const kind = changetype<Kind>(0);
  const vectorBytes = bytes & ~15;
  let i: usize = 0;
  for (; i < vectorBytes; i += 16) {
    v128.store(to + i, kind.product(v128.load(gradient + i), v128.load(from + i), a, b, c));
  }
  for (; i < bytes; i += 4) {
    const d = v128.load32_zero(gradient + i);
    v128.store_lane<f32>(to + i, kind.product(d, v128.load32_zero(from + i), a, b, c), 0);
  }
}
