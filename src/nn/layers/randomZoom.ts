/** Images made larger or smaller about their middle. */
import { drawnFrom, ZOOM, ZOOM_EVENLY } from '../operations/augmentation.ts';
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

export interface RandomZoomOptions extends AugmentationOptions, FillOptions {
  /** By which share of the height, from −1 to 1: further away if above 0. A number alone is meant both ways. */
  heightFactor: Range;
  /** By which share of the width; by default as much as of the height, so that proportions stay. */
  widthFactor?: Range | null;
}

export interface RandomZoomData extends AugmentationSpec, FilledSpec {
  readonly type: 'randomZoom';
  readonly heightFactor: Pair;
  /** Null if it is as the height's. */
  readonly widthFactor: Pair | null;
}

/** @throws OptionError for an option out of range */
export function randomZoom(
  options: RandomZoomOptions = {} as RandomZoomOptions,
): RandomZoomData & Applicable {
  return applicable(randomZoomDefinition.parse(options), randomZoomDefinition);
}

export const randomZoomDefinition: LayerDefinition<RandomZoomData> = {
  type: 'randomZoom',
  inputs: 'one',
  parse: (given) =>
    parsed('randomZoom', given, {
      heightFactor: range(-1, 1),
      widthFactor: (type, option, value) => (value ? range(-1, 1)(type, option, value) : null),
      ...fills(),
    }),
  build: (spec, context) =>
    built('augmentGeometry', spec, context, () => ({
      kind: spec.widthFactor ? ZOOM : ZOOM_EVENLY,
      ...drawnFrom(spec.heightFactor, spec.widthFactor ?? spec.heightFactor),
      ...filled(spec),
    })),
  describe,
};
