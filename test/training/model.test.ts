import { afterEach, describe, expect, it } from 'vitest';
import { OptionError, TrainingError } from '../../src/errors.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import { brightestChannel, smallModel, smallNetwork } from './smallModel.ts';

const { x, y } = brightestChannel(200);
const models: Model[] = [];

/** A model that is disposed of when the test is over. */
function kept(model: Model): Model {
  models.push(model);
  return model;
}

afterEach(async () => {
  await Promise.all(models.splice(0).map((model) => model.dispose()));
});

describe('fit', () => {
  it('learns, and reports what Keras reports', async () => {
    const model = kept(smallModel());
    const { epoch, history, stopped } = await model.fit(x, y, {
      epochs: 20,
      batchSize: 16,
      validationSplit: 0.25,
    });
    expect(epoch).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(Object.keys(history)).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);
    expect(history.loss!.at(-1)).toBeLessThan(history.loss![0]! / 2);
    expect(history.val_accuracy!.at(-1)).toBeGreaterThan(0.95);
    expect(stopped).toBe(false);
  });

  it('reports the loss alone where no metric is asked for', async () => {
    const model = kept(sequential(smallNetwork));
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    const { history } = await model.fit(x, y);
    expect(Object.keys(history)).toEqual(['loss']);
  });

  it('takes one-hot labels for what they stand for', async () => {
    const oneHot = new Float32Array(y.length * 3);
    y.forEach((label, i) => (oneHot[i * 3 + label] = 1));
    const [byIndex, byRow] = [kept(smallModel()), kept(smallModel())];
    byRow.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const histories = [await byIndex.fit(x, y), await byRow.fit(x, oneHot)];
    expect(histories[1]).toEqual(histories[0]);
  });

  it('holds out the last part, before any shuffling', async () => {
    const model = kept(smallModel());
    const whole = await model.fit(x, y, { validationSplit: 0.25 });
    const other = kept(smallModel());
    const given = await other.fit(x.slice(0, 150 * 108), y.slice(0, 150), {
      validationData: [x.slice(150 * 108), y.slice(150)],
    });
    expect(given).toEqual(whole);
  });

  it('shuffles differently in every epoch, and the same for the same seed', async () => {
    const run = async (seed: number, shuffle: boolean): Promise<unknown> =>
      (await kept(smallModel({ seed })).fit(x, y, { epochs: 2, shuffle })).history;
    expect(await run(1, true)).toEqual(await run(1, true));
    expect(await run(1, true)).not.toEqual(await run(1, false));
  });

  it('goes on where it stopped: two fits are one of twice the length', async () => {
    const once = kept(smallModel());
    await once.fit(x, y, { epochs: 2, shuffle: false });
    const twice = kept(smallModel());
    await twice.fit(x, y, { shuffle: false });
    await twice.evaluate(x, y);
    await twice.dispose();
    await twice.fit(x, y, { shuffle: false });
    expect([...twice.getWeights()]).toEqual([...once.getWeights()]);
  });

  it('shuffles each epoch in its own way, in one fit or in several', async () => {
    const once = kept(smallModel());
    const whole = await once.fit(x, y, { epochs: 3 });
    const again = kept(smallModel());
    const parts = [];
    for (let epoch = 0; epoch < 3; epoch++) parts.push((await again.fit(x, y)).history.loss![0]);
    expect(parts).toEqual(whole.history.loss);
    expect([...again.getWeights()]).toEqual([...once.getWeights()]);
  });

  it('can be waited for only by one at a time', async () => {
    const model = kept(smallModel());
    const first = model.fit(x, y);
    await expect(model.fit(x, y)).rejects.toThrow(/training is under way.*fit/);
    expect(() => {
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    }).toThrow(/training is under way.*compile/);
    await first;
    await expect(model.fit(x, y, { batchSize: 7 })).resolves.toMatchObject({ stopped: false });
  });

  it('leaves evaluations in peace that overlap with it', async () => {
    const model = kept(smallModel());
    const before = await model.evaluate(x, y);
    const [during] = await Promise.all([
      model.evaluate(x, y),
      model.fit(x, y, {
        batchSize: 9,
        callbacks: { onEpochEnd: () => model.predict(x).then(() => undefined) },
      }),
    ]);
    expect(during).toEqual(before);
  });

  it('calls back in order', async () => {
    const calls: string[] = [];
    await kept(smallModel()).fit(x, y, {
      epochs: 2,
      batchSize: 100,
      validationData: [x, y],
      callbacks: {
        onTrainBegin: () => void calls.push('train'),
        onEpochBegin: (epoch) => void calls.push(`epoch ${epoch}`),
        onBatchEnd: (batch, { seen, total }) => calls.push(`batch ${batch}: ${seen}/${total}`),
        onValidationBatchEnd: (batch) => calls.push(`validation ${batch}`),
        onEpochEnd: (epoch, logs) => void calls.push(`end ${epoch}: ${Object.keys(logs).length}`),
        onTrainEnd: ({ epoch }) => void calls.push(`done ${epoch.length}`),
      },
    });
    const epoch = (n: number): string[] => [
      `epoch ${n}`,
      'batch 0: 100/200',
      'batch 1: 200/200',
      'validation 0',
      'validation 1',
      `end ${n}: 4`,
    ];
    expect(calls).toEqual(['train', ...epoch(0), ...epoch(1), 'done 2']);
  });

  it('stops when told to, and returns the epochs that were complete', async () => {
    const controller = new AbortController();
    const model = kept(smallModel());
    let complete = 0;
    const history = await model.fit(x, y, {
      epochs: 50,
      signal: controller.signal,
      callbacks: {
        onBatchEnd: () => {
          if (complete === 1) controller.abort();
        },
        onEpochEnd: () => {
          complete++;
        },
      },
    });
    expect(history.stopped).toBe(true);
    expect(history.epoch).toEqual([0]);
    expect((await model.evaluate(x, y)).count).toBe(200);
  });

  it('stops with the step and the likely cause when the loss diverges', async () => {
    const model = kept(sequential(smallNetwork));
    model.compile({ optimizer: adam({ learningRate: 1e30 }), loss: 'sparseCategoricalCrossentropy' });
    const error: unknown = await model.fit(x, y, { epochs: 3, batchSize: 50 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TrainingError);
    expect((error as Error).message).toMatch(/became NaN at step \d+ \(epoch \d, step \d of 4\).*1e\+30/);
  });

  it('looks for the cause in the images when the very first step fails', async () => {
    const broken = Float32Array.from(x, (byte) => byte / 255);
    broken[0] = NaN;
    const attempt = kept(smallModel()).fit(broken, y, { shuffle: false });
    await expect(attempt).rejects.toThrow(/step 1 \(epoch 1.*\. Look for values/);
  });

  it('refuses what it cannot train on', async () => {
    const model = kept(smallModel());
    const failures: [Promise<unknown>, RegExp][] = [
      [kept(sequential(smallNetwork)).fit(x, y), /compile/],
      [model.fit([...x] as unknown as Uint8Array, y), /x must be a Uint8Array/],
      [model.fit(x.subarray(1), y), /21599 values.*\[6, 6, 3\]/],
      [model.fit(x, y.subarray(1)), /200 images.*199 labels/],
      [model.fit(x, new Uint8Array(200).fill(3)), /y\[0\] is 3.*0 to 2/],
      [model.fit(x, new Float32Array(200).fill(0.5)), /y\[0\] is 0\.5/],
      [model.fit(new Uint8Array(0), new Uint8Array(0)), /no images/],
      [model.fit(x, y, { epochs: 0 }), /epochs.*at least 1, not 0/],
      [model.fit(x, y, { batchSize: 1.5 }), /batchSize.*not 1\.5/],
      [model.fit(x, y, { validationSplit: 1 }), /validationSplit.*below 1/],
      [model.fit(x.slice(0, 108), y.slice(0, 1), { validationSplit: 0.9 }), /leaves no image/],
    ];
    for (const [attempt, message] of failures) {
      await expect(attempt).rejects.toThrow(OptionError);
      await expect(attempt).rejects.toThrow(message);
    }
  });
});

describe('evaluate and predict', () => {
  it('agree with each other, whatever the batch size', async () => {
    const model = kept(smallModel());
    const { data, shape } = await model.predict(x);
    expect(shape).toEqual([200, 3]);
    let loss = 0;
    let correct = 0;
    y.forEach((label, i) => {
      const row = data.subarray(i * 3, i * 3 + 3);
      loss -= Math.log(row[label]!) / 200;
      if (row.indexOf(Math.max(...row)) === label) correct++;
    });
    for (const batchSize of [7, 64, 500]) {
      const evaluation = await model.evaluate(x, y, { batchSize });
      expect(evaluation.loss).toBeCloseTo(loss, 6);
      expect(evaluation.accuracy).toBe(correct / 200);
      expect((await model.predict(x, { batchSize })).data).toEqual(data);
    }
  });

  it('give one image the same result in the calling thread as many in a team', async () => {
    const model = kept(smallModel());
    const one = await model.predict(x.subarray(0, 108));
    expect(model.engine?.threads).toBe(1);
    const all = await model.predict(x);
    expect(model.engine?.threads).toBe(2);
    expect(one.data).toEqual(all.data.slice(0, 3));
  });

  it('count what is no number as wrong', async () => {
    const evaluation = await kept(smallModel()).evaluate(new Float32Array(108).fill(NaN), [0]);
    expect(evaluation).toEqual({ loss: NaN, accuracy: 0, count: 1 });
  });

  it('take floats as they are: bytes divided by 255', async () => {
    const model = kept(smallModel());
    const floats = Float32Array.from(x, (byte) => Math.fround(byte / 255));
    expect((await model.predict(floats)).data).toEqual((await model.predict(x)).data);
  });

  it('predict without a softmax what the last layer computes', async () => {
    const model = kept(sequential([flatten({ inputShape: [6, 6, 3] }), dense({ units: 2 })]));
    const { data, shape } = await model.predict(x.subarray(0, 216));
    expect(shape).toEqual([2, 2]);
    expect([...data].some((value) => value < 0 || value > 1)).toBe(true);
    await expect(model.evaluate(x, y)).rejects.toThrow(/softmax/);
  });

  it('predict images of a network that ends in a convolution', async () => {
    const model = kept(sequential([conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 3] })]));
    expect((await model.predict(x.subarray(0, 108))).shape).toEqual([1, 4, 4, 2]);
  });

  it('predict nothing for no images', async () => {
    expect(await kept(smallModel()).predict(new Uint8Array(0))).toEqual({
      shape: [0, 3],
      data: new Float32Array(0),
    });
  });
});

