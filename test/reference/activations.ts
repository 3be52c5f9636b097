/** The activations of Keras 3 and their derivatives in float64, and the softmax of rows. */

export interface ActivationTwin {
  /** The number by which the kernels know it. */
  readonly kind: number;
  readonly parameters: readonly [a: number, b: number, c: number];
  readonly reference: (x: number) => number;
  readonly derivative: (x: number) => number;
}

const NONE = [0, 0, 0] as const;
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** 1 − erf x, relatively exact for x ≥ 0: the series of erf below 2, a continued fraction above. */
function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x > 30) return 0;
  if (x < 2) return 1 - erf(x);
  let fraction = x;
  for (let n = 200; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
}

/** erf x. */
export function erf(x: number): number {
  if (Math.abs(x) >= 2) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  let term = (2 / Math.sqrt(Math.PI)) * x;
  let sum = term;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return sum;
}

const normal = (x: number): number => erfc(-x / Math.SQRT2) / 2;

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

const sigmoidSlope = (x: number): number => sigmoid(x) * sigmoid(-x);

/** x, or 0 where it is so large that f(x) · x would be ∞ · 0. */
const finite = (x: number): number => Math.max(-1e4, Math.min(1e4, x));

const hardSigmoid = (x: number): number => Math.min(Math.max(x + 3, 0), 6) / 6;

export function relu(maxValue: number, slope: number, threshold: number): ActivationTwin {
  const below = (x: number): number => (slope === 0 && !Number.isNaN(x) ? 0 : slope * (x - threshold));
  return {
    kind: 0,
    parameters: [maxValue, slope, threshold],
    reference: (x) => (x >= maxValue ? maxValue : x >= threshold ? x : below(x)),
    derivative: (x) => (x >= maxValue ? 0 : x > threshold ? 1 : slope),
  };
}

export function elu(alpha: number): ActivationTwin {
  return {
    kind: 1,
    parameters: [alpha, 0, 0],
    reference: (x) => (x > 0 ? x : alpha * Math.expm1(x)),
    derivative: (x) => (x > 0 ? 1 : alpha * Math.exp(x)),
  };
}

export function linear(scale: number, offset: number): ActivationTwin {
  return {
    kind: 11,
    parameters: [scale, offset, 0],
    reference: (x) => scale * x + offset,
    derivative: () => scale,
  };
}

export const selu: ActivationTwin = {
  kind: 2,
  parameters: NONE,
  reference: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  derivative: (x) => SELU_SCALE * (x >= 0 ? 1 : SELU_ALPHA * Math.exp(x)),
};

export const gelu: ActivationTwin = {
  kind: 3,
  parameters: NONE,
  reference: (x) => Math.max(x, -1e4) * normal(x),
  derivative: (x) => normal(x) + (finite(x) * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
};

const GELU_SCALE = 2 * Math.sqrt(2 / Math.PI);

export const geluApproximate: ActivationTwin = {
  kind: 4,
  parameters: NONE,
  reference: (x) => Math.max(x, -1e4) * sigmoid(GELU_SCALE * (x + 0.044715 * x ** 3)),
  derivative: (x) => {
    const within = finite(x);
    const u = GELU_SCALE * (within + 0.044715 * within ** 3);
    return sigmoid(u) + within * sigmoidSlope(u) * GELU_SCALE * (1 + 3 * 0.044715 * within ** 2);
  },
};

export const silu: ActivationTwin = {
  kind: 5,
  parameters: NONE,
  reference: (x) => Math.max(x, -1e4) * sigmoid(x),
  derivative: (x) => sigmoid(x) + finite(x) * sigmoidSlope(x),
};

export const hardSilu: ActivationTwin = {
  kind: 6,
  parameters: NONE,
  reference: (x) => Math.max(x, -3) * hardSigmoid(x),
  derivative: (x) => (x >= 3 ? 1 : x <= -3 ? 0 : (2 * x + 3) / 6),
};

export const sigmoidTwin: ActivationTwin = {
  kind: 7,
  parameters: NONE,
  reference: sigmoid,
  derivative: sigmoidSlope,
};

export const hardSigmoidTwin: ActivationTwin = {
  kind: 8,
  parameters: NONE,
  reference: hardSigmoid,
  derivative: (x) => (x > -3 && x < 3 ? 1 / 6 : 0),
};

export const tanh: ActivationTwin = {
  kind: 9,
  parameters: NONE,
  reference: Math.tanh,
  derivative: (x) => 4 * sigmoidSlope(2 * x),
};

export const softplus: ActivationTwin = {
  kind: 10,
  parameters: NONE,
  reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  derivative: sigmoid,
};

/** The softmax of one row. */
export function softmaxRow(row: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(row);
  const largest = Math.max(...values);
  const exponentials = values.map((value) => Math.exp(value - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}
