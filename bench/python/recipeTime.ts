/** How long PyTorch would train by a recipe: some steps of the same network, and so all of them. */
import { cores } from '#platform';
import { networkPreset } from '../../src/networks/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { recipeAmount } from '../recipeAmount.ts';
import type { PythonPeer } from './pythonPeer.ts';

export interface PythonTime {
  /** With its version. */
  readonly name: string;
  /** That of images and weights in memory: the faster of two. */
  readonly layout: string;
  /** How many were timed, behind others that were not. */
  readonly steps: number;
  readonly secondsPerStep: number;
  /** Steps of the whole recipe on CIFAR-10. */
  readonly wholeSteps: number;
  /** Seconds of all of them. */
  readonly whole: number;
}

/** CIFAR-10's. */
const PLACE = { inputShape: [32, 32, 3], classes: 10 };
const IMAGES = 50_000;

/** By SGD whatever the recipe's optimizer is: lookahead costs next to nothing, and Muon would add some 1 %. */
const TRAINING = { momentum: 0.85, labelSmoothing: 0.2 };

/** @throws Error with the reason if it cannot be trained there */
export async function timeRecipe(peer: PythonPeer, recipe: Recipe, steps: number): Promise<PythonTime> {
  const network = buildNetwork(networkPreset(recipe.network, PLACE));
  await peer.open(network, recipe.batchSize, cores(), TRAINING);
  // The first run tries both layouts.
  await peer.run('training', 1);
  const { seconds, layout } = await peer.run('training', steps);
  const wholeSteps = recipeAmount(recipe.plan({ ...PLACE, images: IMAGES }), IMAGES).steps;
  const secondsPerStep = seconds / steps;
  return {
    ...{ name: peer.name, layout: layout!, steps, secondsPerStep, wholeSteps },
    whole: secondsPerStep * wholeSteps,
  };
}
