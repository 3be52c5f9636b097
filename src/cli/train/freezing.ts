/** Layers that are not trained: from the beginning, until an epoch or for good. */
import { OptionError } from '../../errors.ts';
import { trainedNames } from '../../nn/parameters.ts';
import type { Callbacks } from '../../training/callbacks.ts';
import type { Model } from '../../training/model.ts';
import type { Surroundings, TrainValues } from './surroundings.ts';

type FreezingValues = Pick<TrainValues, 'freeze' | 'unfreezeAfter' | 'epochs'>;

/** @throws OptionError naming options that do not go together, and what would */
export function checkFreezing({ freeze, unfreezeAfter, epochs }: FreezingValues): void {
  if (unfreezeAfter === undefined) return;
  if (freeze === undefined)
    throw new OptionError("--unfreeze-after is for layers that are frozen: give --freeze 'conv2d*' too.");
  if (unfreezeAfter >= epochs) {
    throw new OptionError(
      `--unfreeze-after ${unfreezeAfter} leaves no epoch of ${epochs} for what is frozen: make it smaller, or give more --epochs.`,
    );
  }
}

/** @throws OptionError if a pattern fits no layer, or nothing is left to train */
export function freeze(model: Model, pattern: string | undefined): void {
  if (pattern === undefined) return;
  const names = model.network.layers.filter(({ weights }) => weights.length > 0).map(({ name }) => name);
  try {
    model.setTrainable(pattern, false);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`--freeze: ${error.message}`, { cause: error });
  }
  if (trainedNames(model.network).length > 0) return;
  throw new OptionError(`--freeze ${pattern} leaves nothing to train of ${names.join(', ')}.`);
}

/** What is frozen, in words. */
export function frozenText(model: Model, { unfreezeAfter }: FreezingValues): string | undefined {
  const frozen = model.network.layers.filter(({ trainable, weights }) => !trainable && weights.length > 0);
  if (frozen.length === 0) return undefined;
  const until = unfreezeAfter === undefined ? '' : ` until epoch ${unfreezeAfter} is over`;
  return `Frozen${until}: ${frozen.map(({ name }) => name).join(', ')}`;
}

/** Has what is frozen trained too once so many epochs are over, and says so. */
export function unfreezing(
  model: Model,
  { freeze: pattern, unfreezeAfter }: FreezingValues,
  { terminal, emit }: Surroundings,
): Callbacks {
  return {
    onEpochBegin: (epoch) => {
      // What is gone on with in the middle of that epoch has been told before.
      if (epoch !== unfreezeAfter || model.network.layers.every(({ trainable }) => trainable)) return;
      model.setTrainable(pattern!, true);
      terminal.print(`From here on all layers are trained.`);
      emit('unfreeze', { epoch: epoch + 1 });
    },
  };
}
