/** The metric that a callback watches, and what counts as an improvement of it. */
import { FormatError, OptionError } from '../../errors.ts';
import { numberIn, oneOf } from '../../nn/layers/options.ts';
import { quoted } from '../../quoted.ts';
import type { CallbackState } from '../callbacks.ts';
import type { EpochLogs } from '../history.ts';

export interface MonitorOptions {
  /** What it is called in the logs; val_loss by default. */
  monitor?: string;
  /** Whether less of it is better, or more; by default that is known from its name. */
  mode?: 'auto' | 'min' | 'max';
  /** 1: prints what the callback does; 0 by default. */
  verbose?: 0 | 1;
}

export const MONITOR = { monitor: 'val_loss', mode: 'auto', verbose: 0 } as const satisfies MonitorOptions;

export class Monitor {
  /** The best value until now. */
  best: number | null = null;
  /** Whether less is better. */
  readonly falls: boolean;
  readonly #what: string;
  readonly #metric: string;
  readonly #minDelta: number;

  /**
   * @param what  whose options they are, for messages
   * @param options  an improvement must be larger than minDelta
   * @throws OptionError
   */
  constructor(
    what: string,
    { monitor, mode, verbose, minDelta = 0 }: Required<MonitorOptions> & { readonly minDelta?: number },
  ) {
    if (typeof (monitor as unknown) !== 'string') {
      throw new OptionError(`${what}: monitor must be the name of a metric, not ${quoted(monitor)}.`);
    }
    oneOf(what, 'mode', mode, ['auto', 'min', 'max']);
    oneOf(what, 'verbose', verbose, [0, 1]);
    this.#what = what;
    this.#metric = monitor;
    this.#minDelta = numberIn(what, 'minDelta', minDelta, 0);
    this.falls = mode === 'auto' ? /(loss|error)$/.test(monitor) : mode === 'min';
  }

  /** @param metrics  what there will be in the logs @throws OptionError if it will not be */
  mustBeAmong(metrics: readonly string[]): void {
    mustKnow(`${this.#what}: monitor`, this.#metric, metrics);
  }

  valueIn(logs: EpochLogs): number {
    return logs[this.#metric]!;
  }

  /** Whether a value is better than another. Anything is better than nothing. */
  improves(value: number, reference: number | null = this.best): boolean {
    if (reference === null) return true;
    return this.falls ? value + this.#minDelta < reference : value - this.#minDelta > reference;
  }
}

/** @throws OptionError naming what there is, if the metric is not among it */
export function mustKnow(what: string, metric: string, metrics: readonly string[]): void {
  if (metrics.includes(metric)) return;
  const unvalidated = metric.startsWith('val_') && !metrics.some((name) => name.startsWith('val_'));
  throw new OptionError(
    `${what} "${metric}" is none of the metrics, which are ${metrics.join(', ')}.` +
      (unvalidated ? ' Give fit validationSplit or validationData.' : ''),
  );
}

/** A number that a callback has kept, or null. @throws FormatError if it is something else */
export function keptNumber({ values }: CallbackState, name: string): number | null {
  const value = values[name];
  if (value === null || typeof value === 'number') return value;
  throw new FormatError(
    `The state of a callback has ${quoted(value)} as ${name}, which must be a number or null.`,
  );
}
