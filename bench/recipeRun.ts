/** One training by a recipe, from the images to the accuracy, with all that there is to tell of it. */
import { slice } from '../src/data/slice.ts';
import type { Dataset, TrainTestSplit } from '../src/data/dataset.ts';
import type { Tier } from '../src/engine/tier.ts';
import { operationsOf } from '../src/nn/operationsCount.ts';
import type { Recipe } from '../src/recipes/recipe.ts';
import { accuracyOf, predictViews } from '../src/recipes/views.ts';
import type { EpochLogs, History } from '../src/training/history.ts';
import { sequential } from '../src/training/factories.ts';
import type { EnergyMeter } from './energy.ts';
import { recipeAmount } from './recipeAmount.ts';
import { meanAndError, median } from './statistics.ts';
import { StopWatch } from './stopWatch.ts';

export interface RecipeSetting {
  readonly data: TrainTestSplit;
  readonly seed: number;
  readonly tier: Tier;
  readonly threads: number;
  /** The recipe's own by default. */
  readonly epochs?: number;
  readonly batchSize?: number;
  /** How many GFLOP/s all threads multiply and add now. Asked before, between epochs and behind, outside the timer. */
  readonly roofline: () => Promise<number>;
  readonly energy: EnergyMeter | undefined;
  readonly onEpoch?: (epoch: number, logs: EpochLogs) => void;
}

export interface RecipeRun {
  readonly seed: number;
  /** On the test images, as they are and by the recipe's views. */
  readonly accuracy: number;
  readonly viewsAccuracy: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly steps: number;
  /** Seconds of the training steps: without validation, and without the looks at the roofline. */
  readonly training: number;
  /** Seconds of making the model ready, of training and of testing by views; reading the images is not in them. */
  readonly whole: number;
  readonly imagesPerSecond: number;
  /** Textbook operations of the training, in GFLOP/s. */
  readonly gigaflops: number;
  /** GFLOP/s, one for each look. */
  readonly roofline: readonly number[];
  /** The textbook's operations ÷ the median of the roofline. */
  readonly share: number;
  /** The most memory that the process was seen to have, in bytes. */
  readonly peakMemory: number;
  /** Joules of all processors while it trained, looks at the roofline included; undefined where the machine does not tell. */
  readonly energy?: number;
  readonly history: History;
}

/** Images that are tested at a time. */
const TEST_BATCH = 500;

/** Between two looks at the memory, in milliseconds. */
const MEMORY_INTERVAL = 250;

export async function runRecipe(recipe: Recipe, setting: RecipeSetting): Promise<RecipeRun> {
  const { data, seed, tier, threads, roofline, energy } = setting;
  const { train, test } = data;
  const { height, width, channels, classNames } = train;
  const plan = recipe.plan({
    inputShape: [height, width, channels],
    classes: classNames.length,
    images: train.count,
    ...(setting.epochs === undefined ? {} : { epochs: setting.epochs }),
    ...(setting.batchSize === undefined ? {} : { batchSize: setting.batchSize }),
  });
  const { epochs, batchSize } = plan.fit;
  const memory = watchMemory();
  const looks = [await roofline()];
  const whole = new StopWatch();
  const training = new StopWatch();
  whole.start();
  const model = sequential(plan.layers, { seed, tier, threads, classNames });
  try {
    await plan.prepare(model, train);
    model.compile(plan.compile);
    const before = await energy?.read();
    // Epoch by epoch: a recipe may train fewer layers later.
    const operations: number[] = [];
    const history = await model.fit(train.images, train.labels, {
      ...plan.fit,
      callbacks: [
        plan.callbacks(model),
        {
          onEpochBegin: () => {
            training.start();
          },
          onValidationBatchBegin: () => {
            training.stop();
          },
          onEpochEnd: async (epoch, logs) => {
            training.stop();
            whole.stop();
            operations.push(operationsOf(model.network).training);
            setting.onEpoch?.(epoch, logs);
            looks.push(await roofline());
            await energy?.read();
            whole.start();
          },
        },
      ],
    });
    const joules = before === undefined ? undefined : (await energy!.read()) - before;
    const seen = await predictViews(model, test.images, {
      views: recipe.views,
      batchSize: TEST_BATCH,
    });
    whole.stop();
    const plain = await model.predict(test.images, { batchSize: TEST_BATCH });
    const { steps, images } = recipeAmount(plan, train.count);
    const imagesPerSecond = images / training.seconds;
    const gigaflops = (imagesPerSecond * meanAndError(operations).mean) / 1e9;
    return {
      ...{ seed, epochs, batchSize, steps, imagesPerSecond, gigaflops, history },
      training: training.seconds,
      whole: whole.seconds,
      accuracy: accuracyOf(plain.data, test.labels),
      viewsAccuracy: accuracyOf(seen.data, test.labels),
      roofline: looks,
      share: gigaflops / median(looks),
      peakMemory: memory.end(),
      ...(joules === undefined ? {} : { energy: joules }),
    };
  } finally {
    memory.end();
    await model.dispose();
  }
}

/** The first of a data set's images. */
export function firstOf({ train, test }: TrainTestSplit, trained: number, tested: number): TrainTestSplit {
  const first = (set: Dataset<Uint8Array>, count: number): Dataset<Uint8Array> =>
    slice(set, 0, Math.min(count, set.count));
  return { train: first(train, trained), test: first(test, tested) };
}

/** Looks at the memory again and again. @returns what ends it, and gives the most that was seen */
function watchMemory(): { end(): number } {
  let most = 0;
  const look = (): void => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const timer = setInterval(look, MEMORY_INTERVAL);
  return {
    end: () => {
      look();
      clearInterval(timer);
      return most;
    },
  };
}
