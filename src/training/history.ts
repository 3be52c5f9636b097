/** The loss and the metrics of an epoch, by the names of Keras: `loss`, `accuracy`, `val_loss`, … */
export interface EpochLogs {
  readonly loss: number;
  readonly [metric: string]: number;
}

/** What `fit` returns: every metric, epoch by epoch. */
export interface History {
  /** The epochs that were completed, counted from 0. */
  readonly epoch: readonly number[];
  /** `loss`, the metrics that were asked for, and the same of the validation behind `val_`: one value an epoch. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** True if an AbortSignal or `stopTraining` ended the training before the last epoch was complete. */
  readonly stopped: boolean;
}

/** Collects a history. */
export class HistoryRecorder {
  readonly #epochs: number[];
  readonly #series: Map<string, number[]>;

  /** @param begin  what has been recorded already */
  constructor({ epoch, history }: Omit<History, 'stopped'> = { epoch: [], history: {} }) {
    this.#epochs = [...epoch];
    this.#series = new Map(Object.entries(history).map(([metric, values]) => [metric, [...values]]));
  }

  add(epoch: number, logs: EpochLogs): void {
    this.#epochs.push(epoch);
    for (const [metric, value] of Object.entries(logs)) {
      const values = this.#series.get(metric) ?? [];
      values.push(value);
      this.#series.set(metric, values);
    }
  }

  /** What has been recorded until now. */
  snapshot(stopped: boolean): History {
    const history = Object.fromEntries([...this.#series].map(([metric, values]) => [metric, [...values]]));
    return { epoch: [...this.#epochs], history, stopped };
  }
}
