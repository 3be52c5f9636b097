/**
 * Muon for the 3×3 filters (Jordan 2024, airbench94_muon.py): their momentum made orthogonal, with a rate that falls in a line. Gradient
 * descent with momentum for all else.
 */
import { LOGITS, LOGITS_SCALED, WHITENING } from '../networks/airbench.ts';
import { randomUniform } from '../nn/initializers/random.ts';
import type { Conv2dData } from '../nn/layers/conv2d.ts';
import { muon } from '../nn/optimizers/muon.ts';
import { l2 } from '../nn/regularizers.ts';
import { polynomialDecay } from '../nn/schedules/polynomialDecay.ts';
import type { LayerSpec } from '../nn/spec.ts';
import type { AirbenchTraining } from './airbenchTraining.ts';

/**
 * What rates are counted by. The author has batches of 2,000, with a rate of 0.24 and a momentum of 0.6: these need half of the memory, and
 * go as far for each image.
 */
const RATED_IMAGES = 1000;
const LEARNING_RATE = 0.12;
const MOMENTUM = 0.8;
const NEWTON_SCHULZ_STEPS = 3;

/** Of all weights but the filters, for the loss of each image. */
const SGD_MOMENTUM = 0.85;
const BIAS_RATE = 0.053;
const LOGITS_RATE = 0.67;
/** The share of those weights that is taken away for each image. */
const DECAY = 2e-6;

/** The last layer begins with weights of a deviation of 1. */
const UNIT_DEVIATION = { minval: -Math.sqrt(3), maxval: Math.sqrt(3) };

/** Running statistics forget an image as soon as the author's, with 0.6 for batches of 2,000: about the square root of it. */
const STATISTICS_MOMENTUM = 0.775;

/** What logits are multiplied by, so that a softmax is not sure at the beginning. */
const LOGIT_SCALE = 1 / 256;

export const muonTraining: AirbenchTraining = {
  batchSize: RATED_IMAGES,
  layer: (spec) => {
    if (spec.name === WHITENING) {
      return { ...spec, biasInitializer: biases(spec), biasRegularizer: decay(BIAS_RATE) } as LayerSpec;
    }
    if (spec.type === 'batchNormalization') {
      return { ...spec, momentum: STATISTICS_MOMENTUM, betaRegularizer: decay(BIAS_RATE) };
    }
    if (spec.name === LOGITS) {
      const kernelInitializer = randomUniform(UNIT_DEVIATION);
      return { ...spec, kernelInitializer, kernelRegularizer: decay(LOGITS_RATE) } as LayerSpec;
    }
    return spec.name === LOGITS_SCALED ? ({ ...spec, scale: LOGIT_SCALE } as LayerSpec) : spec;
  },
  optimizer: (steps, batchSize) => {
    const rate = LEARNING_RATE * (batchSize / RATED_IMAGES);
    // Of the mean over a batch, as a multiple of the filters' rate.
    const multiplier = (perImage: number): number => (perImage * batchSize) / rate;
    return muon({
      learningRate: polynomialDecay({ initialLearningRate: rate, decaySteps: steps, endLearningRate: 0 }),
      momentum: MOMENTUM,
      nsSteps: NEWTON_SCHULZ_STEPS,
      adjustLearningRate: 'none',
      normalizeWeights: true,
      exclude: [WHITENING, LOGITS],
      sgdMomentum: SGD_MOMENTUM,
      learningRateMultipliers: {
        [`${WHITENING}/kernel`]: 0,
        [`${WHITENING}/bias`]: multiplier(BIAS_RATE),
        '*/beta': multiplier(BIAS_RATE),
        [LOGITS]: multiplier(LOGITS_RATE),
      },
    });
  },
};

/** Uniform within ±1/√(values of a patch), as PyTorch has them by default. */
function biases(whitening: LayerSpec) {
  // Each value has two filters.
  const values = (whitening as Conv2dData).filters / 2;
  const most = 1 / Math.sqrt(values);
  return randomUniform({ minval: -most, maxval: most });
}

/** A penalty whose gradient, at a rate per image of `rate`, takes that share away. */
function decay(rate: number) {
  return l2(DECAY / rate / 2);
}
