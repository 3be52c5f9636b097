/** Sums over the batches of an epoch, and the averages that they come to so far. */
import { REGULARIZATION, type Objective } from '../nn/objective.ts';
import type { BatchResults } from '../nn/session.ts';
import type { EpochLogs } from './history.ts';

/** Running averages over the batches of an epoch so far: the loss, and the metrics by their names. */
export interface BatchLogs {
  /** How many images have been seen in this epoch, of how many: NaN if that is not known. */
  readonly seen: number;
  readonly total: number;
  readonly loss: number;
  readonly [metric: string]: number;
}

/** Sums so far, to go on from. */
export interface Sums {
  readonly sums: readonly number[];
  /** How many images they are of. */
  readonly seen: number;
}

export class RunningTotals {
  readonly #objective: Objective;
  readonly #total: number;
  readonly #sums: Float64Array;
  #seen: number;

  /**
   * @param total  how many images there will be; NaN if that is not known
   * @param begin  what has been summed up already
   */
  constructor(objective: Objective, total: number, begin: Sums = { sums: [], seen: 0 }) {
    this.#objective = objective;
    this.#total = total;
    this.#sums = new Float64Array(objective.results);
    this.#sums.set(begin.sums);
    this.#seen = begin.seen;
  }

  add({ sums, count }: BatchResults): BatchLogs {
    sums.forEach((sum, i) => {
      this.#sums[i]! += i === REGULARIZATION ? sum * count : sum;
    });
    this.#seen += count;
    return this.logs();
  }

  get seen(): number {
    return this.#seen;
  }

  /** What has been summed up so far. */
  sums(): Sums {
    return { sums: [...this.#sums], seen: this.#seen };
  }

  /** The mean loss, and the metrics. */
  means(): EpochLogs {
    return this.#objective.logs({ sums: this.#sums, count: this.#seen });
  }

  logs(): BatchLogs {
    return { seen: this.#seen, total: this.#total, ...this.means() };
  }
}

/** What one batch came to: its mean loss, and its metrics. */
export function meansOf(objective: Objective, results: BatchResults): EpochLogs {
  const totals = new RunningTotals(objective, results.count);
  totals.add(results);
  return totals.means();
}
