import type { Recipe, RecipePlan } from '../../recipes/recipe.ts';
import type { CategoricalCrossentropyConfig } from '../../nn/losses/categoricalCrossentropy.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import type { Values } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import type { Origin } from './from.ts';
import type { EarlierRun } from './resume.ts';
import type { trainOptions } from './trainOptions.ts';

/** The options of `train`, read. */
export type TrainValues = Values<typeof trainOptions>;

/** How the network is trained. */
export interface Compilation {
  readonly optimizer: OptimizerConfig;
  readonly loss: CategoricalCrossentropyConfig;
}

/** The surroundings of a training. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Tells programs about something, if they want to know. */
  readonly emit: (event: string, data: object) => void;
}

/** All that a training needs to know. */
export interface Setting extends Surroundings {
  readonly values: TrainValues;
  readonly compilation: Compilation;
  /** What is trained by, if it is a recipe, and what that comes to. */
  readonly recipe: Recipe | undefined;
  readonly plan: RecipePlan | undefined;
  /** What changes the images. */
  readonly augment: readonly LayerSpec[];
  readonly commandLine: readonly string[];
  readonly begin: Date;
  /** What the model is from, if it was trained before. */
  readonly origin: Origin | undefined;
  /** What each class counts, by its name and by its index. */
  readonly classWeights: Readonly<Record<string, number>> | undefined;
  readonly classWeight: Readonly<Record<number, number>> | undefined;
  /** What is gone on with. */
  readonly earlier: EarlierRun | undefined;
}
