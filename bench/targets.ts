/** What training is meant to reach: textbook operations as a share of what all threads multiply and add in 128-bit vectors. */
import type { Tier } from '../src/engine/tier.ts';

export interface Target {
  readonly network: string;
  /** On Node 20 in the `relaxed` build. */
  readonly atLeast: number;
  readonly aim?: number;
  /** In the `turbo` build, against the same roofline. */
  readonly turboAtLeast: number;
}

/** The networks that are measured, each at a batch of its own: see networkContenders.ts. */
export const TARGETS: readonly Target[] = [
  { network: 'tutorial', atLeast: 2.4, aim: 3, turboAtLeast: 3.3 },
  { network: 'vgg', atLeast: 4, aim: 4.5, turboAtLeast: 5.8 },
  { network: 'airbench94', atLeast: 3, aim: 3.6, turboAtLeast: 4.4 },
  { network: 'resnet18', atLeast: 2.3, aim: 2.8, turboAtLeast: 3.4 },
  { network: 'allcnn', atLeast: 1.3, aim: 1.7, turboAtLeast: 2.3 },
  { network: 'patch', atLeast: 1.6, aim: 2.2, turboAtLeast: 2.6 },
  { network: 'lenet', atLeast: 0.5, aim: 0.7, turboAtLeast: 0.7 },
  { network: 'mlp', atLeast: 0.65, turboAtLeast: 1.2 },
  { network: 'mobilenetv2', atLeast: 0.4, aim: 0.55, turboAtLeast: 0.6 },
];

/** How many times faster than PyTorch a training is meant to be: each network, and the geometric mean of all. */
export const PYTORCH_RATIOS = { each: 1, mean: 1.8, turboMean: 2.6 } as const;

export interface Floors {
  readonly atLeast: number;
  readonly aim?: number;
}

/** What a build is meant to reach with a network; undefined where nothing is set. */
export function floorsOf(network: string, tier: Tier): Floors | undefined {
  const target = TARGETS.find((each) => each.network === network);
  if (!target || tier === 'simd') return undefined;
  if (tier === 'turbo') return { atLeast: target.turboAtLeast };
  const { atLeast, aim } = target;
  return aim === undefined ? { atLeast } : { atLeast, aim };
}

/**
 * Whether a share keeps to them.
 * @param bound  what it cannot be above: then something else had the cores while the roofline was taken
 */
export function verdictOn(share: number, floors: Floors | undefined, bound = Infinity): string {
  if (share > bound) return 'disturbed';
  if (!floors) return '';
  if (share < floors.atLeast) return 'missed';
  return floors.aim !== undefined && share >= floors.aim ? 'aim met' : 'met';
}

/** What a recipe is meant to come to, with all its images. */
export interface RecipeTarget {
  readonly recipe: string;
  /** On the test images by the recipe's views: the mean of the seeds, and the best of them. */
  readonly accuracy: { readonly mean: number; readonly aim: number; readonly best: number };
  /** Minutes on two cores: at most, and the aim. */
  readonly minutes: { readonly most: number; readonly aim: number };
  readonly turboMinutes: { readonly most: number; readonly aim: number };
  /** Bytes of resident memory at most. */
  readonly memory: number;
}

export const RECIPE_TARGETS: readonly RecipeTarget[] = [
  {
    recipe: 'airbench94',
    accuracy: { mean: 0.938, aim: 0.94, best: 0.94 },
    minutes: { most: 18, aim: 15 },
    turboMinutes: { most: 12, aim: 10 },
    memory: 2.5e9,
  },
];
