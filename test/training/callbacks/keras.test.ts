/**
 * Callbacks against those of Keras: test/fixtures/keras/callbacks.json holds what Keras 3.15 made of sequences of a metric, all
 * of them multiples of 1/64, so that no rounding decides.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Callbacks } from '../../../src/training/callbacks.ts';
import { restoreStates, statesOf } from '../../../src/training/callbacks/states.ts';
import { earlyStopping, type EarlyStoppingOptions } from '../../../src/training/callbacks/earlyStopping.ts';
import {
  reduceLROnPlateau,
  type ReduceLROnPlateauOptions,
} from '../../../src/training/callbacks/reduceLROnPlateau.ts';
import {
  modelCheckpoint,
  type ModelCheckpointOptions,
} from '../../../src/training/callbacks/onDisk/modelCheckpoint.ts';
import type { EpochLogs } from '../../../src/training/history.ts';
import { smallModel } from '../smallModel.ts';
import { FakeModel, lead } from './fakeModel.ts';

interface Case<O> {
  readonly options: O & { readonly monitor: string };
  /** Of the metric, epoch by epoch. */
  readonly values: readonly number[];
}

interface EarlyCase extends Case<EarlyStoppingOptions> {
  readonly epochs: number;
  readonly stopped: boolean;
  /** The epoch whose weights the model has in the end. */
  readonly weights: number;
  readonly best: number;
  readonly bestEpoch: number;
}

interface Fixture {
  readonly earlyStopping: readonly EarlyCase[];
  readonly reduceLROnPlateau: readonly (Case<ReduceLROnPlateauOptions> & {
    readonly rates: readonly number[];
  })[];
  readonly modelCheckpoint: readonly (Case<Omit<ModelCheckpointOptions, 'filepath'>> & {
    readonly filepath: string;
    readonly saved: readonly string[];
  })[];
}

const fixture = JSON.parse(
  await readFile(new URL('../../fixtures/keras/callbacks.json', import.meta.url), 'utf8'),
) as Fixture;

const logsOf = ({ options, values }: Case<object>): EpochLogs[] =>
  values.map((value) => ({ loss: 1, [options.monitor]: value }));

/** Runs as far as `at`, and goes on with a new callback that is given the state, by way of JSON. */
async function interrupted(
  model: FakeModel,
  make: () => Callbacks,
  logs: readonly EpochLogs[],
  at: number,
): Promise<number> {
  const first = make();
  await lead(model, first, logs, { until: at, end: false });
  const states = new Map(
    [...statesOf([first])].map(([name, { values, tensors }]) => [
      name,
      { values: JSON.parse(JSON.stringify(values)) as typeof values, ...(tensors && { tensors }) },
    ]),
  );
  const second = make();
  const begin = Math.min(at, model.epoch + 1);
  return lead(model, second, logs, {
    begin,
    restore: () => {
      restoreStates([second], states);
    },
  });
}

describe('earlyStopping', () => {
  it.each(fixture.earlyStopping)('$options', async (each) => {
    const model = new FakeModel();
    const callback = earlyStopping(each.options);
    const epochs = await lead(model, callback, logsOf(each));
    expect([epochs, model.stopTraining, model.epoch]).toEqual([each.epochs, each.stopped, each.weights]);
    expect(callback.bestEpoch).toBe(each.bestEpoch);
    expect(callback.getState().values.best).toBe(each.best);
    expect(callback.stoppedEpoch).toBe(each.stopped ? epochs - 1 : null);
  });

  it.each(fixture.earlyStopping)('$options, interrupted after any epoch', async (each) => {
    for (let at = 0; at <= each.epochs; at++) {
      const model = new FakeModel();
      const epochs = await interrupted(model, () => earlyStopping(each.options), logsOf(each), at);
      expect([epochs, model.stopTraining, model.epoch]).toEqual([each.epochs, each.stopped, each.weights]);
    }
  });
});

describe('reduceLROnPlateau', () => {
  /** Keeps the rates behind each epoch too. */
  const watched = (model: FakeModel, callback: Callbacks, rates: number[]): Callbacks => {
    const onEpochEnd = callback.onEpochEnd!.bind(callback);
    callback.onEpochEnd = async (epoch, logs) => {
      await onEpochEnd(epoch, logs);
      rates.push(model.learningRate);
    };
    return callback;
  };

  it.each(fixture.reduceLROnPlateau)('$options', async (each) => {
    const model = new FakeModel();
    const rates: number[] = [];
    await lead(model, watched(model, reduceLROnPlateau(each.options), rates), logsOf(each));
    expect(rates).toEqual(each.rates);
    for (let at = 0; at <= each.values.length; at++) {
      const again = new FakeModel();
      const seen: number[] = [];
      await interrupted(again, () => watched(again, reduceLROnPlateau(each.options), seen), logsOf(each), at);
      expect(seen).toEqual(each.rates);
    }
  });
});

describe('modelCheckpoint', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simdnet-checkpoints-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(fixture.modelCheckpoint)('$options to $filepath', async (each) => {
    const inside = await mkdtemp(join(folder, '-'));
    const callback = modelCheckpoint({ ...each.options, filepath: join(inside, each.filepath) });
    const model = smallModel();
    callback.setModel(model);
    await callback.onTrainBegin(Object.keys(logsOf(each)[0]!));
    const saved: string[] = [];
    for (const [epoch, logs] of logsOf(each).entries()) {
      await callback.onEpochEnd(epoch, logs);
      if (callback.savedEpoch === epoch) saved.push(...(await readdir(inside)));
      for (const name of await readdir(inside)) await rm(join(inside, name));
    }
    expect(saved).toEqual(each.saved);
  });
});
