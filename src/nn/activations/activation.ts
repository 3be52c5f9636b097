/** What a layer applies to each of its values, with the definitions of Keras 3. */
export interface ActivationDefinition {
  /** As Keras spells it. */
  readonly name: string;
  /** The number by which `activationForward` knows it; the softmax has kernels of its own, and works on rows. */
  readonly kind: number | 'softmax';
  /** a, b and c of the kernels. */
  readonly parameters: readonly [a: number, b: number, c: number];
  /** Between what other kernels can clamp their results to have the same effect. */
  readonly clamp?: Clamp;
  /** Whether its derivative can be told from its output as well as from its input. */
  readonly fromOutput?: boolean;
}

export interface Clamp {
  readonly floor: number;
  readonly ceiling: number;
}

export const NO_CLAMP: Clamp = { floor: -Infinity, ceiling: Infinity };

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
  name: string,
  maxValue: number,
  negativeSlope: number,
  threshold: number,
): ActivationDefinition {
  const clamps = negativeSlope === 0 && threshold === 0;
  return {
    name,
    kind: ActivationKind.relu,
    parameters: [maxValue, negativeSlope, threshold],
    ...(clamps && { clamp: { floor: 0, ceiling: maxValue } }),
    // At the output, what was below the threshold must still be.
    fromOutput: threshold === 0 || (negativeSlope === 0 && threshold > 0),
  };
}
