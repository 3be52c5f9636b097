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
import { loadPart, storePart } from './vectorMath';

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
        else forwardRow<Relu>(from, to, bytes, a, b, c);
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
        forwardRow<HardSilu>(from, to, bytes, a, b, c);
        break;
      case 7:
        forwardRow<Sigmoid>(from, to, bytes, a, b, c);
        break;
      case 8:
        forwardRow<HardSigmoid>(from, to, bytes, a, b, c);
        break;
      case 9:
        forwardRow<Tanh>(from, to, bytes, a, b, c);
        break;
      case 10:
        forwardRow<Softplus>(from, to, bytes, a, b, c);
        break;
      default:
        forwardRow<Linear>(from, to, bytes, a, b, c);
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
        else backwardRow<Relu>(gradient, from, to, bytes, a, b, c);
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
        backwardRow<HardSilu>(gradient, from, to, bytes, a, b, c);
        break;
      case 7:
        backwardRow<Sigmoid>(gradient, from, to, bytes, a, b, c);
        break;
      case 8:
        backwardRow<HardSigmoid>(gradient, from, to, bytes, a, b, c);
        break;
      case 9:
        backwardRow<Tanh>(gradient, from, to, bytes, a, b, c);
        break;
      case 10:
        backwardRow<Softplus>(gradient, from, to, bytes, a, b, c);
        break;
      default:
        backwardRow<Linear>(gradient, from, to, bytes, a, b, c);
    }
  }
}

/** One row of `activationForward`. */
function forwardRow<Kind>(from: usize, to: usize, bytes: usize, a: f32, b: f32, c: f32): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = loadPart(from + i, bytes - i, f32x4.splat(0));
    storePart(to + i, changetype<Kind>(0).value(x, a, b, c), bytes - i);
  }
}

/** One row of `activationBackward`. */
function backwardRow<Kind>(
  gradient: usize,
  from: usize,
  to: usize,
  bytes: usize,
  a: f32,
  b: f32,
  c: f32,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = loadPart(from + i, bytes - i, f32x4.splat(0));
    const d = loadPart(gradient + i, bytes - i, f32x4.splat(0));
    storePart(to + i, changetype<Kind>(0).product(d, x, a, b, c), bytes - i);
  }
}
