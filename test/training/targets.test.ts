/** What images can be told as, what each of them counts, and what is reported of it. */
import { afterEach, describe, expect, it } from 'vitest';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { huber } from '../../src/nn/losses/regression.ts';
import { topKCategoricalAccuracy } from '../../src/nn/metrics/accuracy.ts';
import { precision, recall } from '../../src/nn/metrics/counts.ts';
import { dense, flatten, type LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import type { CompileOptions } from '../../src/training/options.ts';
import { uniform } from '../reference/data.ts';
import { brightestChannel, smallModel, smallNetwork } from './smallModel.ts';

const models: Model[] = [];

/** Compiled, in the calling thread for so few images. */
function compiled(layers: readonly LayerSpec[], options: Partial<CompileOptions>): Model {
  const model = sequential(layers, { threads: 1 });
  models.push(model);
  model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError', ...options });
  return model;
}

afterEach(async () => {
  await Promise.all(models.splice(0).map((model) => model.dispose()));
});

const { x, y } = brightestChannel(12);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A network with so many outputs, each of them linear or a probability of its own. */
function outputs(units: number, activation: 'linear' | 'sigmoid'): LayerSpec[] {
  return [flatten({ inputShape: [6, 6, 3] }), dense({ units, activation })];
}

/** The predictions in rows. */
async function rows(model: Model): Promise<number[][]> {
  const { data, shape } = await model.predict(x);
  return Array.from({ length: 12 }, (_, i) => [...data.subarray(i * shape[1]!, (i + 1) * shape[1]!)]);
}

describe('numbers for targets', () => {
  const targets = uniform('targets', 24);

  it.each([
    ['meanSquaredError', (d: number) => d * d],
    ['meanAbsoluteError', Math.abs],
    [huber({ delta: 0.5 }), (d: number) => (Math.abs(d) <= 0.5 ? 0.5 * d * d : 0.5 * (Math.abs(d) - 0.25))],
  ] as const)('are compared by %o', async (loss, of) => {
    const model = compiled(outputs(2, 'linear'), { loss });
    const losses = (await rows(model)).map(
      (row, i) => sum(row.map((p, c) => of(p - targets[i * 2 + c]!))) / 2,
    );
    const before = await model.evaluate(x, targets);
    expect(before.loss).toBeCloseTo(sum(losses) / 12, 5);
    await model.fit(x, targets, { epochs: 40 });
    expect((await model.evaluate(x, targets)).loss).toBeLessThan(before.loss / 2);
  });

  it('are yes and no for the binary cross-entropy', async () => {
    const model = compiled(outputs(2, 'sigmoid'), { loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    const yes = Float32Array.from(targets, (value) => (value > 0 ? 1 : 0));
    const all = (await rows(model)).flat();
    const losses = all.map((p, i) => -Math.log(yes[i] ? p : 1 - p));
    const correct = all.filter((p, i) => p > 0.5 === (yes[i] === 1)).length;
    const { loss, accuracy } = await model.evaluate(x, yes);
    expect(loss).toBeCloseTo(sum(losses) / 24, 5);
    expect(accuracy).toBeCloseTo(correct / 24, 12);
    expect(await model.testOnBatch(x, yes)).toEqual({ loss, accuracy });
  });

  it('are probabilities for the categorical cross-entropy', async () => {
    const model = compiled(smallNetwork, { loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const soft = Float32Array.from({ length: 36 }, (_, i) => (i % 3 === y[Math.floor(i / 3)] ? 0.8 : 0.1));
    const predicted = await rows(model);
    const losses = predicted.map((row, i) => -sum(row.map((p, c) => soft[i * 3 + c]! * Math.log(p))));
    const correct = predicted.filter((row, i) => row.indexOf(Math.max(...row)) === y[i]).length;
    const { loss, accuracy } = await model.evaluate(x, soft);
    expect(loss).toBeCloseTo(sum(losses) / 12, 5);
    expect(accuracy).toBeCloseTo(correct / 12, 12);
    // Of which some are validated with indices.
    const { history } = await model.fit(x, soft, { validationData: [x, y] });
    expect(history.val_loss![0]).toBeCloseTo((await model.evaluate(x, y)).loss, 6);
  });

  it('must be as many as the outputs, and numbers', async () => {
    const model = compiled(outputs(2, 'linear'), {});
    await expect(model.fit(x, targets.subarray(1))).rejects.toThrow(
      /12 images, but y has 23 values.*needs 24/,
    );
    await expect(model.fit(x, new Float32Array(24).fill(NaN))).rejects.toThrow(/y\[0\] is NaN.*finite/);
    await expect(model.fit(x, 'cat' as unknown as number[])).rejects.toThrow(/y must be an array/);
    expect(() => {
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['precision'] });
    }).toThrow(/precision compares numbers.*accuracy/);
  });
});

describe('indices of classes', () => {
  it('may be above 255', async () => {
    const model = compiled(
      [flatten({ inputShape: [6, 6, 3] }), dense({ units: 300, activation: 'softmax' })],
      {
        optimizer: adam({ learningRate: 0.01 }),
        loss: 'sparseCategoricalCrossentropy',
        metrics: ['accuracy'],
      },
    );
    const classes = Uint16Array.from({ length: 12 }, (_, i) => 299 - i * 4);
    const expected = (await rows(model)).map((row, i) => -Math.log(row[classes[i]!]!));
    expect((await model.evaluate(x, classes)).loss).toBeCloseTo(sum(expected) / 12, 5);
    await model.fit(x, [...classes], { epochs: 60 });
    expect((await model.evaluate(x, Int32Array.from(classes))).accuracy).toBe(1);
    classes[3] = 300;
    await expect(model.fit(x, classes)).rejects.toThrow(
      "y[3] is 300, but the network's classes are 0 to 299.",
    );
    await expect(model.fit(x, [-1, ...classes.subarray(1)])).rejects.toThrow('y[0] is -1');
  });

  it('may be up to 65,535', async () => {
    const layers = [flatten({ inputShape: [1, 1, 1] }), dense({ units: 65536, activation: 'softmax' })];
    const model = compiled(layers, { loss: 'sparseCategoricalCrossentropy' });
    const { loss } = await model.evaluate(new Float32Array(2), [65535, 0]);
    expect(loss).toBeCloseTo(Math.log(65536), 4);
    await expect(model.evaluate(new Float32Array(1), [65536])).rejects.toThrow(/y\[0\] is 65536.*0 to 65535/);
  });
});

describe('what images count', () => {
  const weights = Float32Array.from({ length: 12 }, (_, i) => i / 4);
  const classWeight = { 0: 2, 2: 0.5 };

  it('is what their loss is multiplied by, and nothing else: Σ w·l / count', async () => {
    const model = compiled(smallNetwork, { loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const losses = (await rows(model)).map((row, i) => -Math.log(row[y[i]!]!));
    const plain = await model.evaluate(x, y);
    const sampled = await model.evaluate(x, y, { sampleWeight: weights, batchSize: 5 });
    expect(sampled.loss).toBeCloseTo(sum(losses.map((loss, i) => loss * weights[i]!)) / 12, 5);
    expect(sampled.accuracy).toBe(plain.accuracy);
    const byClass = await model.evaluate(x, y, { classWeight });
    const ofClass = [2, 1, 0.5];
    expect(byClass.loss).toBeCloseTo(sum(losses.map((loss, i) => loss * ofClass[y[i]!]!)) / 12, 5);
    const both = await model.evaluate(x, y, { sampleWeight: [...weights], classWeight });
    const all = losses.map((loss, i) => loss * weights[i]! * ofClass[y[i]!]!);
    expect(both.loss).toBeCloseTo(sum(all) / 12, 5);
  });

  it('is what their gradients are multiplied by', async () => {
    const weighed = compiled(smallNetwork, { loss: 'sparseCategoricalCrossentropy' });
    const repeated = compiled(smallNetwork, { loss: 'sparseCategoricalCrossentropy' });
    const twice = Float32Array.from({ length: 12 }, (_, i) => (i < 6 ? 2 : 0));
    const { history } = await weighed.fit(x, y, { sampleWeight: twice, shuffle: false });
    const half = await repeated.fit(x.subarray(0, 648), y.subarray(0, 6), { shuffle: false });
    expect(history.loss![0]).toBeCloseTo(half.history.loss![0]!, 6);
    for (const [name, { data }] of repeated.getWeights()) {
      const other = weighed.getWeights().get(name)!.data;
      data.forEach((value, i) => {
        expect(other[i]).toBeCloseTo(value, 6);
      });
    }
  });

  it('by class is the largest of numbers, or yes and no; and does not count in validation', async () => {
    const oneHot = Float32Array.from({ length: 36 }, (_, i) => (i % 3 === y[Math.floor(i / 3)] ? 0.9 : 0.05));
    const model = compiled(smallNetwork, { loss: 'categoricalCrossentropy' });
    const losses = (await rows(model)).map(
      (row, i) => -sum(row.map((p, c) => oneHot[i * 3 + c]! * Math.log(p))),
    );
    const { loss } = await model.evaluate(x, oneHot, { classWeight });
    expect(loss).toBeCloseTo(sum(losses.map((each, i) => each * [2, 1, 0.5][y[i]!]!)) / 12, 5);
    const { history } = await model.fit(x, oneHot, { classWeight, validationSplit: 0.5 });
    const held = await model.evaluate(x.subarray(648), oneHot.subarray(18));
    expect(history.val_loss![0]).toBeCloseTo(held.loss, 6);

    const binary = compiled(outputs(1, 'sigmoid'), { loss: 'binaryCrossentropy' });
    const yes = Float32Array.from(y, (label) => (label === 1 ? 1 : 0));
    const each = (await rows(binary)).map(([p], i) => -Math.log(yes[i] ? p! : 1 - p!));
    const weighed = await binary.evaluate(x, yes, { classWeight: { 1: 3 } });
    expect(weighed.loss).toBeCloseTo(sum(each.map((value, i) => value * (yes[i] ? 3 : 1))) / 12, 5);
  });

  it('counts in validation data that bring it along, whether the others have it or not', async () => {
    const model = compiled(smallNetwork, { loss: 'sparseCategoricalCrossentropy' });
    const { history } = await model.fit(x, y, {
      validationSplit: 0.5,
      validationData: [x, y, weights],
    });
    const whole = await model.evaluate(x, y, { sampleWeight: weights });
    expect(history.val_loss![0]).toBeCloseTo(whole.loss, 6);
    expect(history.val_loss![0]).not.toBeCloseTo((await model.evaluate(x, y)).loss, 3);
  });

  it('must be numbers of at least 0, one for each', async () => {
    const model = compiled(smallNetwork, { loss: 'sparseCategoricalCrossentropy' });
    const failures: [object, RegExp][] = [
      [{ sampleWeight: [1, 2] }, /12 images, but sampleWeight has 2/],
      [{ sampleWeight: 3 }, /sampleWeight must be an array/],
      [{ sampleWeight: new Float32Array(12).fill(-1) }, /sampleWeight\[0\] is -1/],
      [{ classWeight: { 3: 1 } }, /classWeight has "3".*0 to 2/],
      [{ classWeight: { 1: NaN } }, /classWeight\[1\] is NaN/],
    ];
    for (const [options, message] of failures) {
      await expect(model.fit(x, y, options)).rejects.toThrow(message);
      await expect(model.trainOnBatch(x, y, options)).rejects.toThrow(message);
      await expect(model.evaluate(x, y, options)).rejects.toThrow(message);
    }
    const bad = model.fit(x, y, { validationData: [x, y, [1]] });
    await expect(bad).rejects.toThrow(/validationData: There are 12 images, but sampleWeight has 1/);
    await expect(model.fit(x, y, { validationData: x as never })).rejects.toThrow(/must be \[x, y\]/);
  });
});

describe('metrics', () => {
  it('are those that were asked for', async () => {
    const model = compiled(outputs(3, 'sigmoid'), {
      loss: 'meanSquaredError',
      metrics: [
        'binaryAccuracy',
        'mae',
        precision({ threshold: 0.4 }),
        recall({ threshold: 0.4 }),
        topKCategoricalAccuracy({ k: 2 }),
        'accuracy',
      ],
    });
    const targets = Float32Array.from({ length: 36 }, (_, i) => (i % 3 === y[Math.floor(i / 3)] ? 1 : 0));
    const predicted = await rows(model);
    const all = predicted.flat();
    const named = all.filter((p) => p > 0.4).length;
    const right = all.filter((p, i) => p > 0.4 && targets[i] === 1).length;
    const rank = (row: readonly number[], of: number): number => row.filter((p) => p > row[of]!).length;
    const expected = {
      binary_accuracy: all.filter((p, i) => p > 0.5 === (targets[i] === 1)).length / 36,
      mean_absolute_error: sum(all.map((p, i) => Math.abs(p - targets[i]!))) / 36,
      precision: right / named,
      recall: right / 12,
      top_k_categorical_accuracy: predicted.filter((row, i) => rank(row, y[i]!) < 2).length / 12,
      accuracy: predicted.filter((row, i) => rank(row, y[i]!) === 0).length / 12,
    };
    const evaluation = await model.evaluate(x, targets, { batchSize: 5 });
    expect(Object.keys(evaluation)).toEqual(['loss', ...Object.keys(expected), 'count']);
    for (const [name, value] of Object.entries(expected))
      expect(evaluation[name], name).toBeCloseTo(value, 5);
    const { history } = await model.fit(x, targets, { validationData: [x, targets] });
    const names = ['loss', ...Object.keys(expected)];
    expect(Object.keys(history)).toEqual([...names, ...names.map((name) => `val_${name}`)]);
  });

  it('are none where none was asked for', async () => {
    const model = compiled(smallNetwork, { loss: 'sparseCategoricalCrossentropy' });
    expect(Object.keys(await model.evaluate(x, y))).toEqual(['loss', 'count']);
    expect(Object.keys(await model.trainOnBatch(x, y))).toEqual(['loss']);
  });

  it('of a classifier that was not compiled are its accuracy', async () => {
    const compiledOne = smallModel();
    models.push(compiledOne);
    const bare = sequential(smallNetwork, { threads: 1 });
    models.push(bare);
    expect(await bare.evaluate(x, y)).toEqual(await compiledOne.evaluate(x, y));
  });
});
