/** Images mirrored. */
import { drawnFrom, FLIP } from '../operations/augmentation.ts';
import type { Pair } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import {
  among,
  augmentation,
  orElse,
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

export const randomFlipDefinition: LayerDefinition<RandomFlipData> = augmentation(
  'randomFlip',
  'augmentGeometry',
  { mode: among(MODES[2], MODES), alternate: orElse(false, flag) },
  ({ mode }) => ({
    kind: FLIP,
    // Below 0, which is half of it, they are.
    ...drawnFrom(mode === 'horizontal' ? NONE : HALF, mode === 'vertical' ? NONE : HALF),
    side: 0,
    border: 0,
    fill: 0,
  }),
);
