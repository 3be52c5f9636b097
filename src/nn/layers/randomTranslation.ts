/** Images shifted. */
import { drawnFrom, SHIFT, SHIFT_PIXELS } from '../operations/augmentation.ts';
import type { Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  built,
  describe,
  filled,
  fills,
  orElse,
  parsed,
  range,
  type AugmentationOptions,
  type AugmentationSpec,
  type FilledSpec,
  type FillOptions,
  type Range,
} from './augmentation.ts';
import type { LayerDefinition } from './definition.ts';
import { flag } from './options.ts';

export interface RandomTranslationOptions extends AugmentationOptions, FillOptions {
  /** By which share of the height, from −1 to 1: down if above 0. A number alone is meant both ways. */
  heightFactor: Range;
  /** By which share of the width: to the right if above 0. */
  widthFactor: Range;
  /** Whether by whole pixels, all equally likely, so that nothing has to be interpolated; false by default. */
  wholePixels?: boolean;
}

export interface RandomTranslationData extends AugmentationSpec, FilledSpec {
  readonly type: 'randomTranslation';
  readonly heightFactor: Pair;
  readonly widthFactor: Pair;
  readonly wholePixels: boolean;
}

/** @throws OptionError for an option out of range */
export function randomTranslation(
  options: RandomTranslationOptions = {} as RandomTranslationOptions,
): RandomTranslationData & Applicable {
  return applicable(randomTranslationDefinition.parse(options), randomTranslationDefinition);
}

export const randomTranslationDefinition: LayerDefinition<RandomTranslationData> = {
  type: 'randomTranslation',
  inputs: 'one',
  parse: (given) =>
    parsed('randomTranslation', given, {
      heightFactor: range(-1, 1),
      widthFactor: range(-1, 1),
      wholePixels: orElse(false, flag),
      ...fills(),
    }),
  build: (spec, context) =>
    built('augmentGeometry', spec, context, ([height, width]) => {
      // Of whole pixels the kernel rounds down what it draws.
      const pixels = ([low, high]: Pair, extent: number): Pair =>
        spec.wholePixels
          ? [Math.round(low * extent), Math.round(high * extent) + 1]
          : [low * extent, high * extent];
      return {
        kind: spec.wholePixels ? SHIFT_PIXELS : SHIFT,
        ...drawnFrom(pixels(spec.heightFactor, height!), pixels(spec.widthFactor, width!)),
        ...filled(spec),
      };
    }),
  describe,
};
