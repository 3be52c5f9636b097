/** A recipe: a network, and all that its training needs to come to the accuracy that it is known for. */
import type { LabelledImages } from '../data/dataset.ts';
import type { CategoricalCrossentropyConfig } from '../nn/losses/categoricalCrossentropy.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import type { Shape } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import type { Callbacks } from '../training/callbacks.ts';
import type { Model } from '../training/model.ts';
import type { CompileOptions, FitOptions } from '../training/options.ts';
import type { View } from './views.ts';

/** What the images are, and what is on them. */
export interface RecipePlace {
  /** [height, width, channels] of the images. */
  readonly inputShape: Shape;
  readonly classes: number;
}

/** What there is to learn. */
export interface RecipeTask extends RecipePlace {
  /** How many images there are, those to validate with included. */
  readonly images: number;
  /** The recipe's own by default. */
  readonly epochs?: number;
  readonly batchSize?: number;
  /** The share of the images, from the end, to validate with. */
  readonly validationSplit?: number;
}

/** The recipe for a task. */
export interface RecipePlan {
  /** For `sequential`. */
  readonly layers: readonly LayerSpec[];
  /** For `model.compile`. */
  readonly compile: CompileOptions & {
    readonly optimizer: OptimizerConfig;
    readonly loss: CategoricalCrossentropyConfig;
  };
  /** For `model.fit`. */
  readonly fit: Required<Pick<FitOptions, 'epochs' | 'batchSize' | 'validationSplit' | 'dropRemainder'>> & {
    readonly augment: readonly LayerSpec[];
  };
  /** Before the training: gives the model what it takes from the images, those to validate with left out. */
  prepare(model: Model, train: LabelledImages): Promise<void>;
  /** What changes as the training goes on, for `model.fit`. */
  callbacks(model: Model): Callbacks;
}

export interface Recipe {
  readonly name: string;
  /** What it is for, in a line. */
  readonly description: string;
  /** The name of the network that it trains. */
  readonly network: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** The share of the images that is held out, to validate with. */
  readonly validationSplit: number;
  /** How images are looked at when the model is tested. */
  readonly views: readonly View[];
  /** The layers of the plans for such images. @throws OptionError if they are too small */
  layers(place: RecipePlace): LayerSpec[];
  /** @throws OptionError if it cannot be made for the task, or for an option out of range or not known */
  plan(task: RecipeTask): RecipePlan;
}

/** What a plan is made for, complete. */
export type CompleteTask = Required<RecipeTask> & {
  /** Of the images, those that are trained on: as `fit` counts them. */
  readonly trained: number;
};
