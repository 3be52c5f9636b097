/** A recipe: a network, and all that its training needs to come to the accuracy that it is known for. */
import type { LabelledImages } from '../data/dataset.ts';
import type { Shape } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import type { Callbacks } from '../training/callbacks.ts';
import type { Model } from '../training/model.ts';
import type { CompileOptions, FitOptions } from '../training/options.ts';
import type { View } from './views.ts';

/** What there is to learn. */
export interface RecipeTask {
  /** [height, width, channels] of the images. */
  readonly inputShape: Shape;
  readonly classes: number;
  /** How many images are trained on. */
  readonly images: number;
  /** The recipe's own by default. */
  readonly epochs?: number;
  readonly batchSize?: number;
}

/** The recipe for a task. */
export interface RecipePlan {
  readonly layers: readonly LayerSpec[];
  readonly compile: CompileOptions;
  readonly fit: Required<Pick<FitOptions, 'epochs' | 'batchSize' | 'stepsPerEpoch' | 'augment'>>;
  /** Before the training: gives the model what it takes from the images. */
  prepare(model: Model, train: LabelledImages): Promise<void>;
  /** What changes as the training goes on. */
  callbacks(model: Model): Callbacks;
  /** How images are looked at when the model is tested. */
  readonly views: readonly View[];
}

export interface Recipe {
  readonly name: string;
  /** What it is for, in a line. */
  readonly description: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** @throws OptionError if it cannot be made for the task */
  plan(task: RecipeTask): RecipePlan;
}
