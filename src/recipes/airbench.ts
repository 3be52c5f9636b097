/**
 * The way to 94 % on CIFAR-10 (Jordan 2024, arXiv 2404.00498 and airbench94_muon.py): a first convolution that whitens, images mirrored every other
 * time and shifted, and weights that are changed as airbenchSgd.ts or airbenchMuon.ts has it.
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
import type { LayerSpec } from '../nn/spec.ts';
import { momentsOf, normalized } from '../training/normalizing.ts';
import type { Model } from '../training/model.ts';
import type { CompleteTask, Recipe, RecipePlace, RecipePlan } from './recipe.ts';
import { muonTraining } from './airbenchMuon.ts';
import { sgdTraining } from './airbenchSgd.ts';
import type { AirbenchTraining } from './airbenchTraining.ts';
import { completeTask } from './task.ts';
import { SIX_VIEWS } from './views.ts';
import { whiteningKernel } from './whitening.ts';

const LABEL_SMOOTHING = 0.2;

/** Pixels that images are shifted by at most. */
const SHIFT = 2;
/** For so many epochs the bias of the whitening layer is trained; its filters never are. */
const BIAS_EPOCHS = 3;
/** Of so many images, from the first on, the filters are made. */
const WHITENED = 5000;

/** Of smaller images, what arrives at the last pooling is less than the 3×3 that it takes. */
const SMALLEST = 25;

export const airbench94 = airbench('airbench94', 'airbench94', 8, muonTraining, '94 % on CIFAR-10');
export const airbench94Sgd = airbench(
  'airbench94-sgd',
  'airbench94',
  10,
  sgdTraining,
  '94 % on CIFAR-10 by gradient descent, in more epochs',
);
export const airbench95 = airbench('airbench95', 'airbench95', 15, sgdTraining, '95 % on CIFAR-10');

function airbench(
  name: string,
  network: string,
  epochs: number,
  training: AirbenchTraining,
  description: string,
): Recipe {
  const { batchSize } = training;
  const recipe: Recipe = {
    ...{ name, description, network, epochs, batchSize, validationSplit: 0, views: SIX_VIEWS },
    layers: (place) => layersFor(recipe, training, place),
    plan: (task) => planned(recipe, training, completeTask(recipe, task)),
  };
  return recipe;
}

function layersFor(
  { name, network }: Recipe,
  training: AirbenchTraining,
  { inputShape, classes }: RecipePlace,
): LayerSpec[] {
  const layers = networkPreset(network, { inputShape, classes });
  const [height, width] = inputShape as readonly [number, number, number];
  if (Math.min(height, width) < SMALLEST) {
    throw new OptionError(
      `${name} needs images of at least ${SMALLEST}×${SMALLEST}, not ${height}×${width}: enlarge them, or take another network.`,
    );
  }
  return normalized(layers).map((spec) => training.layer(spec));
}

function planned(recipe: Recipe, training: AirbenchTraining, task: CompleteTask): RecipePlan {
  const { inputShape, classes, trained, epochs, batchSize, validationSplit } = task;
  const [height, width] = inputShape as readonly [number, number, number];
  const stepsPerEpoch = Math.floor(trained / batchSize);
  if (stepsPerEpoch === 0) {
    throw new OptionError(
      `${recipe.name} trains on whole batches only, and ${trained} images do not fill one of ${batchSize}: make the batch size smaller.`,
    );
  }
  return {
    layers: layersFor(recipe, training, { inputShape, classes }),
    compile: {
      optimizer: training.optimizer(stepsPerEpoch * epochs, batchSize),
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
