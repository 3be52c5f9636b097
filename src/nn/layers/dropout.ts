/** Layers that drop values at random while training, and hand on what they are given otherwise. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { dropoutOperation } from '../operations/dropout.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { BuildContext, BuiltLayer, LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, numberIn, type LayerOptions } from './options.ts';

export interface DropoutOptions extends LayerOptions {
  /** How many become zero, of all: at least 0 and below 1. */
  rate: number;
  /** What its draws start from: a whole number of at least 0. By default the network's seed. */
  seed?: number | null;
}

interface DropoutSpec extends Spec {
  readonly rate: number;
  /** Left out if it is the network's. */
  readonly seed?: number;
}

export interface DropoutData extends DropoutSpec {
  readonly type: 'dropout';
}

export interface SpatialDropout2dData extends DropoutSpec {
  readonly type: 'spatialDropout2d';
}

/**
 * In training each value becomes zero with a probability of `rate`, and the others grow by 1 / (1 − rate) (Srivastava et al.
 * 2014). @throws OptionError for an option out of range
 */
export function dropout(options: DropoutOptions = {} as DropoutOptions): DropoutData & Applicable {
  return applicable(dropoutDefinition.parse(options), dropoutDefinition);
}

/**
 * Dropout of whole channels: all of an image's channel, or nothing of it, becomes zero (Tompson et al. 2015).
 * @throws OptionError for an option out of range
 */
export function spatialDropout2d(
  options: DropoutOptions = {} as DropoutOptions,
): SpatialDropout2dData & Applicable {
  return applicable(spatialDropout2dDefinition.parse(options), spatialDropout2dDefinition);
}

export const dropoutDefinition: LayerDefinition<DropoutData> = {
  type: 'dropout',
  inputs: 'one',
  parse: (given) => ({ type: 'dropout', ...parseOptions('dropout', given) }),
  build: (spec, context) => buildDropout(spec, context, false),
  describe: ({ rate }) => `drops ${percent(rate)} in training`,
};

export const spatialDropout2dDefinition: LayerDefinition<SpatialDropout2dData> = {
  type: 'spatialDropout2d',
  inputs: 'one',
  parse: (given) => ({ type: 'spatialDropout2d', ...parseOptions('spatialDropout2d', given) }),
  build: (spec, context) => buildDropout(spec, context, true),
  describe: ({ rate }) => `drops ${percent(rate)} of channels in training`,
};

function parseOptions(type: string, given: object): Omit<DropoutSpec, 'type'> {
  const { rate, seed } = given as DropoutOptions;
  return {
    ...common(type, given, ['rate', 'seed']),
    rate: numberIn(type, 'rate', rate, 0, 1),
    ...seedOption(type, seed),
  };
}

/** @param channels  whether whole channels are dropped */
function buildDropout(
  { type, rate, seed }: DropoutSpec,
  { name, inputShapes: [input] }: BuildContext,
  channels: boolean,
): BuiltLayer {
  if (channels) mustBeImages(type, name, input!);
  const settings = { rate, channels, ...(seed !== undefined && { seed }) };
  return {
    outputShape: input!,
    operations: (training) => (training && rate > 0 ? [dropoutOperation(name, input!, settings)] : []),
  };
}

function percent(rate: number): string {
  return `${Number((100 * rate).toPrecision(3))} %`;
}

/** A seed, if one is given. @throws OptionError if it is no whole number of at least 0 */
export function seedOption(type: string, seed: unknown): { readonly seed?: number } {
  if (seed === undefined || seed === null) return {};
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return { seed: seed as number };
  throw new OptionError(`${type}: seed must be a whole number of at least 0, not ${quoted(seed)}.`);
}
