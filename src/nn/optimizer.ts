import { OptionError } from '../errors.ts';

/** Adam's settings; see assembly/optimizer/adam.ts for what they do. */
export interface AdamConfig {
  readonly name: 'adam';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * Adam in the form of Keras, with its defaults.
 * @throws OptionError for a setting out of range
 */
export function adam({
  learningRate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-7,
}: Partial<Omit<AdamConfig, 'name'>> = {}): AdamConfig {
  if (!(learningRate > 0 && learningRate < Infinity)) {
    throw new OptionError(`The learning rate must be a number above 0, not ${learningRate}.`);
  }
  if (!(beta1 >= 0 && beta1 < 1))
    throw new OptionError(`beta1 must be at least 0 and below 1, not ${beta1}.`);
  if (!(beta2 >= 0 && beta2 < 1))
    throw new OptionError(`beta2 must be at least 0 and below 1, not ${beta2}.`);
  if (!(epsilon > 0 && epsilon < Infinity))
    throw new OptionError(`epsilon must be a number above 0, not ${epsilon}.`);
  return { name: 'adam', learningRate, beta1, beta2, epsilon };
}

/** The size of step number `step` (from 1), both bias corrections included. */
export function adamRate({ learningRate, beta1, beta2 }: AdamConfig, step: number): number {
  return (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
}
