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
  clamp,
  exp,
  expm1NonPositive,
  loadPart,
  log1pUpToOne,
  normal,
  sigmoid,
  sigmoidSlope,
  storePart,
  tanh,
  twice,
} from './vectorMath';

const SELU_SCALE: f32 = 1.0507009873554805;
const SELU_SCALE_ALPHA: f32 = 1.7580993408473766;
/** The approximate GELU is x · sigmoid(x · (p + q · x²)): 1 + tanh u is 2 · sigmoid(2u), which does not cancel. */
const GELU_P: f32 = 1.5957691216057308;
const GELU_Q: f32 = 0.07135481282553;
/** 1 / √(2π) */
const NORMAL_PEAK: f32 = 0.3989422804014327;

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
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    const from = input + image * inputImage + y * inputRow;
    const to = output + image * outputImage + y * outputRow;
    switch (kind) {
      case 0:
        forwardRow(0, from, to, bytes, a, b, c);
        break;
      case 1:
        forwardRow(1, from, to, bytes, a, b, c);
        break;
      case 2:
        forwardRow(2, from, to, bytes, a, b, c);
        break;
      case 3:
        forwardRow(3, from, to, bytes, a, b, c);
        break;
      case 4:
        forwardRow(4, from, to, bytes, a, b, c);
        break;
      case 5:
        forwardRow(5, from, to, bytes, a, b, c);
        break;
      case 6:
        forwardRow(6, from, to, bytes, a, b, c);
        break;
      case 7:
        forwardRow(7, from, to, bytes, a, b, c);
        break;
      case 8:
        forwardRow(8, from, to, bytes, a, b, c);
        break;
      case 9:
        forwardRow(9, from, to, bytes, a, b, c);
        break;
      case 10:
        forwardRow(10, from, to, bytes, a, b, c);
        break;
      default:
        forwardRow(11, from, to, bytes, a, b, c);
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
  for (let row = begin; row < end; row++) {
    const image = <usize>(row / height);
    const y = <usize>row - image * <usize>height;
    const gradient = dOutput + image * dOutputImage + y * dOutputRow;
    const from = saved + image * savedImage + y * savedRow;
    const to = dInput + image * dInputImage + y * dInputRow;
    switch (kind) {
      case 0:
        backwardRow(0, gradient, from, to, bytes, a, b, c);
        break;
      case 1:
        backwardRow(1, gradient, from, to, bytes, a, b, c);
        break;
      case 2:
        backwardRow(2, gradient, from, to, bytes, a, b, c);
        break;
      case 3:
        backwardRow(3, gradient, from, to, bytes, a, b, c);
        break;
      case 4:
        backwardRow(4, gradient, from, to, bytes, a, b, c);
        break;
      case 5:
        backwardRow(5, gradient, from, to, bytes, a, b, c);
        break;
      case 6:
        backwardRow(6, gradient, from, to, bytes, a, b, c);
        break;
      case 7:
        backwardRow(7, gradient, from, to, bytes, a, b, c);
        break;
      case 8:
        backwardRow(8, gradient, from, to, bytes, a, b, c);
        break;
      case 9:
        backwardRow(9, gradient, from, to, bytes, a, b, c);
        break;
      case 10:
        backwardRow(10, gradient, from, to, bytes, a, b, c);
        break;
      default:
        backwardRow(11, gradient, from, to, bytes, a, b, c);
    }
  }
}

/** One row of `activationForward`. The kind is a constant wherever this is inlined: one loop for each. */
// @ts-ignore: decorator
@inline
function forwardRow(kind: i32, from: usize, to: usize, bytes: usize, a: f32, b: f32, c: f32): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = loadPart(from + i, bytes - i, f32x4.splat(0));
    storePart(to + i, value(kind, x, a, b, c), bytes - i);
  }
}

/** One row of `activationBackward`. */
// @ts-ignore: decorator
@inline
function backwardRow(
  kind: i32,
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
    storePart(to + i, product(kind, d, x, a, b, c), bytes - i);
  }
}

