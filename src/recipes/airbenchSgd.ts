/** Stochastic gradient descent as the paper has it: Nesterov's momentum, a rate that rises and falls, weights drawn to a slow average. */
import { WHITENING } from '../networks/airbench.ts';
import { sgd } from '../nn/optimizers/sgd.ts';
import { l2 } from '../nn/regularizers.ts';
import { oneCycle } from '../nn/schedules/oneCycle.ts';
import type { LayerSpec } from '../nn/spec.ts';
import type { AirbenchTraining } from './airbenchTraining.ts';

const MOMENTUM = 0.85;

/** How many times as far as one gradient its share in momentum goes, over all steps. */
const MOMENTUM_STEPS = 1 + 1 / (1 - MOMENTUM);
/** Of 1,024 images, all its steps together. */
const LEARNING_RATE = 11.5;
/** The share of a weight that they take away at the peak. */
const DECAY = 0.0153;
/** What images learning rate and decay are counted by, so that both hold for any batch size. */
const RATED_IMAGES = 1024;
/** How much faster the shifts of batch normalization go. */
const SHIFT_RATE = 64;

/** The rate begins with a fifth of the peak, comes to it at 23 % of the steps, and ends with 7 % of it. */
const SCHEDULE = { pctStart: 0.23, divFactor: 5, finalDivFactor: 0.2 / 0.07, annealing: 'linear' } as const;

const LOOKAHEAD_STEPS = 5;
/** 0.95 for each of five steps: products only, which are the same in every JavaScript engine. */
const LOOKAHEAD_DECAY = 0.95 * 0.95 * 0.95 * 0.95 * 0.95;

export const sgdTraining: AirbenchTraining = {
  batchSize: RATED_IMAGES,
  layer: decaying,
  optimizer: (steps, batchSize) =>
    sgd({
      learningRate: oneCycle({
        maxLearningRate: (LEARNING_RATE * (batchSize / RATED_IMAGES)) / MOMENTUM_STEPS,
        steps,
        ...SCHEDULE,
      }),
      momentum: MOMENTUM,
      nesterov: true,
      learningRateMultipliers: { [`${WHITENING}/kernel`]: 0, '*/beta': SHIFT_RATE },
      lookahead: { steps: LOOKAHEAD_STEPS, decay: LOOKAHEAD_DECAY, rampSteps: steps },
    }),
};

/** Weights decay by their gradients, so that what a step takes away is the same share for every rate. */
function decaying(spec: LayerSpec): LayerSpec {
  const by = (multiplier: number) => l2(DECAY / LEARNING_RATE / multiplier / 2);
  if (spec.name === WHITENING) return { ...spec, biasRegularizer: by(1) } as LayerSpec;
  if (spec.type === 'batchNormalization') return { ...spec, betaRegularizer: by(SHIFT_RATE) };
  return spec.type === 'conv2d' || spec.type === 'dense' ? { ...spec, kernelRegularizer: by(1) } : spec;
}
