/** What is reported besides the loss. */
import type { Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import type { LossConfig, TargetLayout } from '../losses/loss.ts';

/** A metric's settings, complete: plain data. */
export interface MetricConfig {
  readonly name: string;
}

/** What every kernel of a metric is given: see assembly/metrics. */
export interface MetricArguments {
  /** [rows, outputs], behind all activations unless the metric goes by their order alone. */
  readonly predictions: Address;
  readonly targets: Address;
  readonly outputs: number;
  readonly rowsPerImage: number;
  /** [images] float32, or 0. */
  readonly weights: Address;
}

/** What a metric is about. */
export interface MetricPlace {
  readonly layout: TargetLayout;
  readonly loss: LossConfig;
  readonly outputs: number;
}

/** A metric. All that there is to know of it: see registry.ts for who asks. */
export interface MetricDefinition<C extends MetricConfig = MetricConfig> {
  readonly name: C['name'];
  /** The complete settings. @throws OptionError for one out of range, or one that is not known */
  configure(options: object): C;
  /** What it is called in logs and histories, as Keras calls it. */
  logName(config: C): string;
  /** How many numbers of each row are summed up. */
  readonly sums: number;
  /** Whether it is what a loss of classes may count on the way. */
  counted?(place: MetricPlace): boolean;
  /** Whether it is the same for logits, which have the order of probabilities. */
  byOrder(place: MetricPlace, config: C): boolean;
  /** @throws OptionError if it cannot be had of such targets */
  mustFit?(config: C, place: MetricPlace): void;
  /** @param values  where what is summed up goes, [rows] f64 each */
  call(
    config: C,
    args: MetricArguments,
    place: MetricPlace,
    values: readonly Address[],
    rows: number,
  ): Instruction;
  /** The metric of what has been summed up, over so many rows. */
  value(sums: readonly number[], rows: number): number;
}

/** The mean over the rows. */
export function meanOf([sum]: readonly number[], rows: number): number {
  return sum! / rows;
}
