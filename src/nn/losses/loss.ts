/** What a network is trained to make small. */
import type { Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';

/** A loss's settings, complete: plain data. */
export interface LossConfig {
  readonly name: string;
}

/** How targets are handed over: the index of a class for each row, or a number for each output. */
export type TargetLayout = 'classes' | 'values';

/** What every kernel of a loss is given: see assembly/loss. A row is an image, or a pixel of one. */
export interface LossArguments {
  /** [rows, outputs] */
  readonly predictions: Address;
  /** [rows] i32, or [rows, outputs] float32. */
  readonly targets: Address;
  readonly outputs: number;
  readonly rowsPerImage: number;
  /** [images] float32, or 0. */
  readonly weights: Address;
  /** What each gradient is multiplied by. */
  readonly scale: number;
  /** [rows, outputs], or 0 where no gradient is wanted. */
  readonly dPredictions: Address;
  /** [rows] f64 */
  readonly losses: Address;
}

/** What a loss has to decide its kernel by. */
export interface LossPlace {
  readonly layout: TargetLayout;
  /** True if the predictions are from in front of the activation that it {@link LossDefinition.fuses}. */
  readonly fused: boolean;
  /** [rows] f64, where 1 or 0 for right or wrong may go, if it does that on the way; 0 if it is not wanted. */
  readonly correct: Address;
}

/** A loss. All that there is to know of it: see registry.ts for who asks. */
export interface LossDefinition<C extends LossConfig = LossConfig> {
  readonly name: C['name'];
  /** As Keras calls it. */
  readonly kerasName: string;
  /** The complete settings. @throws OptionError for one out of range, or one that is not known */
  configure(options: object): C;
  /** The layouts of targets that it can take, the preferred one first. */
  readonly layouts: readonly TargetLayout[];
  /** The activation at the end of a network that it takes over, if there is one. */
  fuses(config: C): string | undefined;
  /** Whether it counts right answers on the way, for a layout. */
  readonly countsCorrect?: (layout: TargetLayout, fused: boolean, config: C) => boolean;
  /** @throws OptionError if networks with so many outputs in a row cannot have it */
  mustFit?(config: C, outputs: number): void;
  call(config: C, args: LossArguments, place: LossPlace, rows: number): Instruction;
}

/** @throws OptionError if it is not in [0, 1) */
export function smoothing(loss: string, value: unknown = 0): number {
  if (typeof value === 'number' && value >= 0 && value < 1) return value;
  throw new OptionError(`${loss}: labelSmoothing must be at least 0 and below 1, not ${quoted(value)}.`);
}
