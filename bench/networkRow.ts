/** One line of what was measured of a network, and what it comes to. */
import type { Bound } from './bound.ts';
import type { Kind } from './peers/child.ts';
import { median, ratio } from './statistics.ts';

export interface NetworkRow {
  readonly network: string;
  /** Images in a batch. */
  readonly batch: number;
  readonly who: string;
  readonly kind: Kind;
  /** Textbook operations of one image. */
  readonly operations: number;
  /** Images/s, one a repetition. */
  readonly rates: readonly number[];
  /** The roofline of all threads in the same repetition, in operations/s. */
  readonly roofline: readonly number[];
  /** MiB of engine memory; only simdnet tells. */
  readonly megabytes?: number;
  /** How large the share of the roofline could be; of simdnet's training. */
  readonly bound?: Bound;
}

/** The share of the roofline that textbook operations reach, whatever algorithm saves some of them. */
export function shareOf({ rates, operations, roofline }: NetworkRow): number {
  return ratio(
    rates.map((rate) => rate * operations),
    roofline,
  ).median;
}

export function gigaflops({ rates, operations }: NetworkRow): number {
  return (median(rates) * operations) / 1e9;
}
