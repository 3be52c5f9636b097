/** Activations that TensorFlow.js does not have, or computes otherwise, made of layers that it has. */
import { activation, leakyReLU } from '../../nn/layers/activation.ts';
import type { Spec } from '../../nn/layers/definition.ts';
import { add, multiply } from '../../nn/layers/merge.ts';
import { rescaling } from '../../nn/layers/rescaling.ts';

/** Adds a layer that takes others' outputs, and returns its name. */
export type Emit = (layer: Spec, ...inputs: readonly string[]) => string;

/** Adds layers that do something to an output, and returns the name of the last one. */
export type Composition = (input: string, emit: Emit) => string;

/** Those that tfjs has, by the names that they have here. */
export const TFJS_ACTIVATIONS: ReadonlySet<string> = new Set([
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'gelu',
  'silu',
  'sigmoid',
  'tanh',
  'softplus',
  'softmax',
]);

/** That of tfjs rises by 0.2 · x, as in Keras 2, and not by x / 6. */
const SLOPE = 1 / 1.2;

const hardSigmoid: Composition = (input, emit) =>
  emit(activation({ activation: 'hard_sigmoid' }), emit(rescaling({ scale: SLOPE }), input));

/** √(8 / π), and what the cube counts beside x (Hendrycks and Gimpel 2016). */
const GELU_SCALE = 1.5957691216057308;
const GELU_CUBE = 0.044715;

/** x · sigmoid(√(8 / π) · (x + 0.044715 · x³)), the same as with a hyperbolic tangent. */
const approximateGelu: Composition = (input, emit) => {
  const part = emit(rescaling({ scale: GELU_CUBE }), input);
  const cube = emit(multiply(), input, part, emit(rescaling({ scale: 1 }), input));
  const scaled = emit(rescaling({ scale: GELU_SCALE }), emit(add(), input, cube));
  return emit(multiply(), input, emit(activation({ activation: 'sigmoid' }), scaled));
};

export const COMPOSED_ACTIVATIONS: ReadonlyMap<string, Composition> = new Map<string, Composition>([
  ['leaky_relu', (input, emit) => emit(leakyReLU({ negativeSlope: 0.2 }), input)],
  ['hard_sigmoid', hardSigmoid],
  ['hard_silu', (input, emit) => emit(multiply(), input, hardSigmoid(input, emit))],
  ['gelu_approximate', approximateGelu],
]);
