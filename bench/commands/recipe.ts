/** A recipe on CIFAR-10, seed by seed: what it comes to, how long it takes, and how long PyTorch would. */
import { cores } from '#platform';
import { readCifar10 } from '../../src/data/cifar10.ts';
import type { TrainTestSplit } from '../../src/data/dataset.ts';
import { generateShapes } from '../../src/data/shapes.ts';
import { chooseTier, TIERS, type Tier } from '../../src/engine/tier.ts';
import { recipe as recipeNamed, RECIPES } from '../../src/recipes/registry.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { benchCommand, progress } from '../command.ts';
import { openEnergyMeter } from '../energy.ts';
import { imageSource } from '../images.ts';
import { PythonPeer } from '../python/pythonPeer.ts';
import { timeRecipe, type PythonTime } from '../python/recipeTime.ts';
import { firstOf, runRecipe, type RecipeRun } from '../recipeRun.ts';
import { openThreadRoofline, type ThreadRoofline } from '../roofline/threads.ts';
import { measuredTiers, measureTurbo } from '../tiers.ts';
import { recipeReport, savedRecipeReport } from './recipeReport.ts';

interface RecipeOptions {
  readonly recipe: string;
  readonly seeds: string;
  readonly tier: Tier | undefined;
  readonly epochs: number | undefined;
  readonly images: number | undefined;
  readonly python: string | undefined;
}

/** What --quick makes do with. */
const QUICK = { seeds: '1', epochs: 3, images: 2048, tested: 500, pythonSteps: 1 };

/** PyTorch's timed steps. */
const PYTHON_STEPS = 5;

/** As many shapes as CIFAR-10 has images, where that is not on the machine. */
const SHAPES = { seed: 0, trainCount: 50_000, testCount: 10_000 };

export const recipeCommand = benchCommand<RecipeOptions>(
  'recipe',
  'a recipe on CIFAR-10: accuracy, time, memory and energy for several seeds, beside PyTorch’s time',
  async (_effort, quick, options) => {
    const recipe = recipeNamed(options.recipe);
    const tier = options.tier ?? (measuredTiers().includes('turbo') ? 'turbo' : chooseTier('auto'));
    if (tier === 'turbo') measureTurbo();
    const seeds = (quick ? QUICK.seeds : options.seeds).split(',').map(Number);
    const epochs = options.epochs ?? (quick ? QUICK.epochs : recipe.epochs);
    const whole = await readImages();
    const images = options.images ?? (quick ? QUICK.images : whole.train.count);
    const data = firstOf(whole, images, quick ? QUICK.tested : whole.test.count);
    const roofline = await openThreadRoofline(cores());
    try {
      const runs = await runSeeds(recipe, seeds, { data, tier, epochs, roofline });
      const python = await askPython(recipe, options.python, quick ? QUICK.pythonSteps : PYTHON_STEPS);
      const complete = images === whole.train.count && epochs === recipe.epochs && !quick;
      const tested = data.test.count;
      const drawn = imageSource() === undefined;
      return recipeReport({ recipe, tier, runs, python, complete, images, tested, drawn, threads: cores() });
    } finally {
      await roofline.close();
    }
  },
  {
    recipe: {
      type: 'string',
      default: 'airbench94',
      choices: RECIPES.map(({ name }) => name),
      describe: 'which',
    },
    seeds: { type: 'string', default: '1,2,3', describe: 'separated by commas; 1 alone with --quick' },
    tier: {
      type: 'string',
      choices: TIERS,
      describe: 'the build (default: the fastest; turbo with --turbo)',
    },
    epochs: { type: 'number', describe: 'instead of the recipe’s own' },
    images: { type: 'number', describe: 'so many of the training images (default: all)' },
    python: { type: 'string', describe: 'the path of a Python with PyTorch, to time its steps, too' },
  },
  savedRecipeReport,
);

async function readImages(): Promise<TrainTestSplit> {
  const folder = imageSource();
  return folder === undefined ? generateShapes(SHAPES) : readCifar10(folder);
}

interface Running {
  readonly data: TrainTestSplit;
  readonly tier: Tier;
  readonly epochs: number;
  readonly roofline: ThreadRoofline;
}

async function runSeeds(recipe: Recipe, seeds: readonly number[], running: Running): Promise<RecipeRun[]> {
  const { data, tier, epochs, roofline } = running;
  const energy = await openEnergyMeter();
  const runs: RecipeRun[] = [];
  for (const seed of seeds) {
    progress(`${recipe.name}, ${tier}, seed ${seed}`);
    const run = await runRecipe(recipe, {
      ...{ data, seed, tier, epochs, energy, threads: cores() },
      roofline: () => roofline.peak(),
      onEpoch: (epoch, { loss, accuracy }) => {
        progress(
          `epoch ${epoch + 1} of ${epochs}: loss ${loss.toFixed(4)}, accuracy ${accuracy!.toFixed(4)}`,
        );
      },
    });
    progress(
      `test accuracy ${run.accuracy}, by views ${run.viewsAccuracy}, trained in ${run.training.toFixed(1)} s`,
    );
    runs.push(run);
  }
  return runs;
}

/** @returns what it takes, why that is not known, or nothing if it was not asked for */
async function askPython(
  recipe: Recipe,
  python: string | undefined,
  steps: number,
): Promise<PythonTime | string | undefined> {
  if (python === undefined) return undefined;
  progress('PyTorch');
  let peer: PythonPeer | undefined;
  try {
    peer = await PythonPeer.start(python, 'torch', cores());
    return await timeRecipe(peer, recipe, steps);
  } catch (error) {
    return (error as Error).message;
  } finally {
    peer?.close();
  }
}
