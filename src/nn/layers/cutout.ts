/** Images of which a square is hidden. */
import { finite } from '../numberOptions.ts';
import { drawnFrom, HIDE } from '../operations/augmentation.ts';
import type { Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  built,
  describe,
  orElse,
  parsed,
  type AugmentationOptions,
  type AugmentationSpec,
} from './augmentation.ts';
import type { LayerDefinition } from './definition.ts';
import { positive } from './options.ts';

export interface CutoutOptions extends AugmentationOptions {
  /** How many pixels the square is wide and high. Its middle is anywhere, so that part of it may lie outside. */
  size: number;
  /** What it is filled with; 0 by default. */
  fillValue?: number;
}

export interface CutoutData extends AugmentationSpec {
  readonly type: 'cutout';
  readonly size: number;
  readonly fillValue: number;
}

/** DeVries & Taylor 2017; Keras has no such layer. @throws OptionError for an option out of range */
export function cutout(options: CutoutOptions = {} as CutoutOptions): CutoutData & Applicable {
  return applicable(cutoutDefinition.parse(options), cutoutDefinition);
}

export const cutoutDefinition: LayerDefinition<CutoutData> = {
  type: 'cutout',
  inputs: 'one',
  parse: (given) => parsed('cutout', given, { size: positive, fillValue: orElse(0, finite) }),
  build: (spec, context) =>
    built('augmentGeometry', spec, context, ([height, width]) => {
      const half = Math.floor(spec.size / 2);
      const first = (extent: number): Pair => [-half, extent - half];
      return {
        kind: HIDE,
        ...drawnFrom(first(height!), first(width!)),
        side: spec.size,
        fill: spec.fillValue,
      };
    }),
  describe,
};
