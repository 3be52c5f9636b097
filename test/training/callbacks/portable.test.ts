/** earlyStopping and reduceLROnPlateau in real trainings, and what they refuse. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exponentialDecay } from '../../../src/nn/schedules/exponentialDecay.ts';
import { configureMetric, metricDefinition, METRICS } from '../../../src/nn/metrics/registry.ts';
import { sgd } from '../../../src/nn/optimizers/sgd.ts';
import type { OptimizerConfig } from '../../../src/nn/optimizers/optimizer.ts';
import type { Callbacks } from '../../../src/training/callbacks.ts';
import { earlyStopping } from '../../../src/training/callbacks/earlyStopping.ts';
import { Monitor } from '../../../src/training/callbacks/monitor.ts';
import { reduceLROnPlateau } from '../../../src/training/callbacks/reduceLROnPlateau.ts';
import { restoreStates, statesOf } from '../../../src/training/callbacks/states.ts';
import type { Model } from '../../../src/training/model.ts';
import type { FitOptions } from '../../../src/training/options.ts';
import { brightestChannel, smallModel } from '../smallModel.ts';
import { FakeModel, lead } from './fakeModel.ts';

const models: Model[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(models.splice(0).map((model) => model.dispose()));
});

function compiled(optimizer: string | OptimizerConfig = sgd({ learningRate: 0.1 })): Model {
  const model = smallModel({ threads: 1 });
  models.push(model);
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

const { x, y } = brightestChannel(24);
const weightsOf = (model: Model): unknown => [...model.getWeights()];
const each: FitOptions = { epochs: 6, batchSize: 8, validationSplit: 0.25 };

describe('earlyStopping', () => {
  /** The weights behind each epoch, which no improvement follows after the third. */
  function watched(model: Model): { callbacks: Callbacks[]; weights: unknown[] } {
    const weights: unknown[] = [];
    const onEpochEnd = (): void => void weights.push(weightsOf(model));
    return {
      weights,
      // Every epoch is worse than the one before by this measure, from the third on.
      callbacks: [
        { onEpochEnd },
        earlyStopping({ patience: 2, mode: 'max', restoreBestWeights: true, startFromEpoch: 1 }),
      ],
    };
  }

  it.each([
    ['plain weights', sgd({ learningRate: 0.1 })],
    ['averaged weights', sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 })],
  ])('gives back the weights of the best epoch, as they were then, with %s', async (_, optimizer) => {
    const model = compiled(optimizer);
    const { callbacks, weights } = watched(model);
    const history = await model.fit(x, y, { ...each, callbacks });
    expect(history.history.val_loss![1]).toBe(Math.max(...history.history.val_loss!.slice(1)));
    expect([history.epoch, history.stopped]).toEqual([[0, 1, 2, 3], true]);
    expect(weightsOf(model)).toEqual(weights[1]);
    expect(weights[1]).not.toEqual(weights[3]);
  });

  it('gives them back too when all epochs are over', async () => {
    const model = compiled();
    const { callbacks, weights } = watched(model);
    const { epoch, stopped } = await model.fit(x, y, { ...each, epochs: 3, callbacks });
    expect([epoch, stopped]).toEqual([[0, 1, 2], false]);
    expect(weightsOf(model)).toEqual(weights[1]);
  });

  it('leaves the last ones to a training that is interrupted, which may go on', async () => {
    const model = compiled();
    const { callbacks, weights } = watched(model);
    const controller = new AbortController();
    const onEpochEnd = (epoch: number): void => {
      if (epoch === 2) controller.abort();
    };
    callbacks.push({ onEpochEnd });
    await model.fit(x, y, { ...each, callbacks, signal: controller.signal });
    expect(weightsOf(model)).toEqual(weights[2]);
  });

  it('begins anew with each training', async () => {
    const callback = earlyStopping({ monitor: 'loss', patience: 1, restoreBestWeights: true });
    const model = new FakeModel();
    for (const level of [1, 2]) {
      const logs = [3, 1, 2, 1].map((loss) => ({ loss: loss * level }));
      expect(await lead(model, callback, logs)).toBe(3);
      expect(model.epoch).toBe(1);
    }
  });

  it('says what it does, if asked to', async () => {
    const lines: unknown[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
    const logs = [3, 1, 2, 1].map((loss) => ({ loss }));
    const options = { monitor: 'loss', patience: 1, restoreBestWeights: true };
    await lead(new FakeModel(), earlyStopping({ ...options, verbose: 0 }), logs);
    expect(lines).toEqual([]);
    await lead(new FakeModel(), earlyStopping({ ...options, verbose: 1 }), logs);
    expect(lines).toEqual(['Epoch 3: early stopping', 'Restoring the weights of the best epoch: 2']);
  });
});

