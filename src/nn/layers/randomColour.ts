/** Images with other brightness, contrast or saturation, as Keras defines them. */
import { OptionError } from '../../errors.ts';
import { BRIGHTNESS, CONTRAST, SATURATION } from '../operations/augmentation.ts';
import type { Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  augmentation,
  range,
  type AugmentationOptions,
  type AugmentationSpec,
  type Check,
  type Range,
} from './augmentation.ts';
import type { LayerDefinition } from './definition.ts';

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
function colour<S extends ColourSpec>(
  type: S['type'],
  kind: number,
  factor: Check<Pair>,
  draws: (spec: ColourSpec) => Pair,
): LayerDefinition<S> {
  const checks = { factor, valueRange: range(-Infinity, Infinity, undefined, [0, 1]) };
  return augmentation(type, 'augmentColour', checks as never, (spec, [, , channels]) => {
    if (kind === SATURATION && channels !== 3) throw new OptionError(`${type} is for images of 3 channels.`);
    const [low, high] = draws(spec);
    const [least, most] = spec.valueRange;
    return { kind, low, high, least, most };
  });
}

export const randomBrightnessDefinition: LayerDefinition<RandomBrightnessData> = colour(
  'randomBrightness',
  BRIGHTNESS,
  range(-1, 1),
  ({ factor: [low, high], valueRange: [least, most] }) => [low * (most - least), high * (most - least)],
);

export const randomContrastDefinition: LayerDefinition<RandomContrastData> = colour(
  'randomContrast',
  CONTRAST,
  range(0, 1, (number) => [number, number]),
  ({ factor: [lower, upper] }) => [1 - lower, 1 + upper],
);

export const randomSaturationDefinition: LayerDefinition<RandomSaturationData> = colour(
  'randomSaturation',
  SATURATION,
  range(0, 1, (number) => [0, number]),
  ({ factor }) => factor,
);
