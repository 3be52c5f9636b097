import { OptionError } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { nearest } from '../suggest.ts';
import type { EpochLogs, History } from './history.ts';
import type { Model } from './model.ts';
import type { BatchLogs } from './totals.ts';

/**
 * What to call as training goes on, with the hooks of Keras. Those that may return a promise are waited for. To end the training,
 * set `model.stopTraining`.
 */
export interface Callbacks {
  /** Before anything else, with the model that is trained. */
  setModel?: (model: Model) => void;
  onTrainBegin?: () => void | Promise<void>;
  onEpochBegin?: (epoch: number) => void | Promise<void>;
  /** Before each step is asked for, which is some steps ahead. A promise holds the training until it is fulfilled. */
  onBatchBegin?: (batch: number) => void | Promise<void>;
  /** After each step; must be quick. */
  onBatchEnd?: (batch: number, logs: BatchLogs) => void;
  /** Before each batch of the validation set is asked for; as `onBatchBegin`. */
  onValidationBatchBegin?: (batch: number) => void | Promise<void>;
  /** After each batch of the validation set; must be quick. */
  onValidationBatchEnd?: (batch: number, logs: BatchLogs) => void;
  onEpochEnd?: (epoch: number, logs: EpochLogs) => void | Promise<void>;
  onTrainEnd?: (history: History) => void | Promise<void>;
}

const HOOKS = [
  'setModel',
  'onTrainBegin',
  'onEpochBegin',
  'onBatchBegin',
  'onBatchEnd',
  'onValidationBatchBegin',
  'onValidationBatchEnd',
  'onEpochEnd',
  'onTrainEnd',
] as const satisfies readonly (keyof Callbacks)[];

/**
 * One object or several, as a list. What is no hook may be there too, but not what looks like one.
 * @throws OptionError for a hook that is not known or no function
 */
export function listOfCallbacks(given: Callbacks | readonly Callbacks[]): readonly Callbacks[] {
  const list = Array.isArray(given) ? (given as readonly Callbacks[]) : [given as Callbacks];
  for (const each of list) {
    if (typeof each !== 'object' || (each as unknown) === null) {
      throw new OptionError(
        'callbacks must be an object of hooks, such as { onEpochEnd }, or a list of them.',
      );
    }
    for (const [name, hook] of Object.entries(each) as [string, unknown][]) {
      const known = HOOKS.some((known) => known === name);
      if (known && hook !== undefined && typeof hook !== 'function') {
        throw new OptionError(`callbacks: ${name} must be a function, not ${quoted(hook)}.`);
      }
      if (known || !/^on[A-Z]/.test(name)) continue;
      const meant = nearest(name, HOOKS);
      const remedy = meant ? `did you mean "${meant}"?` : `there are ${HOOKS.join(', ')}.`;
      throw new OptionError(`callbacks: there is no hook "${name}"; ${remedy}`);
    }
  }
  return list;
}

/** Several as one: each hook calls theirs in order, one after the other. */
export function allOf(callbacks: readonly Callbacks[]): Required<Callbacks> {
  const quick =
    <A extends unknown[]>(hook: (each: Callbacks) => ((...args: A) => void) | undefined) =>
    (...args: A): void => {
      for (const each of callbacks) hook(each)?.call(each, ...args);
    };
  const patient =
    <A extends unknown[]>(hook: (each: Callbacks) => ((...args: A) => void | Promise<void>) | undefined) =>
    (...args: A): void | Promise<void> => {
      let waiting: Promise<void> | undefined;
      for (const each of callbacks) {
        const call = (): void | Promise<void> => hook(each)?.call(each, ...args);
        // Nothing is waited for where nobody asks for it.
        if (waiting) waiting = waiting.then(call);
        else waiting = call() ?? undefined;
      }
      return waiting;
    };
  return {
    setModel: quick((each) => each.setModel),
    onTrainBegin: patient((each) => each.onTrainBegin),
    onEpochBegin: patient((each) => each.onEpochBegin),
    onBatchBegin: patient((each) => each.onBatchBegin),
    onBatchEnd: quick((each) => each.onBatchEnd),
    onValidationBatchBegin: patient((each) => each.onValidationBatchBegin),
    onValidationBatchEnd: quick((each) => each.onValidationBatchEnd),
    onEpochEnd: patient((each) => each.onEpochEnd),
    onTrainEnd: patient((each) => each.onTrainEnd),
  };
}
