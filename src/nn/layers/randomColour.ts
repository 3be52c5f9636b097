/** Images with other brightness, contrast or saturation, as Keras defines them. */
import { OptionError } from '../../errors.ts';
import { BRIGHTNESS, CONTRAST, SATURATION } from '../operations/augmentation.ts';
import type { Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  built,
  describe,
  parsed,
  range,
  type AugmentationOptions,
  type AugmentationSpec,
  type Check,
  type Range,
} from './augmentation.ts';
import type { BuildContext, BuiltLayer, LayerDefinition } from './definition.ts';

interface ColourOptions extends AugmentationOptions {
  /** From where to where values go, and what they are kept between; [0, 1] by default, as the engine takes bytes. */
  valueRange?: Pair;
}

export interface RandomBrightnessOptions extends ColourOptions {
  /** Which share of the value range is added, from −1 to 1. A number alone is meant both ways. */
  factor: Range;
}

export interface RandomContrastOptions extends ColourOptions {
  /**
   * Distances from the mean of the channel are multiplied by a number between 1 − lower and 1 + upper, both from 0 to 1. A
   * number alone is both.
   */
  factor: Range;
}

export interface RandomSaturationOptions extends ColourOptions {
  /** From 0, which is grey, to 1; 0.5 changes nothing. A number alone is the upper end, from 0 on. */
  factor: Range;
}

interface ColourSpec extends AugmentationSpec {
  readonly factor: Pair;
  readonly valueRange: Pair;
}

export interface RandomBrightnessData extends ColourSpec {
  readonly type: 'randomBrightness';
}

export interface RandomContrastData extends ColourSpec {
  readonly type: 'randomContrast';
}

export interface RandomSaturationData extends ColourSpec {
  readonly type: 'randomSaturation';
}

/** @throws OptionError for an option out of range */
export function randomBrightness(
  options: RandomBrightnessOptions = {} as RandomBrightnessOptions,
): RandomBrightnessData & Applicable {
  return applicable(randomBrightnessDefinition.parse(options), randomBrightnessDefinition);
}

/** @throws OptionError for an option out of range */
export function randomContrast(
  options: RandomContrastOptions = {} as RandomContrastOptions,
): RandomContrastData & Applicable {
  return applicable(randomContrastDefinition.parse(options), randomContrastDefinition);
}

/** Of images of three channels. @throws OptionError for an option out of range */
export function randomSaturation(
  options: RandomSaturationOptions = {} as RandomSaturationOptions,
): RandomSaturationData & Applicable {
  return applicable(randomSaturationDefinition.parse(options), randomSaturationDefinition);
}

/** @param draws  from where to where the kernel draws */
function buildColour(
  spec: ColourSpec,
  context: BuildContext,
  kind: number,
  [low, high]: readonly number[],
): BuiltLayer {
  return built('augmentColour', spec, context, ([, , channels]) => {
    if (kind === SATURATION && channels !== 3)
      throw new OptionError(`${spec.type} is for images of 3 channels.`);
    const [least, most] = spec.valueRange;
    return { kind, low: low!, high: high!, least, most };
  });
}

function parseColour<S extends ColourSpec>(type: S['type'], given: object, factor: Check<Pair>): S {
  const checks = { factor, valueRange: range(-Infinity, Infinity, undefined, [0, 1]) };
  return parsed(type, given, checks as never);
}

export const randomBrightnessDefinition: LayerDefinition<RandomBrightnessData> = {
  type: 'randomBrightness',
  inputs: 'one',
  parse: (given) => parseColour('randomBrightness', given, range(-1, 1)),
  build: (spec, context) => {
    const [least, most] = spec.valueRange;
    const draws = spec.factor.map((share) => share * (most - least));
    return buildColour(spec, context, BRIGHTNESS, draws);
  },
  describe,
};

export const randomContrastDefinition: LayerDefinition<RandomContrastData> = {
  type: 'randomContrast',
  inputs: 'one',
  parse: (given) => {
    const both = (number: number): Pair => [number, number];
    return parseColour('randomContrast', given, range(0, 1, both));
  },
  build: (spec, context) => buildColour(spec, context, CONTRAST, [1 - spec.factor[0], 1 + spec.factor[1]]),
  describe,
};

export const randomSaturationDefinition: LayerDefinition<RandomSaturationData> = {
  type: 'randomSaturation',
  inputs: 'one',
  parse: (given) => {
    const upTo = (number: number): Pair => [0, number];
    return parseColour('randomSaturation', given, range(0, 1, upTo));
  },
  build: (spec, context) => buildColour(spec, context, SATURATION, spec.factor),
  describe,
};
