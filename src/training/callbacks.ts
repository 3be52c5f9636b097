import { OptionError } from '../errors.ts';
import type { Tensor } from '../nn/parameters.ts';
import { quoted } from '../quoted.ts';
import { nearest } from '../suggest.ts';
import type { EpochLogs, History } from './history.ts';
import type { Model } from './model.ts';
import type { BatchLogs } from './totals.ts';

/**
 * What to call as training goes on, with the hooks of Keras. Those that may return a promise are waited for. To end the training,
 * set `model.stopTraining`.
 */
export interface CallbackHooks {
  /** Before anything else, with the model that is trained. */
  setModel?: (model: Model) => void;
  /** With the names of what the logs of an epoch will hold. */
  onTrainBegin?: (metrics: readonly string[]) => void | Promise<void>;
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
  /**
   * Whenever `model.checkpoint()` can be called, with all that callbacks know: behind `onEpochEnd`, as often as `checkpointEvery`
   * says, and when the training is interrupted.
   */
  onCheckpoint?: () => void | Promise<void>;
  onTrainEnd?: (history: History) => void | Promise<void>;
}

/** Hooks, and for those that remember something over epochs, how a checkpoint keeps it. */
export interface Callbacks extends CallbackHooks {
  /** What its state is kept under. A callback without a name has no state to keep. */
  name?: string;
  /** What it must know to go on. Asked for between hooks; nobody changes what it holds afterwards. */
  getState?: () => CallbackState;
  /** Takes back what getState gave, after onTrainBegin and before the first onEpochBegin. */
  setState?: (state: CallbackState) => void;
}

/** What a callback must know to go on. */
export interface CallbackState {
  /** What JSON can hold: no NaN and no infinity. */
  readonly values: Readonly<Record<string, JsonValue>>;
  /** By names of its own, such as those of weights. */
  readonly tensors?: ReadonlyMap<string, Tensor>;
}

export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

const HOOKS = [
  'setModel',
  'onTrainBegin',
  'onEpochBegin',
  'onBatchBegin',
  'onBatchEnd',
  'onValidationBatchBegin',
  'onValidationBatchEnd',
  'onEpochEnd',
  'onCheckpoint',
  'onTrainEnd',
] as const satisfies readonly (keyof CallbackHooks)[];

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
export function allOf(callbacks: readonly CallbackHooks[]): Required<CallbackHooks> {
  const quick =
    <A extends unknown[]>(hook: (each: CallbackHooks) => ((...args: A) => void) | undefined) =>
    (...args: A): void => {
      for (const each of callbacks) hook(each)?.call(each, ...args);
    };
  const patient =
    <A extends unknown[]>(
      hook: (each: CallbackHooks) => ((...args: A) => void | Promise<void>) | undefined,
    ) =>
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
    onCheckpoint: patient((each) => each.onCheckpoint),
    onTrainEnd: patient((each) => each.onTrainEnd),
  };
}