describe('the algorithm of convolutions', () => {
  it('decides the bits of a result, but not the result', async () => {
    const layers = [
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 6, 3] }),
      conv2d({ filters: 8, kernelSize: 3, padding: 'same' }),
    ];
    const outputs = [];
    for (const convolution of ['auto', 'winograd', 'im2col'] as const) {
      outputs.push((await kept(sequential(layers, { convolution })).predict(x.subarray(0, 108))).data);
    }
    const [auto, winograd, im2col] = outputs as [Float32Array, Float32Array, Float32Array];
    expect(auto).toEqual(winograd);
    expect(im2col).not.toEqual(winograd);
    im2col.forEach((value, i) => {
      expect(value).toBeCloseTo(winograd[i]!, 5);
    });
  });
});

describe('a model', () => {
  it('refuses options out of range', () => {
    const bad = (options: object): (() => unknown) => {
      return () => sequential(smallNetwork, options);
    };
    expect(bad({ seed: 0.5 })).toThrow(/seed.*0\.5/);
    expect(bad({ threads: 0 })).toThrow(/threads.*at least 1/);
    expect(bad({ tier: 'warp' })).toThrow(/auto, simd, relaxed or turbo, not warp/);
    expect(bad({ convolution: 'fft' })).toThrow(/auto, im2col or winograd, not fft/);
    expect(bad({ classNames: ['a'] })).toThrow(/1 class names.*3 outputs/);
    const model = sequential(smallNetwork);
    const compile = (options: object): (() => void) => {
      return () => {
        model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', ...options });
      };
    };
    expect(compile({ optimizer: 'sgdd' })).toThrow(/no optimizer "sgdd".*did you mean "sgd"/);
    expect(compile({ optimizer: 'ftrl' })).toThrow(/no optimizer "ftrl".*adam/);
    expect(compile({ loss: 'hinge' })).toThrow(/no loss "hinge".*meanSquaredError/);
    expect(compile({ metrics: ['auc'] })).toThrow(/no metric "auc".*accuracy/);
  });

  it('can be used again after it was disposed of, and its threads end', async () => {
    const model = kept(smallModel());
    await model.fit(x, y);
    const before = await model.evaluate(x, y);
    await model.dispose();
    expect(model.engine).toBeUndefined();
    expect(await model.evaluate(x, y)).toEqual(before);
  });

  it('takes the weights of another, and keeps no tie to them', () => {
    const [from, to] = [smallModel({ seed: 1 }), smallModel({ seed: 2 })];
    const weights = from.getWeights();
    expect([...to.getWeights()]).not.toEqual([...weights]);
    to.setWeights(weights);
    expect([...to.getWeights()]).toEqual([...weights]);
    weights.get('conv2d/kernel')!.data.fill(0);
    expect([...to.getWeights()]).toEqual([...from.getWeights()]);
  });

  it('uses no more memory from epoch to epoch', async () => {
    const model = kept(smallModel());
    const used: number[] = [];
    await model.fit(x, y, {
      epochs: 40,
      callbacks: { onEpochEnd: () => void used.push(process.memoryUsage().arrayBuffers) },
    });
    expect(used.at(-1)).toBeLessThanOrEqual(used[4]! + 65536);
  });
});
