import type { Callbacks } from '../../../src/training/callbacks.ts';
import type { EpochLogs } from '../../../src/training/history.ts';
import type { Model } from '../../../src/training/model.ts';
import type { Tensor } from '../../../src/nn/parameters.ts';

/** What callbacks use of a model. Its only weight says which epoch it is from. */
export class FakeModel {
  stopTraining = false;
  learningRate = 0.5;
  followsSchedule = false;
  epoch = -1;

  getWeights(): Map<string, Tensor> {
    return new Map([['epoch', { shape: [1], data: Float32Array.of(this.epoch) }]]);
  }

  setWeights(weights: ReadonlyMap<string, Tensor>): void {
    this.epoch = weights.get('epoch')!.data[0]!;
  }
}

/**
 * Leads callbacks through the epochs from `begin` on, as `fit` does.
 * @param restore  is called when the callbacks have begun
 * @returns how many epochs there were, when they or `until` ended it
 */
export async function lead(
  model: FakeModel,
  callbacks: Callbacks,
  logs: readonly EpochLogs[],
  { begin = 0, until = logs.length, end = true, restore = (): void => undefined } = {},
): Promise<number> {
  model.stopTraining = false;
  callbacks.setModel?.(model as unknown as Model);
  await callbacks.onTrainBegin?.(Object.keys(logs[0]!));
  restore();
  let epoch = begin;
  // The callbacks may set it.
  const stopped = (): boolean => model.stopTraining;
  for (; epoch < until && !stopped(); epoch++) {
    model.epoch = epoch;
    await callbacks.onEpochEnd?.(epoch, logs[epoch]!);
  }
  const history = { epoch: [], history: {}, stopped: epoch < logs.length };
  if (end) await callbacks.onTrainEnd?.(history);
  return epoch;
}
