/** Distributions with parameters that are given, whatever the weight. */
import { OptionError } from '../../errors.ts';
import { atLeast, finite } from '../numberOptions.ts';
import { fillNormal, fillTruncatedNormal, fillUniform } from './draws.ts';
import {
  nameAndSeed,
  onlyKnown,
  type InitializerConfig,
  type InitializerDefinition,
  type SeedOptions,
} from './initializer.ts';

interface NormalOptions extends SeedOptions {
  mean?: number;
  stddev?: number;
}

export interface NormalConfig<N extends string = string> extends InitializerConfig {
  readonly name: N;
  readonly mean: number;
  readonly stddev: number;
}

export interface RandomUniformConfig extends InitializerConfig {
  readonly name: 'randomUniform';
  readonly minval: number;
  readonly maxval: number;
}

/** Normally distributed: mean 0 and stddev 0.05 by default. @throws OptionError */
export function randomNormal(options: NormalOptions = {}): NormalConfig<'randomNormal'> {
  return normal('randomNormal', options);
}

/** The same, but what is more than two stddev from the mean is drawn again. @throws OptionError */
export function truncatedNormal(options: NormalOptions = {}): NormalConfig<'truncatedNormal'> {
  return normal('truncatedNormal', options);
}

/** Uniform from minval, -0.05 by default, to maxval, 0.05 by default. @throws OptionError */
export function randomUniform(
  options: SeedOptions & { minval?: number; maxval?: number } = {},
): RandomUniformConfig {
  const name = 'randomUniform';
  onlyKnown(name, options, ['minval', 'maxval', 'seed']);
  const minval = finite(name, 'minval', options.minval ?? -0.05);
  const maxval = finite(name, 'maxval', options.maxval ?? 0.05);
  if (minval > maxval) throw new OptionError(`${name}: minval, ${minval}, is above maxval, ${maxval}.`);
  return { ...nameAndSeed(name, options), minval, maxval };
}

export const randomNormalDefinition: InitializerDefinition<NormalConfig<'randomNormal'>> = {
  name: 'randomNormal',
  configure: randomNormal,
  fill: ({ mean, stddev }, values, _shape, _fans, random) => {
    fillNormal(values, mean, stddev, random);
  },
};

export const truncatedNormalDefinition: InitializerDefinition<NormalConfig<'truncatedNormal'>> = {
  name: 'truncatedNormal',
  configure: truncatedNormal,
  fill: ({ mean, stddev }, values, _shape, _fans, random) => {
    fillTruncatedNormal(values, mean, stddev, random);
  },
};

export const randomUniformDefinition: InitializerDefinition<RandomUniformConfig> = {
  name: 'randomUniform',
  configure: randomUniform,
  fill: ({ minval, maxval }, values, _shape, _fans, random) => {
    fillUniform(values, minval, maxval, random);
  },
};

function normal<N extends string>(name: N, options: NormalOptions): NormalConfig<N> {
  onlyKnown(name, options, ['mean', 'stddev', 'seed']);
  const { mean = 0, stddev = 0.05 } = options;
  return {
    ...nameAndSeed(name, options),
    mean: finite(name, 'mean', mean),
    stddev: atLeast(name, 'stddev', stddev, 0),
  };
}
