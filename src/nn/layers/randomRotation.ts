/** Images rotated about their middle. */
import { drawnFrom, ROTATE } from '../operations/augmentation.ts';
import type { Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  built,
  describe,
  filled,
  fills,
  parsed,
  range,
  type AugmentationOptions,
  type AugmentationSpec,
  type FilledSpec,
  type FillOptions,
  type Range,
} from './augmentation.ts';
import type { LayerDefinition } from './definition.ts';

export interface RandomRotationOptions extends AugmentationOptions, FillOptions {
  /** By how many whole turns, from −1 to 1: against the clock if above 0. A number alone is meant both ways. */
  factor: Range;
}

export interface RandomRotationData extends AugmentationSpec, FilledSpec {
  readonly type: 'randomRotation';
  readonly factor: Pair;
}

/** @throws OptionError for an option out of range */
export function randomRotation(
  options: RandomRotationOptions = {} as RandomRotationOptions,
): RandomRotationData & Applicable {
  return applicable(randomRotationDefinition.parse(options), randomRotationDefinition);
}

export const randomRotationDefinition: LayerDefinition<RandomRotationData> = {
  type: 'randomRotation',
  inputs: 'one',
  parse: (given) => parsed('randomRotation', given, { factor: range(-1, 1), ...fills() }),
  build: (spec, context) =>
    built('augmentGeometry', spec, context, () => ({
      kind: ROTATE,
      ...drawnFrom(spec.factor, spec.factor),
      ...filled(spec),
    })),
  describe,
};
