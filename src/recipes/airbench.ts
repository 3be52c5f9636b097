/**
 * The way to 94 % on CIFAR-10 (Jordan 2024, arXiv 2404.00498), with its settings: a first convolution that whitens, Nesterov's momentum with a
 * rate that rises and falls, weights drawn to a slow average, images mirrored every other time and shifted.
 */
import type { LabelledImages } from '../data/dataset.ts';
import { slice } from '../data/slice.ts';
import { areStored, readStored } from '../data/storedImages.ts';
import { OptionError } from '../errors.ts';
import { networkPreset } from '../networks/registry.ts';
import { WHITENING } from '../networks/airbench.ts';
import { randomFlip } from '../nn/layers/randomFlip.ts';
import { randomTranslation } from '../nn/layers/randomTranslation.ts';
import type { NormalizationData } from '../nn/layers/normalization.ts';
import { categoricalCrossentropy } from '../nn/losses/categoricalCrossentropy.ts';
import { sgd } from '../nn/optimizers/sgd.ts';
import { l2 } from '../nn/regularizers.ts';
import { oneCycle } from '../nn/schedules/oneCycle.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { momentsOf, normalized } from '../training/normalizing.ts';
import type { Model } from '../training/model.ts';
import type { CompleteTask, Recipe, RecipePlace, RecipePlan } from './recipe.ts';
import { completeTask } from './task.ts';
import { SIX_VIEWS } from './views.ts';
import { whiteningKernel } from './whitening.ts';

const MOMENTUM = 0.85;
const LABEL_SMOOTHING = 0.2;

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

/** Pixels that images are shifted by at most. */
const SHIFT = 2;
/** For so many epochs the bias of the whitening layer is trained; its filters never are. */
const BIAS_EPOCHS = 3;
/** Of so many images, from the first on, the filters are made. */
const WHITENED = 5000;

/** Of smaller images, what arrives at the last pooling is less than the 3×3 that it takes. */
const SMALLEST = 25;

export const airbench94: Recipe = airbench('airbench94', 10, '94 % on CIFAR-10');
export const airbench95: Recipe = airbench('airbench95', 15, '95 % on CIFAR-10');

function airbench(name: string, epochs: number, description: string): Recipe {
  const recipe: Recipe = {
    name,
    description,
    network: name,
    epochs,
    batchSize: 1024,
    validationSplit: 0,
    views: SIX_VIEWS,
    layers: (place) => layersFor(name, place),
    plan: (task) => planned(name, completeTask(recipe, task)),
  };
  return recipe;
}

function layersFor(network: string, { inputShape, classes }: RecipePlace): LayerSpec[] {
  const layers = networkPreset(network, { inputShape, classes });
  const [height, width] = inputShape as readonly [number, number, number];
  if (Math.min(height, width) < SMALLEST) {
    throw new OptionError(
      `${network} needs images of at least ${SMALLEST}×${SMALLEST}, not ${height}×${width}: enlarge them, or take another network.`,
    );
  }
  return normalized(layers).map(decaying);
}

function planned(name: string, task: CompleteTask): RecipePlan {
  const { inputShape, classes, trained, epochs, batchSize, validationSplit } = task;
  const [height, width] = inputShape as readonly [number, number, number];
  const stepsPerEpoch = Math.floor(trained / batchSize);
  if (stepsPerEpoch === 0) {
    throw new OptionError(
      `${name} trains on whole batches only, and ${trained} images do not fill one of ${batchSize}: make the batch size smaller.`,
    );
  }
  const steps = stepsPerEpoch * epochs;
  // The loss is the mean over a batch: as much as so many images count together.
  const peak = (LEARNING_RATE * (batchSize / RATED_IMAGES)) / MOMENTUM_STEPS;
  return {
    layers: layersFor(name, { inputShape, classes }),
    compile: {
      optimizer: sgd({
        learningRate: oneCycle({ maxLearningRate: peak, steps, ...SCHEDULE }),
        momentum: MOMENTUM,
        nesterov: true,
        learningRateMultipliers: { [`${WHITENING}/kernel`]: 0, '*/beta': SHIFT_RATE },
        lookahead: { steps: LOOKAHEAD_STEPS, decay: LOOKAHEAD_DECAY, rampSteps: steps },
      }),
      loss: categoricalCrossentropy({ labelSmoothing: LABEL_SMOOTHING }),
      metrics: ['accuracy'],
    },
    fit: {
      epochs,
      batchSize,
      validationSplit,
      dropRemainder: true,
      augment: [
        randomFlip({ mode: 'horizontal', alternate: true }),
        randomTranslation({
          heightFactor: SHIFT / height,
          widthFactor: SHIFT / width,
          wholePixels: true,
          fillMode: 'mirror',
        }),
      ],
    },
    prepare: (model, train) => prepare(model, slice(train, 0, Math.min(trained, train.count))),
    callbacks: (model) => ({
      onEpochBegin: (epoch) => {
        if (epoch >= BIAS_EPOCHS && model.getLayer(WHITENING).trainable) model.setTrainable(WHITENING, false);
      },
    }),
  };
}

/** Weights decay by their gradients, so that what a step takes away is the same share for every rate. */
function decaying(spec: LayerSpec): LayerSpec {
  const by = (multiplier: number) => l2(DECAY / LEARNING_RATE / multiplier / 2);
  if (spec.name === WHITENING) return { ...spec, biasRegularizer: by(1) } as LayerSpec;
  if (spec.type === 'batchNormalization') return { ...spec, betaRegularizer: by(SHIFT_RATE) };
  return spec.type === 'conv2d' || spec.type === 'dense' ? { ...spec, kernelRegularizer: by(1) } : spec;
}

/** The mean and the deviation of the images, and the filters that whiten them. */
async function prepare(model: Model, train: LabelledImages): Promise<void> {
  model.adapt(await momentsOf(train));
  const { mean, variance } = model.network.specs[0] as NormalizationData;
  const { height, width, channels } = train;
  const count = Math.min(WHITENED, train.count);
  const values = height * width * channels;
  const { images } = train;
  const first = areStored(images)
    ? await readStored(images, values, 0, count)
    : images.subarray(0, count * values);
  const moments = { mean: [mean].flat(), variance: [variance].flat() };
  const kernel = whiteningKernel({ images: first, height, width, channels, count }, moments, 2);
  model.setWeights(new Map([...model.getWeights(), [`${WHITENING}/kernel`, kernel]]));
}
