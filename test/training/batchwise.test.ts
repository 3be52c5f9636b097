/** Models used batch by batch, and what can be seen of them. */
import { afterEach, describe, expect, it } from 'vitest';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { dropout } from '../../src/nn/layers/dropout.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { input } from '../../src/nn/symbolic.ts';
import { model as modelOf, sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import { brightestChannel, smallNetwork } from './smallModel.ts';

const models: Model[] = [];

function compiled(layers: readonly LayerSpec[] = smallNetwork, optimizer: OptimizerConfig = adam()): Model {
  const model = sequential(layers, { threads: 1 });
  models.push(model);
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

afterEach(async () => {
  await Promise.all(models.splice(0).map((model) => model.dispose()));
});

const { x, y } = brightestChannel(40);
const part = [x.subarray(0, 20 * 108), y.subarray(0, 20)] as const;
const weightsOf = (model: Model): unknown => [...model.getWeights()];
const weight = (model: Model, name: string): Float32Array => model.getWeights().get(name)!.data;

/** With a state that moves in training, and with chance. */
function normalized(options: { trainable?: boolean } = {}): LayerSpec[] {
  return [
    conv2d({ filters: 4, kernelSize: 3, useBias: false, inputShape: [6, 6, 3] }),
    batchNormalization({ name: 'norm', momentum: 0.5, ...options }),
    maxPooling2d(),
    flatten(),
    dropout({ rate: 0.3 }),
    dense({ units: 3, activation: 'softmax' }),
  ];
}

describe('single batches', () => {
  it('train as an epoch of them does', async () => {
    const whole = compiled(normalized());
    const { history } = await whole.fit(x, y, { batchSize: 20, shuffle: false });
    const steps = compiled(normalized());
    const first = await steps.trainOnBatch(...part);
    const second = await steps.trainOnBatch(x.subarray(20 * 108), y.subarray(20));
    expect(weightsOf(steps)).toEqual(weightsOf(whole));
    expect((first.loss + second.loss) / 2).toBeCloseTo(history.loss![0]!, 10);
    expect((first.accuracy! + second.accuracy!) / 2).toBeCloseTo(history.accuracy![0]!, 10);
    // And go on, smaller ones too.
    await whole.fit(x.subarray(0, 540), y.subarray(0, 5), { shuffle: false });
    await steps.trainOnBatch(x.subarray(0, 540), y.subarray(0, 5));
    expect(weightsOf(steps)).toEqual(weightsOf(whole));
    expect([...steps.getOptimizerVariables()]).toEqual([...whole.getOptimizerVariables()]);
  });

  it('are tested and predicted as sets are', async () => {
    const model = compiled();
    const { count, ...evaluation } = await model.evaluate(x, y);
    expect(count).toBe(40);
    const tested = await model.testOnBatch(x, y);
    expect(tested.loss).toBeCloseTo(evaluation.loss, 10);
    expect(tested.accuracy).toBe(evaluation.accuracy);
    expect(await model.predictOnBatch(x)).toEqual(await model.predict(x));
  });

  it('are refused as sets are', async () => {
    const bare = sequential(smallNetwork);
    await expect(bare.trainOnBatch(x, y)).rejects.toThrow(/Call compile.*before trainOnBatch/);
    await expect(bare.computeGradients(x, y)).rejects.toThrow(/before computeGradients/);
    const model = compiled();
    await expect(model.trainOnBatch(x, y.subarray(1))).rejects.toThrow(/40 images, but y has 39/);
    const slip = { sampleWeights: [1] } as object;
    const meant = /has no option "sampleWeights".*"sampleWeight"/;
    await expect(model.trainOnBatch(x, y, slip)).rejects.toThrow(meant);
    await expect(model.testOnBatch(x, y, slip)).rejects.toThrow(meant);
    await expect(model.computeGradients(x, y, slip)).rejects.toThrow(meant);
    await expect(model.evaluate(x, y, { batchsize: 3 } as object)).rejects.toThrow(/evaluate.*"batchSize"/);
    await expect(model.predict(x, { batchsize: 3 } as object)).rejects.toThrow(/predict.*"batchSize"/);
    const two = await Promise.allSettled([model.trainOnBatch(x, y), model.trainOnBatch(...part)]);
    expect(two.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});

describe('computed gradients', () => {
  it('are what a step takes, and leave the model as it is, between trainings too', async () => {
    const plain = compiled(smallNetwork, sgd({ learningRate: 0.5 }));
    const before = plain.getWeights();
    const { loss, output, gradients } = await plain.computeGradients(...part);
    expect(output.shape).toEqual([20, 3]);
    expect(output.data).toEqual((await plain.predict(part[0])).data);
    expect(loss).toBeCloseTo((await plain.evaluate(...part)).loss, 6);
    expect([...gradients.keys()]).toEqual([...before.keys()]);
    expect(weightsOf(plain)).toEqual([...before]);
    expect((await plain.trainOnBatch(...part)).loss).toBe(loss);
    for (const [name, { data }] of before) {
      const after = weight(plain, name);
      const gradient = gradients.get(name)!.data;
      data.forEach((value, i) => {
        expect(after[i], name).toBeCloseTo(value - 0.5 * gradient[i]!, 5);
      });
    }
    const [asked, other] = [compiled(normalized()), compiled(normalized())];
    const run = async (model: Model, between: () => Promise<unknown>): Promise<void> => {
      await model.fit(x, y, { batchSize: 20 });
      await between();
      await model.fit(x, y, { batchSize: 20 });
    };
    await run(asked, async () => {
      const then = weightsOf(asked);
      const given = await asked.computeGradients(...part);
      expect(given.gradients.has('norm/moving_mean')).toBe(false);
      expect(weightsOf(asked)).toEqual(then);
      await asked.computeGradients(x, y, { sampleWeight: new Float32Array(40) });
      expect(weightsOf(asked)).toEqual(then);
    });
    await run(other, () => Promise.resolve());
    expect(weightsOf(asked)).toEqual(weightsOf(other));
  });

  it('do not depend on what was asked before, and are weighted as the loss is', async () => {
    const model = compiled();
    const none = await model.computeGradients(...part, { sampleWeight: new Float32Array(20) });
    expect(none.loss).toBe(0);
    const nonzero = (tensors: Iterable<Tensor>): boolean =>
      [...tensors].some(({ data }) => data.some((value) => value !== 0));
    expect(nonzero(none.gradients.values())).toBe(false);
    expect(nonzero((await model.computeGradients(...part)).gradients.values())).toBe(true);
  });
});

describe('how weights are changed', () => {
  it('can be held within a limit', async () => {
    const clipped = compiled(smallNetwork, sgd({ learningRate: 1, globalClipnorm: 1e-3 }));
    const before = clipped.getWeights();
    await clipped.trainOnBatch(x, y);
    const squares = [...before].flatMap(([name, { data }]) => {
      const after = weight(clipped, name);
      return [...data].map((value, i) => (value - after[i]!) ** 2);
    });
    expect(Math.sqrt(squares.reduce((a, b) => a + b))).toBeCloseTo(1e-3, 6);
    const each = compiled(smallNetwork, sgd({ learningRate: 1, clipnorm: 1e-3 }));
    await each.trainOnBatch(x, y);
    for (const [name, { data }] of before) {
      const norm = Math.hypot(...data.map((value, i) => value - weight(each, name)[i]!));
      expect(norm, name).toBeCloseTo(1e-3, 6);
    }
  });

  it('can be nothing at all, by a multiplier of 0 or by not being trainable', async () => {
    const held = compiled(smallNetwork, adam({ learningRateMultipliers: { conv2d: 0 } }));
    const before = held.getWeights();
    await held.fit(x, y);
    expect(weight(held, 'conv2d/kernel')).toEqual(before.get('conv2d/kernel')!.data);
    expect(weight(held, 'dense/kernel')).not.toEqual(before.get('dense/kernel')!.data);
    const [first, ...others] = smallNetwork;
    const frozen = compiled([{ ...first!, trainable: false }, ...others]);
    await frozen.fit(x, y);
    expect(weight(frozen, 'conv2d/kernel')).toEqual(before.get('conv2d/kernel')!.data);
    expect(weight(frozen, 'dense/kernel')).toEqual(weight(held, 'dense/kernel'));
    expect([...frozen.getOptimizerVariables().keys()].some((name) => name.startsWith('conv2d'))).toBe(false);
    expect([...(await frozen.computeGradients(x, y)).gradients.keys()]).toEqual([
      'dense/kernel',
      'dense/bias',
    ]);
    expect(() => compiled(smallNetwork, adam({ learningRateMultipliers: { conv2e: 0 } }))).toThrow(
      /"conv2e".*Did you mean "conv2d"/,
    );
  });

  it('leaves a batch normalization that is not trainable as it is, which normalizes as in inference', async () => {
    const [free, frozen] = [compiled(normalized()), compiled(normalized({ trainable: false }))];
    await free.fit(x, y);
    frozen.setWeights(free.getWeights());
    const before = frozen.getWeights();
    await frozen.fit(x, y);
    for (const name of ['gamma', 'beta', 'moving_mean', 'moving_variance']) {
      expect(weight(frozen, `norm/${name}`), name).toEqual(before.get(`norm/${name}`)!.data);
    }
    expect(weight(frozen, 'conv2d/kernel')).not.toEqual(before.get('conv2d/kernel')!.data);
    const withoutChance = normalized({ trainable: false }).filter(({ type }) => type !== 'dropout');
    const still = compiled(withoutChance);
    still.setWeights(free.getWeights());
    const { output } = await still.computeGradients(x, y);
    const { data } = await still.predict(x);
    output.data.forEach((value, i) => {
      expect(value).toBeCloseTo(data[i]!, 5);
    });
  });
});

describe('a model', () => {
  it('finds its layers by name', () => {
    const model = compiled();
    expect(model.getLayer('conv2d').outputShape).toEqual([6, 6, 4]);
    expect(() => model.getLayer('conv2')).toThrow('There is no layer "conv2"; did you mean "conv2d"?');
    expect(() => model.getLayer('attention')).toThrow(/there are conv2d, max_pooling2d, flatten, dense/);
  });

  it('refuses options that it does not know, with those probably meant', () => {
    const model = sequential(smallNetwork);
    expect(() => sequential(smallNetwork, { sed: 1 } as object)).toThrow(
      /A model has no option "sed".*"seed"/,
    );
    const failures: [object, RegExp][] = [
      [{ tier: 'simd' }, /compile has no option "tier"/],
      [{ metric: ['accuracy'] }, /compile has no option "metric".*"metrics"/],
      [{ optimizer: { name: 'adam', learningrate: 1 } }, /adam has no option "learningrate".*"learningRate"/],
      [{ optimizer: { name: 'adam', tier: 'simd' } }, /adam has no option "tier"/],
      [{ loss: { name: 'huber', detla: 1 } }, /huber has no option "detla".*"delta"/],
      [{ metrics: [{ name: 'binaryAccuracy', treshold: 1 }] }, /"treshold".*"threshold"/],
      [{ loss: 'meanSquarredError' }, /did you mean "meanSquaredError"/],
      [{ metrics: ['acuracy'] }, /did you mean "accuracy"/],
      [{ loss: undefined }, /compile needs a loss/],
      [{ optimizer: undefined }, /compile needs an optimizer/],
    ];
    for (const [options, message] of failures) {
      expect(() => {
        model.compile({ optimizer: 'adam', loss: 'mse', ...options });
      }).toThrow(message);
    }
    expect(() => dense({ unit: 3 } as never)).toThrow(/dense has no option "unit".*"units"/);
  });

  it('has one input and one output, and no layer twice', () => {
    const images = input({ shape: [6, 6, 3] });
    const shared = flatten();
    const flat = shared.apply(images);
    const out = dense({ units: 2 }).apply(flat);
    expect(() => shared.apply(images)).toThrow(/applied twice: layers cannot be shared/);
    const failures: [unknown, unknown, RegExp][] = [
      [[images], out, /inputs must be one tensor/],
      [images, [out, flat], /outputs must be one tensor/],
      [input({ shape: [6, 6, 3] }), out, /another input than the one given/],
      [flat, out, /inputs must be what input\(\) gave/],
      [images, undefined, /outputs must be what a layer's apply gave/],
      [undefined, out, /inputs must be what input\(\) gave/],
      [images, images, /no layer between/],
    ];
    for (const [inputs, outputs, message] of failures) {
      expect(() => modelOf({ inputs, outputs } as never), String(message)).toThrow(message);
    }
    expect(modelOf({ inputs: images, outputs: out }).network.outputShape).toEqual([2]);
  });
});
