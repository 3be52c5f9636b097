/** What is trained, and how: as the settings say, or as a recipe does. */
import type { LabelledImages } from '../../data/dataset.ts';
import { OptionError } from '../../errors.ts';
import { adam } from '../../nn/optimizers/adam.ts';
import { adamw } from '../../nn/optimizers/adamw.ts';
import { lion } from '../../nn/optimizers/lion.ts';
import { muon } from '../../nn/optimizers/muon.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import { rmsprop } from '../../nn/optimizers/rmsprop.ts';
import { sgd } from '../../nn/optimizers/sgd.ts';
import { categoricalCrossentropy } from '../../nn/losses/categoricalCrossentropy.ts';
import { cosineDecay } from '../../nn/schedules/cosineDecay.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import type { Recipe } from '../../recipes/recipe.ts';
import { recipe as recipeNamed } from '../../recipes/registry.ts';
import { augmentationsOf } from '../../training/augmentationWords.ts';
import type { Callbacks } from '../../training/callbacks.ts';
import type { Model } from '../../training/model.ts';
import { haveNormalization, momentsOf, normalized } from '../../training/normalizing.ts';
import type { CompileOptions, FitOptions, SequentialOptions } from '../../training/options.ts';
import { networkOf } from '../network.ts';
import { LOADED, type Settings } from '../settings.ts';
import { trainingSets, type Data, type TrainingSets } from './datasets.ts';
import { continuation, type LoadedModel } from './loadedModel.ts';

export interface TrainingPlan {
  /** What decides on it, if it is not one's own settings. */
  readonly recipe: Recipe | undefined;
  readonly sets: TrainingSets;
  readonly layers: readonly LayerSpec[];
  /** How the network takes images. */
  readonly model: Pick<SequentialOptions, 'layout' | 'pixelScale'>;
  /** The layers of a loaded model that are made anew. */
  readonly madeAnew?: readonly string[];
  readonly compile: CompileOptions;
  readonly fit: Required<Pick<FitOptions, 'epochs' | 'batchSize' | 'dropRemainder'>> & {
    readonly augment: readonly LayerSpec[];
  };
  /** Before the training: gives the model what it goes on from, or takes from the images that are trained on. */
  prepare(model: Model, train: LabelledImages): Promise<void>;
  /** What changes as the training goes on. */
  callbacks(model: Model): Callbacks;
}

/**
 * @param loaded  what was loaded, if anything was
 * @throws OptionError for a setting out of range, or if the recipe cannot be made for the images, or the loaded model
 */
export function trainingPlan(settings: Settings, data: Data, loaded: LoadedModel | undefined): TrainingPlan {
  const { height, width, channels, classNames } = data.train;
  const inputShape = [height, width, channels] as const;
  const { epochs, batchSize } = settings;
  const recipe = settings.recipe === undefined ? undefined : recipeNamed(settings.recipe);
  const sets = trainingSets(data, settings.images, recipe);
  const images = sets.train.count;
  if (recipe) {
    // Those to validate with have been left out already.
    const task = { classes: classNames.length, images, epochs, batchSize, validationSplit: 0 };
    return { recipe, sets, model: {}, ...recipe.plan({ inputShape, ...task }) };
  }
  const start = settings.network === LOADED ? onLoaded(settings, data, loaded) : anew(settings, data);
  return {
    recipe,
    sets,
    ...start,
    compile: learningOf(settings, images),
    fit: {
      ...{ epochs, batchSize, dropRemainder: false },
      augment: augmentationsOf(
        settings.augment || undefined,
        { inputShape, pixelScale: start.model.pixelScale },
        'Augmentation',
      ),
    },
    callbacks: () => ({}),
  };
}

type Start = Pick<TrainingPlan, 'layers' | 'model' | 'madeAnew' | 'prepare'>;

function anew(settings: Settings, { name, train }: Data): Start {
  const { height, width, channels, classNames } = train;
  const layers = networkOf(settings, classNames.length, [height, width, channels]);
  // As the command line's networks for pictures of a folder.
  const ofPictures = name === 'pictures';
  return {
    layers: ofPictures && !haveNormalization(layers) ? normalized(layers) : layers,
    model: {},
    prepare: async (model, set) => {
      if (ofPictures) model.adapt(await momentsOf(set));
    },
  };
}

function onLoaded({ trained }: Settings, data: Data, loaded: LoadedModel | undefined): Start {
  if (!loaded) throw new OptionError('No model is loaded that could be trained on: load one.');
  const { layers, options, madeAnew, give } = continuation(loaded, data, trained);
  return {
    layers,
    model: options,
    madeAnew,
    prepare: (model) => {
      give(model);
      return Promise.resolve();
    },
  };
}

/** What of the settings says how to learn. */
type LearningSettings = Pick<
  Settings,
  | 'optimizer'
  | 'momentum'
  | 'weightDecay'
  | 'learningRate'
  | 'schedule'
  | 'epochs'
  | 'batchSize'
  | 'labelSmoothing'
>;

function learningOf(settings: LearningSettings, images: number): CompileOptions {
  return {
    optimizer: optimizerOf(settings, images),
    loss: categoricalCrossentropy({ labelSmoothing: settings.labelSmoothing }),
    metrics: ['accuracy'],
  };
}

function optimizerOf(settings: LearningSettings, images: number): OptimizerConfig {
  const { optimizer, momentum, weightDecay, schedule, learningRate: rate, epochs, batchSize } = settings;
  const steps = Math.ceil(images / batchSize);
  const learningRate =
    schedule === 'cosine' ? cosineDecay({ initialLearningRate: rate, decaySteps: epochs * steps }) : rate;
  const common = { learningRate, weightDecay };
  switch (optimizer) {
    case 'adam':
      return adam(common);
    case 'adamw':
      return adamw(common);
    case 'sgd':
      return sgd({ ...common, momentum });
    case 'rmsprop':
      return rmsprop(common);
    case 'lion':
      return lion(common);
    case 'muon':
      return muon(common);
  }
}
