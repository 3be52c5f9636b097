import { OptionError } from '../errors.ts';

/** What training has recorded: one value of every metric for each epoch. The shape of a Keras `History`. */
export interface HistoryData {
  /** The epochs, counted from 0 as in Keras; people are shown them counted from 1. */
  readonly epoch: readonly number[];
  /** Values by metric: `loss`, `accuracy` and, with validation, `val_loss`, `val_accuracy`. Each [epochs]. */
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/** @throws OptionError when there is no epoch, or a metric does not have one value for each */
export function checkHistory({ epoch, history }: HistoryData): void {
  if (epoch.length === 0) {
    throw new OptionError('the history holds no epochs; train for at least one before drawing or saving it');
  }
  for (const [metric, values] of Object.entries(history)) {
    if (values.length !== epoch.length) {
      throw new OptionError(
        `the history holds ${epoch.length} epochs but ${values.length} values of "${metric}"; it needs one each`,
      );
    }
  }
}
