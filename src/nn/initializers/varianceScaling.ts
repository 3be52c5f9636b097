/** Values whose variance depends on how many inputs or outputs a unit has. */
import type { RandomStream } from '../../random.ts';
import { oneOf } from '../layers/options.ts';
import { above } from '../numberOptions.ts';
import { fillNormal, fillSymmetric, fillTruncatedNormal } from './draws.ts';
import {
  nameAndSeed,
  onlyKnown,
  type Fans,
  type InitializerConfig,
  type InitializerDefinition,
  type SeedOptions,
} from './initializer.ts';

const MODES = ['fanIn', 'fanOut', 'fanAvg'] as const;
const DISTRIBUTIONS = ['truncatedNormal', 'untruncatedNormal', 'uniform'] as const;

/** What the variance is, `scale / fan`, and how the values are distributed. */
export interface Scaling {
  readonly scale: number;
  readonly mode: (typeof MODES)[number];
  readonly distribution: (typeof DISTRIBUTIONS)[number];
}

export interface VarianceScalingConfig extends InitializerConfig, Scaling {
  readonly name: 'varianceScaling';
}

/**
 * Values with mean 0 and variance scale / fan, where mode says which fan. By default scale 1, mode 'fanIn' and
 * distribution 'truncatedNormal', which 'normal' stands for too.
 * @throws OptionError
 */
export function varianceScaling(
  options: SeedOptions & { scale?: number; mode?: string; distribution?: string } = {},
): VarianceScalingConfig {
  const name = 'varianceScaling';
  onlyKnown(name, options, ['scale', 'mode', 'distribution', 'seed']);
  const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal' } = options;
  return {
    ...nameAndSeed(name, options),
    scale: above(name, 'scale', scale, 0),
    mode: oneOf(name, 'mode', camelCase(mode), MODES),
    distribution: oneOf(
      name,
      'distribution',
      distribution === 'normal' ? 'truncatedNormal' : camelCase(distribution),
      DISTRIBUTIONS,
    ),
  };
}

export const varianceScalingDefinition: InitializerDefinition<VarianceScalingConfig> = {
  name: 'varianceScaling',
  configure: varianceScaling,
  fill: (config, values, _shape, fans, random) => {
    fillScaled(config, values, fans, random);
  },
};

/** The scalings that have a name of their own: all but the seed is fixed. */
export function namedScaling(name: string, scaling: Scaling): InitializerDefinition {
  return {
    name,
    configure(options: SeedOptions) {
      onlyKnown(name, options, ['seed']);
      return nameAndSeed(name, options);
    },
    fill: (_config, values, _shape, fans, random) => {
      fillScaled(scaling, values, fans, random);
    },
  };
}

/** The standard deviation of a normal distribution that is cut at ±2 standard deviations. */
const TRUNCATED_STDDEV = 0.8796256610342398;

function fillScaled(
  { scale, mode, distribution }: Scaling,
  values: Float32Array,
  { fanIn, fanOut }: Fans,
  random: RandomStream,
): void {
  const fan = Math.max(1, mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2);
  if (distribution === 'uniform') fillSymmetric(values, Math.sqrt((3 * scale) / fan), random);
  else if (distribution === 'untruncatedNormal') fillNormal(values, 0, Math.sqrt(scale / fan), random);
  else fillTruncatedNormal(values, 0, Math.sqrt(scale / fan) / TRUNCATED_STDDEV, random);
}

/** Keras writes fan_in and truncated_normal. */
function camelCase(value: unknown): unknown {
  return typeof value === 'string'
    ? value.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
    : value;
}
