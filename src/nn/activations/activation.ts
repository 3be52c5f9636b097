/** What a layer applies to each of its values, with the definitions of Keras 3. */
export interface ActivationDefinition {
  /** As Keras spells it. */
  readonly name: string;
  /** The number by which `activationForward` knows it; the softmax has kernels of its own, and works on rows. */
  readonly kind: number | 'softmax';
  /** a, b and c of the kernels. */
  readonly parameters: readonly [a: number, b: number, c: number];
}

/** The kinds of assembly/activation/activation.ts. */
export const ActivationKind = {
  relu: 0,
  elu: 1,
  selu: 2,
  gelu: 3,
  geluApproximate: 4,
  silu: 5,
  hardSilu: 6,
  sigmoid: 7,
  hardSigmoid: 8,
  tanh: 9,
  softplus: 10,
  linear: 11,
} as const;

/** `relu` in general: nothing above `maxValue`, a slope below the threshold. */
export function generalRelu(
  maxValue: number,
  negativeSlope: number,
  threshold: number,
): ActivationDefinition {
  return { name: 'relu', kind: ActivationKind.relu, parameters: [maxValue, negativeSlope, threshold] };
}

/** What of an activation the kernels of a layer apply themselves: ReLU, while the loss has the softmax at the end. */
export function epilogueOf(name: string): 'linear' | 'relu' | 'softmax' {
  return name === 'relu' || name === 'softmax' ? name : 'linear';
}
