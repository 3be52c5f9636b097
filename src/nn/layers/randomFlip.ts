/** Images mirrored. */
import { drawnFrom, FLIP } from '../operations/augmentation.ts';
import type { Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  among,
  built,
  describe,
  orElse,
  parsed,
  type AugmentationOptions,
  type AugmentationSpec,
} from './augmentation.ts';
import type { LayerDefinition } from './definition.ts';
import { flag } from './options.ts';

const MODES = ['horizontal', 'vertical', 'horizontal_and_vertical'] as const;
const HALF: Pair = [-1, 1];
const NONE: Pair = [0, 0];

export interface RandomFlipOptions extends AugmentationOptions {
  /** In which directions, each with a probability of ½: both by default. */
  mode?: (typeof MODES)[number];
  /** Whether each example is drawn once, and mirrored every other time that it is seen; false by default. */
  alternate?: boolean;
}

export interface RandomFlipData extends AugmentationSpec {
  readonly type: 'randomFlip';
  readonly mode: (typeof MODES)[number];
  readonly alternate: boolean;
}

/** @throws OptionError for an option out of range */
export function randomFlip(options: RandomFlipOptions = {}): RandomFlipData & Applicable {
  return applicable(randomFlipDefinition.parse(options), randomFlipDefinition);
}

export const randomFlipDefinition: LayerDefinition<RandomFlipData> = {
  type: 'randomFlip',
  inputs: 'one',
  parse: (given) =>
    parsed('randomFlip', given, { mode: among(MODES[2], MODES), alternate: orElse(false, flag) }),
  build: (spec, context) =>
    built('augmentGeometry', spec, context, () => ({
      kind: FLIP,
      // Below 0, which is half of it, they are.
      ...drawnFrom(spec.mode === 'horizontal' ? NONE : HALF, spec.mode === 'vertical' ? NONE : HALF),
    })),
  describe,
};