/** f(x). */
// @ts-ignore: decorator
@inline
function value(kind: i32, x: v128, a: f32, b: f32, c: f32): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (kind == 0) {
    // With b = 0 everything below is 0, and −∞ too.
    const slope = f32x4.splat(b);
    const below = v128.and(
      f32x4.mul(f32x4.sub(x, f32x4.splat(c)), slope),
      v128.or(f32x4.ne(slope, zero), f32x4.ne(x, x)),
    );
    const largest = f32x4.splat(a);
    const above = v128.bitselect(largest, x, f32x4.ge(x, largest));
    return v128.bitselect(above, below, v128.or(f32x4.ge(x, f32x4.splat(c)), f32x4.ge(x, largest)));
  } else if (kind == 1) {
    return v128.bitselect(x, f32x4.mul(expm1NonPositive(x), f32x4.splat(a)), f32x4.gt(x, zero));
  } else if (kind == 2) {
    return v128.bitselect(
      f32x4.mul(x, f32x4.splat(SELU_SCALE)),
      f32x4.mul(expm1NonPositive(x), f32x4.splat(SELU_SCALE_ALPHA)),
      f32x4.gt(x, zero),
    );
  } else if (kind == 3) {
    const within = f32x4.pmax(x, f32x4.splat(-100));
    return f32x4.mul(within, normal(within));
  } else if (kind == 4) {
    const within = f32x4.pmax(x, f32x4.splat(-100));
    const factor = twice(f32x4.mul(within, within), f32x4.splat(GELU_Q), f32x4.splat(GELU_P));
    return f32x4.mul(within, sigmoid(f32x4.mul(within, factor)));
  } else if (kind == 5) {
    const within = f32x4.pmax(x, f32x4.splat(-200));
    return f32x4.mul(within, sigmoid(within));
  } else if (kind == 6) {
    const within = f32x4.pmax(x, f32x4.splat(-3));
    return f32x4.mul(within, hardSigmoid(within));
  } else if (kind == 7) {
    return sigmoid(x);
  } else if (kind == 8) {
    return hardSigmoid(x);
  } else if (kind == 9) {
    return tanh(x);
  } else if (kind == 10) {
    return f32x4.add(f32x4.pmax(x, zero), log1pUpToOne(exp(f32x4.neg(f32x4.abs(x)))));
  } else {
    return twice(x, f32x4.splat(a), f32x4.splat(b));
  }
}

/** d · f′(x). */
// @ts-ignore: decorator
@inline
function product(kind: i32, d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (kind == 0) {
    const slope = f32x4.splat(b);
    const below = v128.and(f32x4.mul(d, slope), f32x4.ne(slope, zero));
    const chosen = v128.bitselect(d, below, f32x4.gt(x, f32x4.splat(c)));
    return v128.andnot(chosen, f32x4.ge(x, f32x4.splat(a)));
  } else if (kind == 1) {
    const below = f32x4.mul(exp(x), f32x4.splat(a));
    return f32x4.mul(d, v128.bitselect(one, below, f32x4.gt(x, zero)));
  } else if (kind == 2) {
    const below = f32x4.mul(exp(x), f32x4.splat(SELU_SCALE_ALPHA));
    return f32x4.mul(d, v128.bitselect(f32x4.splat(SELU_SCALE), below, f32x4.ge(x, zero)));
  } else if (kind == 3) {
    // Outside it is 0 or 1 in every bit; x² and ∞ · 0 could not be had there.
    const within = clamp(x, -100, 100);
    const density = f32x4.mul(
      exp(f32x4.mul(f32x4.mul(within, within), f32x4.splat(-0.5))),
      f32x4.splat(NORMAL_PEAK),
    );
    return f32x4.mul(d, twice(within, density, normal(within)));
  } else if (kind == 4) {
    const within = clamp(x, -100, 100);
    const square = f32x4.mul(within, within);
    const u = f32x4.mul(within, twice(square, f32x4.splat(GELU_Q), f32x4.splat(GELU_P)));
    const slope = f32x4.mul(within, twice(square, f32x4.splat(3 * GELU_Q), f32x4.splat(GELU_P)));
    return f32x4.mul(d, twice(sigmoidSlope(u), slope, sigmoid(u)));
  } else if (kind == 5) {
    const within = clamp(x, -200, 200);
    return f32x4.mul(d, twice(sigmoidSlope(within), within, sigmoid(within)));
  } else if (kind == 6) {
    const within = f32x4.div(twice(x, f32x4.splat(2), f32x4.splat(3)), f32x4.splat(6));
    const upTo = v128.bitselect(one, within, f32x4.ge(x, f32x4.splat(3)));
    return f32x4.mul(d, v128.andnot(upTo, f32x4.le(x, f32x4.splat(-3))));
  } else if (kind == 7) {
    return f32x4.mul(d, sigmoidSlope(x));
  } else if (kind == 8) {
    const inside = v128.and(f32x4.gt(x, f32x4.splat(-3)), f32x4.lt(x, f32x4.splat(3)));
    return v128.and(f32x4.div(d, f32x4.splat(6)), inside);
  } else if (kind == 9) {
    // 1 − tanh² x = 4 · sigmoid′(2x)
    return f32x4.mul(d, f32x4.mul(sigmoidSlope(f32x4.add(x, x)), f32x4.splat(4)));
  } else if (kind == 10) {
    return f32x4.mul(d, sigmoid(x));
  } else {
    return f32x4.mul(d, f32x4.splat(a));
  }
}

// @ts-ignore: decorator
@inline
function hardSigmoid(x: v128): v128 {
  return f32x4.div(clamp(f32x4.add(x, f32x4.splat(3)), 0, 6), f32x4.splat(6));
}
