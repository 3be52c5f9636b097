/** One step of Adam in float64, in the form of Keras: p −= lr·√(1−β2^t)/(1−β1^t) · m / (√v + ε). */

export interface AdamState {
  readonly parameters: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** @param step  counted from 1 */
export function adamStep(
  { parameters, m, v }: AdamState,
  gradients: Float64Array,
  { learningRate, beta1, beta2, epsilon }: AdamSettings,
  step: number,
): AdamState {
  const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  const nextM = m.map((mean, i) => beta1 * mean + (1 - beta1) * gradients[i]!);
  const nextV = v.map((square, i) => beta2 * square + (1 - beta2) * gradients[i]! ** 2);
  return {
    parameters: parameters.map((value, i) => value - (rate * nextM[i]!) / (Math.sqrt(nextV[i]!) + epsilon)),
    m: nextM,
    v: nextV,
  };
}
