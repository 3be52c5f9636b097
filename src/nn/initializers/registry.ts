/** The initializers: one line each. */
import { OptionError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { quoted } from '../../quoted.ts';
import { randomStream } from '../../random.ts';
import { byName, ofKeras } from '../named.ts';
import type { Shape } from '../shape.ts';
import { constantDefinition, onesDefinition, zerosDefinition } from './constant.ts';
import { identityDefinition } from './identity.ts';
import type { Fans, InitializerConfig, InitializerDefinition } from './initializer.ts';
import {
  glorotNormalDefinition,
  glorotUniformDefinition,
  heNormalDefinition,
  heUniformDefinition,
  lecunNormalDefinition,
  lecunUniformDefinition,
} from './namedScalings.ts';
import { orthogonalDefinition } from './orthogonal.ts';
import { randomNormalDefinition, randomUniformDefinition, truncatedNormalDefinition } from './random.ts';
import { varianceScalingDefinition } from './varianceScaling.ts';

const DEFINITIONS = [
  glorotUniformDefinition,
  glorotNormalDefinition,
  heUniformDefinition,
  heNormalDefinition,
  lecunUniformDefinition,
  lecunNormalDefinition,
  varianceScalingDefinition,
  zerosDefinition,
  onesDefinition,
  constantDefinition,
  randomNormalDefinition,
  randomUniformDefinition,
  truncatedNormalDefinition,
  orthogonalDefinition,
  identityDefinition,
] as readonly InitializerDefinition[];

/** Other names that Keras knows them by. */
const ALIASES = {
  zero: 'zeros',
  one: 'ones',
  normal: 'randomNormal',
  uniform: 'randomUniform',
  orthogonalInitializer: 'orthogonal',
  identityInitializer: 'identity',
};

/** The initializers that there are. */
export const INITIALIZERS: readonly string[] = DEFINITIONS.map(({ name }) => name);

const definitionNamed = byName('initializer', DEFINITIONS, ALIASES);

/**
 * Complete settings from a name ('heNormal', 'he_normal', 'HeNormal'), or from settings that need not be complete.
 * @throws OptionError if there is no such initializer, or an option is out of range or not known
 */
export function initializerOption(value: unknown): InitializerConfig {
  if (typeof value === 'string') return definitionNamed(value).configure({});
  if (isObject(value)) return definitionNamed(value.name).configure(value);
  throw new OptionError(`An initializer must be a name or an object with one, not ${quoted(value)}.`);
}

/**
 * An initializer as Keras writes it: `{ "class_name": "HeNormal", "config": { "seed": null } }`, or a name. A generator of
 * seeds is left out: its numbers are not those of Keras anyway.
 * @throws FormatError
 */
export function initializerOfKeras(json: unknown): InitializerConfig {
  return ofKeras('initializer', json, (className, { seed, ...options }) =>
    definitionNamed(className).configure(typeof seed === 'number' ? { ...options, seed } : options),
  );
}

/** A weight to be filled. */
export interface FreshWeight extends Fans {
  /** The name within the network, "conv2d/kernel", which names its random stream. */
  readonly name: string;
  readonly shape: Shape;
}

/**
 * Fills a weight. Each has a random stream of its own, so that changing one layer leaves the others' weights as they were.
 * @param values  row-major
 * @param seed    the model's
 * @throws OptionError if the initializer cannot fill such a shape
 */
export function fillWeights(
  config: InitializerConfig,
  { name, shape, ...fans }: FreshWeight,
  values: Float32Array,
  seed: number,
): void {
  const random = randomStream(config.seed ?? seed, `initialisation/${name}`);
  try {
    definitionNamed(config.name).fill(config, values, shape, fans, random);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`${name}: ${error.message}`, { cause: error });
  }
}