describe('reduceLROnPlateau', () => {
  it('has further steps go less far', async () => {
    const model = compiled();
    const rates: number[] = [];
    const callbacks: Callbacks[] = [
      reduceLROnPlateau({ mode: 'max', patience: 1, factor: 0.5, minLR: 0.02 }),
      { onEpochEnd: () => void rates.push(model.learningRate) },
    ];
    await model.fit(x, y, { ...each, callbacks });
    expect(rates).toEqual([0.1, 0.05, 0.025, 0.02, 0.02, 0.02]);
    const byHand = compiled();
    const onEpochEnd = (epoch: number): void => {
      byHand.learningRate = rates[epoch]!;
    };
    await byHand.fit(x, y, { ...each, callbacks: { onEpochEnd } });
    expect(weightsOf(byHand)).toEqual(weightsOf(model));
  });

  it('says what it does, if asked to', async () => {
    const lines: unknown[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
    const logs = [1, 1, 1].map((loss) => ({ loss }));
    await lead(new FakeModel(), reduceLROnPlateau({ monitor: 'loss', patience: 2, verbose: 1 }), logs);
    expect(lines).toEqual(['Epoch 3: reduceLROnPlateau sets the learning rate to 0.05']);
  });

  it('leaves a rate alone that is smaller already', async () => {
    const logs = [1, 1, 1].map((loss) => ({ loss }));
    const model = new FakeModel();
    await lead(model, reduceLROnPlateau({ monitor: 'loss', patience: 1, minLR: 0.75 }), logs);
    expect(model.learningRate).toBe(0.5);
  });

  it('does not go together with a schedule, unless that has been ended', async () => {
    const schedule = exponentialDecay({ initialLearningRate: 0.1, decaySteps: 5, decayRate: 0.5 });
    const model = compiled(sgd({ learningRate: schedule }));
    const fit = (): Promise<unknown> => model.fit(x, y, { ...each, callbacks: reduceLROnPlateau() });
    await expect(fit()).rejects.toThrow(/reduceLROnPlateau: the learning rate follows a schedule already/);
    model.learningRate = 0.1;
    await fit();
  });
});

describe('a metric that is watched', () => {
  it.each([earlyStopping, reduceLROnPlateau])('must be there', async (make) => {
    const model = compiled();
    const steps: unknown[] = [];
    const fit = (monitor: string, validationSplit: number): Promise<unknown> =>
      model.fit(x, y, {
        validationSplit,
        callbacks: [make({ monitor }), { onBatchEnd: (batch) => void steps.push(batch) }],
      });
    await expect(fit('val_acc', 0.5)).rejects.toThrow(
      /: monitor "val_acc" is none of the metrics, which are loss, accuracy, val_loss, val_accuracy\.$/,
    );
    await expect(fit('val_loss', 0)).rejects.toThrow(
      /which are loss, accuracy\. Give fit validationSplit or validationData\.$/,
    );
    // Before the first step.
    expect(steps).toEqual([]);
    await fit('loss', 0);
  });

  it('is known to fall or to rise by its name', () => {
    const falls = (metric: string): boolean =>
      new Monitor('', { monitor: metric, mode: 'auto', verbose: 0 }).falls;
    expect(falls('val_loss')).toBe(true);
    const names = METRICS.map((name) => {
      const config = configureMetric(name);
      return metricDefinition(config).logName(config);
    });
    expect(Object.fromEntries(names.map((name) => [name, falls(name)]))).toEqual({
      accuracy: false,
      binary_accuracy: false,
      top_k_categorical_accuracy: false,
      mean_absolute_error: true,
      precision: false,
      recall: false,
    });
  });
});

describe('options', () => {
  it.each<[() => unknown, RegExp]>([
    [() => earlyStopping({ pateince: 3 } as never), /earlyStopping has no option "pateince".*"patience"/],
    [() => earlyStopping({ min_delta: 3 } as never), /"min_delta".*"minDelta"/],
    [() => earlyStopping({ patience: -1 }), /earlyStopping: patience must be a whole number of at least 0/],
    [() => earlyStopping({ patience: 1.5 }), /patience must be a whole number/],
    [() => earlyStopping({ minDelta: -1 }), /minDelta must be a number of at least 0/],
    [() => earlyStopping({ mode: 'down' as never }), /mode must be auto or min or max, not "down"/],
    [() => earlyStopping({ monitor: 3 as never }), /monitor must be the name of a metric, not 3/],
    [() => earlyStopping({ baseline: NaN }), /baseline must be a number/],
    [() => earlyStopping({ restoreBestWeights: 1 as never }), /restoreBestWeights must be true or false/],
    [() => earlyStopping({ startFromEpoch: -1 }), /startFromEpoch must be a whole number/],
    [() => earlyStopping({ verbose: 2 as never }), /verbose must be 0 or 1, not 2/],
    [() => reduceLROnPlateau({ minLr: 3 } as never), /reduceLROnPlateau has no option "minLr".*"minLR"/],
    [() => reduceLROnPlateau({ factor: 1 }), /factor must be a number of at least 0 and below 1, not 1/],
    [() => reduceLROnPlateau({ factor: 0 }), /factor must be above 0/],
    [() => reduceLROnPlateau({ minLR: -1 }), /minLR must be a number of at least 0/],
    [() => reduceLROnPlateau({ cooldown: 0.5 }), /cooldown must be a whole number/],
    [() => reduceLROnPlateau({ patience: NaN }), /patience must be a whole number/],
    [() => reduceLROnPlateau({ verbose: true as never }), /verbose must be 0 or 1, not true/],
  ])('%s', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('states', () => {
  it.each([NaN, Infinity, 1n, undefined])('cannot hold %s', (bad) => {
    const mine = { name: 'mine', getState: () => ({ values: { list: [0, bad as never] } }) };
    expect(() => statesOf([mine])).toThrow(/^callbacks: getState of "mine" gives .+, which JSON cannot hold/);
  });

  it('are kept by name, in order', () => {
    const model = new FakeModel();
    const state = (best: number) => ({ values: { best, bestEpoch: 0, stoppedEpoch: null, wait: 0 } });
    const make = (): Callbacks[] => [
      earlyStopping(),
      { onEpochEnd: () => undefined },
      { name: 'mine' },
      { getState: () => state(1) },
      reduceLROnPlateau(),
      earlyStopping(),
    ];
    expect([...statesOf(make()).keys()]).toEqual(['earlyStopping', 'reduceLROnPlateau', 'earlyStopping_1']);
    const callbacks = make();
    for (const callback of callbacks) callback.setModel?.(model as unknown as Model);
    restoreStates(
      callbacks,
      new Map([
        ['earlyStopping', state(1)],
        ['earlyStopping_1', state(2)],
        ['other', state(3)],
      ]),
    );
    expect(callbacks[0]!.getState!().values.best).toBe(1);
    expect(callbacks[5]!.getState!().values.best).toBe(2);
    expect(callbacks[4]!.getState!().values.best).toBe(null);
  });

  it('that are none are refused', () => {
    const broken = { values: { best: 'good', bestEpoch: 0, stoppedEpoch: null, wait: 0 } };
    expect(() => {
      earlyStopping().setState(broken);
    }).toThrow(/The state of a callback has "good" as best, which must be a number or null/);
  });
});
