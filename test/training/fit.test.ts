/** What `fit` can be told besides how often: where to begin, how far to go, and who is to be told what. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { exponentialDecay } from '../../src/nn/schedules/exponentialDecay.ts';
import { piecewiseConstantDecay } from '../../src/nn/schedules/piecewiseConstantDecay.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import type { Callbacks } from '../../src/training/callbacks.ts';
import type { Model } from '../../src/training/model.ts';
import type { FitOptions } from '../../src/training/options.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const models: Model[] = [];

function compiled(optimizer: string | OptimizerConfig = 'sgd', seed = 0): Model {
  const model = smallModel({ seed, threads: 1 });
  models.push(model);
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(models.splice(0).map((model) => model.dispose()));
});

const { x, y } = brightestChannel(40);
const weightsOf = (model: Model): unknown => [...model.getWeights()];

describe('epochs', () => {
  it('begin where they are told to, shuffled as if those before had been', async () => {
    const whole = compiled();
    const { history } = await whole.fit(x, y, { epochs: 4 });
    const parts = compiled();
    await parts.fit(x, y, { epochs: 2 });
    const rest = await parts.fit(x, y, { epochs: 4, initialEpoch: 2 });
    expect(rest.epoch).toEqual([2, 3]);
    expect(rest.history.loss).toEqual(history.loss!.slice(2));
    // Plain SGD keeps nothing but the weights.
    const first = compiled();
    await first.fit(x, y, { epochs: 2 });
    const resumed = compiled();
    resumed.setWeights(first.getWeights());
    await resumed.fit(x, y, { epochs: 4, initialEpoch: 2 });
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
    expect((await resumed.fit(x, y, { epochs: 2, initialEpoch: 2 })).epoch).toEqual([]);
  });

  it('have so many steps as they are told to, and go on where the one before ended', async () => {
    const seen: string[] = [];
    const onBatchEnd: Callbacks['onBatchEnd'] = (batch, logs) =>
      seen.push(`${batch} ${logs.seen}/${logs.total}`);
    const parts = compiled();
    // 5 batches: 8, 8, 8, 8, 8 of which an epoch takes 2.
    await parts.fit(x, y, { epochs: 5, stepsPerEpoch: 2, batchSize: 8, callbacks: { onBatchEnd } });
    expect(seen).toEqual(Array.from({ length: 5 }, () => ['0 8/16', '1 16/16']).flat());
    const whole = compiled();
    await whole.fit(x, y, { epochs: 2, batchSize: 8 });
    expect(weightsOf(parts)).toEqual(weightsOf(whole));
    const more = compiled();
    seen.length = 0;
    // 3 batches, the last one of 8, twice.
    await more.fit(x, y, { stepsPerEpoch: 6, batchSize: 16, callbacks: { onBatchEnd } });
    expect(seen.at(-1)).toBe('5 80/80');
    const twice = compiled();
    await twice.fit(x, y, { epochs: 2, batchSize: 16 });
    expect(weightsOf(more)).toEqual(weightsOf(twice));
  });

  it('leave out what fills no batch, each time something else, if they are told to', async () => {
    const seen: string[] = [];
    const onBatchEnd: Callbacks['onBatchEnd'] = (batch, logs) =>
      seen.push(`${batch} ${logs.seen}/${logs.total}`);
    const whole = compiled();
    await whole.fit(x, y, { epochs: 2, batchSize: 16, dropRemainder: true, callbacks: { onBatchEnd } });
    expect(seen).toEqual(['0 16/32', '1 32/32', '0 16/32', '1 32/32']);
    // Without it, the second epoch begins with what the first left out.
    const goesOn = compiled();
    await goesOn.fit(x, y, { epochs: 1, batchSize: 16, stepsPerEpoch: 2 });
    const parts = compiled();
    await parts.fit(x, y, { epochs: 1, batchSize: 16, dropRemainder: true });
    expect(weightsOf(parts)).toEqual(weightsOf(goesOn));
    await goesOn.fit(x, y, { epochs: 1, batchSize: 16, stepsPerEpoch: 2 });
    expect(weightsOf(goesOn)).not.toEqual(weightsOf(whole));
    // Fewer than a batch are one.
    seen.length = 0;
    await compiled().fit(x, y, { batchSize: 64, dropRemainder: true, callbacks: { onBatchEnd } });
    expect(seen).toEqual(['0 40/40']);
    const generator = [{ x, y }].values();
    await expect(
      compiled().fit(generator, undefined, { stepsPerEpoch: 1, dropRemainder: true }),
    ).rejects.toThrow('dropRemainder needs examples that are all there');
  });

  it('end with the step that is under way when a callback stops the training', async () => {
    const model = compiled();
    const steps: number[] = [];
    const { history, epoch, stopped } = await model.fit(x, y, {
      epochs: 9,
      batchSize: 1,
      validationData: [x, y],
      callbacks: {
        onBatchEnd: (batch) => {
          steps.push(batch);
          if (batch === 2) model.stopTraining = true;
        },
      },
    });
    // Some more were asked for already.
    expect(steps.length).toBeLessThan(8);
    expect(epoch).toEqual([0]);
    expect(history.val_loss).toHaveLength(1);
    expect(stopped).toBe(true);
    const again = await model.fit(x, y, { epochs: 3, callbacks: { onEpochEnd: stopAt(model, 1) } });
    expect([again.epoch, again.stopped]).toEqual([[0, 1], true]);
    const last = await model.fit(x, y, { epochs: 2, callbacks: { onEpochEnd: stopAt(model, 1) } });
    expect([last.epoch, last.stopped]).toEqual([[0, 1], false]);
    const onEpochBegin = (): void => void (model.stopTraining = true);
    expect(await model.fit(x, y, { callbacks: { onEpochBegin } })).toEqual({
      epoch: [],
      history: {},
      stopped: true,
    });
  });
});

function stopAt(model: Model, last: number): (epoch: number) => void {
  return (epoch) => {
    if (epoch === last) model.stopTraining = true;
  };
}

describe('callbacks', () => {
  it('are called in order, and waited for', async () => {
    const calls: string[] = [];
    const slow = async (call: string): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      calls.push(call);
    };
    const model = compiled();
    const first: Callbacks = {
      setModel: (given) => calls.push(`a set ${given === model}`),
      onTrainBegin: () => slow('a begin'),
      onEpochBegin: () => slow('a epoch'),
      onBatchBegin: () => slow('a batch'),
      onBatchEnd: () => calls.push('a batch end'),
      onEpochEnd: () => slow('a epoch end'),
      onTrainEnd: () => slow('a end'),
    };
    const second: Callbacks = {
      setModel: () => calls.push('b set'),
      onTrainBegin: () => void calls.push('b begin'),
      onBatchBegin: () => void calls.push('b batch'),
      onBatchEnd: () => calls.push('b batch end'),
      onEpochEnd: () => void calls.push('b epoch end'),
      onTrainEnd: () => void calls.push('b end'),
    };
    await model.fit(x, y, { batchSize: 40, callbacks: [first, second] });
    expect(calls).toEqual([
      'a set true',
      'b set',
      'a begin',
      'b begin',
      'a epoch',
      'a batch',
      'b batch',
      'a batch end',
      'b batch end',
      'a epoch end',
      'b epoch end',
      'a end',
      'b end',
    ]);
  });

  it('that fail end the training, and the model can be trained again', async () => {
    const model = compiled();
    const onEpochEnd = (): Promise<void> => Promise.reject(new Error('the disk is full'));
    await expect(model.fit(x, y, { callbacks: { onEpochEnd } })).rejects.toThrow('the disk is full');
    const onBatchEnd = (): void => {
      throw new Error('no');
    };
    await expect(model.fit(x, y, { callbacks: [{}, { onBatchEnd }] })).rejects.toThrow('no');
    await expect(model.fit(x, y)).resolves.toMatchObject({ stopped: false });
  });

  it('may evaluate what is trained, as far as that is like what it is trained on', async () => {
    const model = compiled();
    const seen: number[] = [];
    await model.fit(x, y, {
      sampleWeight: new Float32Array(40).fill(0.5),
      callbacks: {
        onEpochEnd: async () => {
          seen.push((await model.evaluate(x, y)).loss, (await model.predict(x)).data[0]!);
        },
      },
    });
    expect(seen).toEqual([(await model.evaluate(x, y)).loss, (await model.predict(x)).data[0]]);
    const onEpochEnd = async (): Promise<void> => {
      await model.evaluate(x, y, { classWeight: { 0: 2 } });
    };
    const refused = model.fit(x, y, { callbacks: { onEpochEnd } });
    await expect(refused).rejects.toThrow(
      /evaluate has weights, but the training that is under way has none/,
    );
    await expect(model.fit(x, y)).resolves.toMatchObject({ stopped: false });
  });

  it('write a line for each epoch where that is asked for', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    await compiled().fit(x, y, { epochs: 3, initialEpoch: 1, verbose: 2, validationSplit: 0.5 });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^Epoch 2\/3 - \d+\.\ds - loss: \d\.\d{4} - accuracy: \d\.\d{4} - val_loss: \d\.\d{4} - val_accuracy: \d\.\d{4}$/,
    );
    await compiled().fit(x, y, { verbose: 0 });
    expect(lines).toHaveLength(2);
  });
});

describe('the learning rate', () => {
  it('can be read and set, between steps too', async () => {
    const model = compiled(sgd({ learningRate: 0.5 }));
    expect(model.learningRate).toBe(0.5);
    const rates: number[] = [];
    await model.fit(x, y, {
      batchSize: 8,
      callbacks: {
        // Nothing more is asked for while it is held: the rate is that of the very next step.
        onBatchBegin: (batch) => {
          if (batch === 2) model.learningRate = 1e-30;
          rates.push(model.learningRate);
        },
      },
    });
    expect(rates).toEqual([0.5, 0.5, 1e-30, 1e-30, 1e-30]);
    const two = compiled(sgd({ learningRate: 0.5 }));
    await two.fit(x, y, { batchSize: 8, stepsPerEpoch: 2 });
    expect(weightsOf(model)).toEqual(weightsOf(two));
    // It stays, in another session too, until the model is compiled anew.
    await model.predict(x);
    await model.dispose();
    expect(model.learningRate).toBe(1e-30);
    const before = weightsOf(model);
    await model.fit(x, y);
    expect(weightsOf(model)).toEqual(before);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    expect(model.learningRate).toBe(0.01);
    expect(() => (model.learningRate = -1)).toThrow(/learning rate must be a number above 0, not -1/);
  });

  it('of a schedule goes by steps, wherever the model runs', async () => {
    const schedule = exponentialDecay({ initialLearningRate: 0.1, decaySteps: 5, decayRate: 0.5 });
    const model = compiled(sgd({ learningRate: schedule }));
    expect(model.learningRate).toBe(0.1);
    await model.fit(x, y, { batchSize: 8 });
    expect(model.learningRate).toBeCloseTo(0.05, 12);
    await model.dispose();
    expect(model.learningRate).toBeCloseTo(0.05, 12);
    await model.trainOnBatch(x, y);
    expect(model.learningRate).toBeCloseTo(0.1 * 0.5 ** 1.2, 12);
    // As good as set by hand.
    const scheduled = compiled(
      sgd({ learningRate: piecewiseConstantDecay({ boundaries: [1], values: [0.3, 0.03] }) }),
    );
    await scheduled.fit(x, y, { batchSize: 8, stepsPerEpoch: 4 });
    const byHand = compiled(sgd({ learningRate: 0.3 }));
    const onBatchBegin = (batch: number): void => {
      if (batch === 2) byHand.learningRate = 0.03;
    };
    await byHand.fit(x, y, { batchSize: 8, stepsPerEpoch: 4, callbacks: { onBatchBegin } });
    expect(weightsOf(byHand)).toEqual(weightsOf(scheduled));
    const called: number[] = [];
    await compiled(sgd({ learningRate: (step) => (called.push(step), 0.01) })).fit(x, y);
    expect(called).toEqual(expect.arrayContaining([0, 1]));
  });
});

describe('what the optimizer keeps', () => {
  it('goes on from fit to fit, and begins afresh with compile', async () => {
    const whole = compiled('adam');
    await whole.fit(x, y, { epochs: 2 });
    const parts = compiled('adam');
    await parts.fit(x, y);
    const between = weightsOf(parts);
    await parts.predict(x.subarray(0, 108));
    await parts.fit(x, y);
    expect(weightsOf(parts)).toEqual(weightsOf(whole));
    expect([...parts.getOptimizerVariables()]).toEqual([...whole.getOptimizerVariables()]);
    expect([...whole.getOptimizerVariables().keys()].slice(0, 2)).toEqual([
      'conv2d/kernel/momentum',
      'conv2d/bias/momentum',
    ]);
    const afresh = compiled('adam');
    await afresh.fit(x, y);
    expect(weightsOf(afresh)).toEqual(between);
    afresh.compile({ optimizer: adam(), loss: 'sparseCategoricalCrossentropy' });
    expect(afresh.getOptimizerVariables().size).toBe(0);
    await afresh.fit(x, y);
    expect(weightsOf(afresh)).not.toEqual(weightsOf(whole));
    const other = compiled('adam');
    other.setWeights(new Map(between as never));
    await other.fit(x, y);
    expect(weightsOf(afresh)).toEqual(weightsOf(other));
  });

  it('takes the place of the weights in the end, if that is their moving average', async () => {
    const average = compiled(sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 }));
    const plain = compiled(sgd({ learningRate: 0.1 }));
    const seen: Float32Array[] = [];
    const kernel = (model: Model): Float32Array => model.getWeights().get('dense/kernel')!.data;
    const onEpochEnd = (): void => void seen.push(kernel(plain));
    const options: FitOptions = { epochs: 3, batchSize: 40 };
    await plain.fit(x, y, { ...options, callbacks: { onEpochEnd } });
    let atTheEnd = new Float32Array();
    await average.fit(x, y, {
      ...options,
      callbacks: { onTrainEnd: () => void (atTheEnd = kernel(average) as Float32Array<ArrayBuffer>) },
    });
    const [one, two, three] = seen as [Float32Array, Float32Array, Float32Array];
    kernel(average).forEach((value, i) => {
      expect(value).toBeCloseTo(0.25 * one[i]! + 0.25 * two[i]! + 0.5 * three[i]!, 6);
    });
    expect(atTheEnd).toEqual(kernel(average));
    // Of no step there is no average.
    const fresh = compiled(sgd({ useEma: true }));
    const before = weightsOf(fresh);
    await fresh.fit(x, y, { signal: AbortSignal.abort() });
    expect(weightsOf(fresh)).toEqual(before);
  });

  it('adds up gradients: two half batches are as good as a whole one', async () => {
    const halves = compiled(sgd({ learningRate: 0.1, gradientAccumulationSteps: 2 }));
    const whole = compiled(sgd({ learningRate: 0.1 }));
    await halves.fit(x, y, { batchSize: 20, shuffle: false });
    await whole.fit(x, y, { batchSize: 40, shuffle: false });
    for (const [name, { data }] of whole.getWeights()) {
      const other = halves.getWeights().get(name)!.data;
      data.forEach((value, i) => {
        expect(other[i], name).toBeCloseTo(value, 6);
      });
    }
    const before = weightsOf(halves);
    await halves.fit(x.subarray(0, 2160), y.subarray(0, 20), { batchSize: 20 });
    expect(weightsOf(halves)).toEqual(before);
  });
});

describe('what is not known', () => {
  it('is refused, with what was probably meant', async () => {
    const model = compiled();
    const failures: [object, RegExp][] = [
      [{ epoch: 2 }, /fit has no option "epoch".*"epochs"/],
      [{ validationsplit: 0.2 }, /"validationSplit"/],
      [{ steps: 2 }, /It has epochs/],
      [{ verbose: 3 }, /verbose must be 0, 1 or 2, not 3/],
      [{ stepsPerEpoch: 0 }, /stepsPerEpoch must be a whole number of at least 1/],
      [{ initialEpoch: -1 }, /initialEpoch must be a whole number of at least 0/],
      [{ callbacks: { onEpochEnds: () => undefined } }, /no hook "onEpochEnds"; did you mean "onEpochEnd"/],
      [{ callbacks: [{ onEpochEnd: 7 }] }, /onEpochEnd must be a function, not 7/],
      [{ callbacks: [undefined] }, /callbacks must be an object of hooks/],
    ];
    for (const [options, message] of failures)
      await expect(model.fit(x, y, options)).rejects.toThrow(message);
    await expect(model.fit(x)).rejects.toThrow(/fit needs y/);
  });
});
