/** Models that TensorFlow.js built and trained. */
import * as tf from '@tensorflow/tfjs-core';
import {
  layers,
  model as modelOf,
  regularizers,
  input,
  sequential as tfjsSequential,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExportedFile } from '../../src/exchange/exported.ts';
import type { Imported } from '../../src/exchange/imported.ts';
import { exportTfjs } from '../../src/exchange/tfjs/export.ts';
import { importTfjs } from '../../src/exchange/tfjs/import.ts';
import { configureLoss } from '../../src/nn/losses/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { adamw } from '../../src/nn/optimizers/adamw.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { dense, flatten, type LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import {
  loadIntoTfjs,
  predictInTfjs,
  saveFromTfjs,
  sourceOf,
  startTfjs,
  type TfjsJson,
} from './tfjsProgram.ts';
import { haveSameBits, imagesFor, largestDifference } from './values.ts';

beforeAll(() => startTfjs('cpu'));

const SHAPE = [6, 5, 2];
const images = imagesFor({ inputShape: [6, 5, 2] }, 4);

async function predictHere({ layers: specs, weights }: Imported, given: Float32Array): Promise<Float32Array> {
  const model = sequential(specs as LayerSpec[], { tier: 'simd', threads: 1 });
  model.setWeights(weights);
  const { data } = await model.predict(given);
  await model.dispose();
  return data;
}

/** The names of files' weights, and their values. */
function changed(files: readonly ExportedFile[], change: (json: TfjsJson) => void): ExportedFile[] {
  const json = JSON.parse(files[0]!.content as string) as TfjsJson;
  change(json);
  return [{ name: 'model.json', content: JSON.stringify(json) }, ...files.slice(1)];
}

function chain(): LayersModel {
  return tfjsSequential({
    layers: [
      layers.conv2d({
        filters: 3,
        kernelSize: 3,
        activation: 'elu',
        inputShape: [6, 5, 2],
        kernelRegularizer: regularizers.l2({ l2: 0.02 }),
      }),
      layers.batchNormalization(),
      layers.leakyReLU({ alpha: 0.1 }),
      layers.depthwiseConv2d({ kernelSize: 2, activation: 'hardSigmoid', depthMultiplier: 2 }),
      layers.dropout({ rate: 0.2, noiseShape: [null as unknown as number, 1, 1, null as unknown as number] }),
      layers.separableConv2d({ filters: 4, kernelSize: 2 }),
      layers.activation({ activation: 'hardSigmoid' }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
}

/** With branches, a frozen layer, and a model within. */
function graph(): LayersModel {
  const inside = tfjsSequential({
    name: 'inside',
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 2, padding: 'same', inputShape: [6, 5, 3], name: 'inner' }),
      layers.elu(),
    ],
  });
  const from = input({ shape: SHAPE });
  const first = layers.conv2d({ filters: 3, kernelSize: 1, name: 'outer' }).apply(from) as SymbolicTensor;
  const frozen = layers.conv2d({ filters: 3, kernelSize: 1, trainable: false }).apply(from) as SymbolicTensor;
  const sum = layers.add().apply([inside.apply(first) as SymbolicTensor, frozen, first]);
  const both = layers.concatenate().apply([sum as SymbolicTensor, first]);
  const pooled = layers.globalAveragePooling2d({}).apply(both);
  const normalized = layers.batchNormalization({ axis: 1 }).apply(pooled);
  const outputs = layers.dense({ units: 3, activation: 'softmax' }).apply(normalized) as SymbolicTensor;
  return modelOf({ inputs: from, outputs });
}

/** A few steps on the same images. */
async function trained(model: LayersModel, optimizer: tf.Optimizer): Promise<LayersModel> {
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const targets = tf.oneHot(tf.tensor1d([0, 1, 2, 1], 'int32'), 3);
  for (let i = 0; i < 3; i++) await model.trainOnBatch(tf.tensor(images, [4, ...SHAPE]), targets);
  return model;
}

describe.each([
  ['a chain', chain],
  ['a graph', graph],
])('%s that tfjs trained', (_name, build) => {
  it('gives the same here', async () => {
    const model = await trained(build(), tf.train.adam(0.01));
    const imported = await importTfjs(sourceOf(await saveFromTfjs(model)));
    const theirs = await predictInTfjs(model, images, SHAPE);
    expect(largestDifference(await predictHere(imported, images), theirs)).toBeLessThan(2e-6);
  });

  it('goes back into tfjs with the same weights and the same optimizer', async () => {
    const model = await trained(build(), tf.train.adam(0.01, 0.8, 0.99, 1e-6));
    const imported = await importTfjs(sourceOf(await saveFromTfjs(model)));
    const { config, iterations, variables } = imported.optimizer!;
    expect(config).toMatchObject({
      name: 'adam',
      learningRate: 0.01,
      beta1: 0.8,
      beta2: 0.99,
      epsilon: 1e-6,
    });
    expect(iterations).toBe(3);
    const network = buildNetwork(imported.layers);
    const training = { optimizer: config, iterations, variables, loss: imported.loss! };
    const files = exportTfjs({ network, weights: imported.weights, training });
    const again = await importTfjs(sourceOf(files));
    expect(haveSameBits(again.weights, imported.weights)).toBe(true);
    expect(haveSameBits(again.optimizer!.variables, variables)).toBe(true);
    const loaded = await loadIntoTfjs(files);
    const step = async (each: LayersModel): Promise<Float32Array> => {
      await each.trainOnBatch(
        tf.tensor(images, [4, ...SHAPE]),
        tf.oneHot(tf.tensor1d([0, 0, 2, 1], 'int32'), 3),
      );
      return predictInTfjs(each, images, SHAPE);
    };
    // Dropout draws anew each time.
    if (_name === 'a graph') {
      expect(largestDifference(await step(loaded), await step(model))).toBeLessThan(1e-5);
    }
    expect(loaded.optimizer.getConfig()).toEqual(model.optimizer.getConfig());
  });
});

describe('optimizers', () => {
  const small = (): LayersModel =>
    tfjsSequential({
      layers: [layers.flatten({ inputShape: [6, 5, 2] }), layers.dense({ units: 3, activation: 'softmax' })],
    });

  it.each<[string, () => tf.Optimizer, object, readonly string[]]>([
    ['sgd', () => tf.train.sgd(0.1), { name: 'sgd', learningRate: 0.1, momentum: 0 }, []],
    [
      'sgd with momentum',
      () => tf.train.momentum(0.1, 0.9, true),
      { name: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true },
      ['momentum'],
    ],
    [
      'rmsprop',
      () => tf.train.rmsprop(0.01, 0.8, 0.5, 1e-6),
      { name: 'rmsprop', learningRate: 0.01, rho: 0.8, momentum: 0.5, epsilon: 1e-6, centered: false },
      ['velocity', 'momentum'],
    ],
    [
      'rmsprop without momentum',
      () => tf.train.rmsprop(0.01),
      { name: 'rmsprop', momentum: 0 },
      ['velocity'],
    ],
  ])('%s goes on as it does in tfjs', async (_name, optimizer, settings, kinds) => {
    const model = await trained(small(), optimizer());
    const imported = await importTfjs(sourceOf(await saveFromTfjs(model)));
    const { config, iterations, variables } = imported.optimizer!;
    expect(config).toMatchObject(settings);
    expect(iterations).toBe(3);
    expect([...variables.keys()].sort()).toEqual(
      kinds
        .flatMap((kind) => ['kernel', 'bias'].map((weight) => `${nameIn(imported)}/${weight}/${kind}`))
        .sort(),
    );
    const training = { optimizer: config, iterations, variables, loss: imported.loss! };
    const files = exportTfjs({ network: buildNetwork(imported.layers), weights: imported.weights, training });
    const loaded = await loadIntoTfjs(files);
    await trainedOnce(loaded);
    await trainedOnce(model);
    const [ours, theirs] = [
      await predictInTfjs(loaded, images, SHAPE),
      await predictInTfjs(model, images, SHAPE),
    ];
    expect(largestDifference(ours, theirs)).toBeLessThan(1e-6);
  });

  const nameIn = ({ layers: specs }: Imported): string => specs.at(-1)!.name!;
  const trainedOnce = (model: LayersModel): Promise<unknown> =>
    model.trainOnBatch(tf.tensor(images, [4, ...SHAPE]), tf.oneHot(tf.tensor1d([2, 1, 0, 0], 'int32'), 3));

  it('sgd with momentum brings steps, not gradients', async () => {
    const model = await trained(small(), tf.train.momentum(0.1, 0.9));
    const before = await importTfjs(sourceOf(await saveFromTfjs(model)));
    await trainedOnce(model);
    const { weights, optimizer } = await importTfjs(sourceOf(await saveFromTfjs(model)));
    for (const [name, { data }] of weights) {
      const step = data.map((value, i) => value - before.weights.get(name)!.data[i]!);
      expect(largestDifference(step, optimizer!.variables.get(`${name}/momentum`)!.data)).toBeLessThan(1e-6);
      expect(largestDifference(step, new Float32Array(step.length))).toBeGreaterThan(1e-3);
    }
  });

  // What it computes then is no number: it takes the root of a variance less epsilon.
  it('rmsprop that is centered comes and goes with its state', async () => {
    const files = await saveFromTfjs(await trained(small(), tf.train.rmsprop(0.01, 0.8, 0.5, 1e-6, true)));
    const { layers: specs, weights, optimizer } = await importTfjs(sourceOf(files));
    const { config, variables, iterations } = optimizer!;
    expect(config).toMatchObject({ name: 'rmsprop', centered: true });
    expect(variables.get(`${specs.at(-1)!.name!}/bias/average_gradient`)!.shape).toEqual([3]);
    const training = { optimizer: config, iterations, variables };
    const again = exportTfjs({ network: buildNetwork(specs), weights, training });
    expect(haveSameBits((await importTfjs(sourceOf(again))).optimizer!.variables, variables)).toBe(true);
  });

  it('are left out where there is none like them here, and where none was saved', async () => {
    const adagrad = await saveFromTfjs(await trained(small(), tf.train.adagrad(0.1)));
    expect((await importTfjs(sourceOf(adagrad))).optimizer).toBeUndefined();
    const { optimizer } = await importTfjs(sourceOf(changed(adagrad, (json) => delete json.trainingConfig)));
    expect(optimizer).toBeUndefined();
  });

  it('come along without a step too, and with the metrics', async () => {
    const model = small();
    const trainingConfig = {
      optimizer_config: {
        class_name: 'Adam',
        config: { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
      },
      loss: 'categorical_crossentropy',
      metrics: ['acc'],
    };
    const files = changed(await saveFromTfjs(model), (json) => Object.assign(json, { trainingConfig }));
    const { optimizer, metrics } = await importTfjs(sourceOf(files));
    expect(optimizer).toMatchObject({ config: { name: 'adam', learningRate: 0.02 }, iterations: 0 });
    expect(metrics).toEqual([{ name: 'accuracy' }]);
    const ofConverter = changed(files, (json) => {
      const config = { class_name: 'Adam', config: { learning_rate: 0.02 } };
      Object.assign(json, { trainingConfig: { optimizer_config: config } });
    });
    expect((await importTfjs(sourceOf(ofConverter))).optimizer).toBeUndefined();
  });

  it.each([
    ['an optimizer', adamw(), 'meanSquaredError'],
    ['a setting', sgd({ clipnorm: 1 }), 'meanSquaredError'],
    ['multipliers', sgd({ learningRateMultipliers: { dense: 2 } }), 'meanSquaredError'],
    ['a loss', sgd(), 'huber'],
    ['logits', sgd(), { name: 'binaryCrossentropy', fromLogits: true }],
  ])('stay behind with %s that tfjs does not have', async (_what, optimizer, loss) => {
    const model = sequential([flatten({ inputShape: [2, 2, 1] })]);
    const exported = { network: model.network, weights: model.getWeights() };
    const training = { optimizer, iterations: 1, variables: new Map(), loss: configureLoss(loss) };
    const files = exportTfjs({ ...exported, training });
    expect(files).toEqual(exportTfjs(exported));
    expect((await importTfjs(sourceOf(files))).optimizer).toBeUndefined();
  });

  it.each([
    'binaryCrossentropy',
    'categoricalCrossentropy',
    'meanAbsoluteError',
    'meanSquaredError',
    'sparseCategoricalCrossentropy',
  ])('take the loss along: %s', async (name) => {
    const model = sequential([
      flatten({ inputShape: [6, 5, 2] }),
      dense({ units: 3, activation: 'softmax' }),
    ]);
    const training = { optimizer: sgd(), iterations: 1, variables: new Map(), loss: configureLoss(name) };
    const files = exportTfjs({ network: model.network, weights: model.getWeights(), training });
    expect((await importTfjs(sourceOf(files))).loss).toEqual(configureLoss(name));
    expect((await loadIntoTfjs(files)).loss).toBe(name);
  });
});

describe('other models', () => {
  it('takes vectors, and images without an axis for the channel', async () => {
    const vectors = tfjsSequential({ layers: [layers.dense({ units: 2, inputShape: [60] })] });
    const greys = tfjsSequential({
      layers: [layers.flatten({ inputShape: [6, 10] }), layers.dense({ units: 2 })],
    });
    for (const [model, shape] of [
      [vectors, [60]],
      [greys, [6, 10]],
    ] as const) {
      const imported = await importTfjs(sourceOf(await saveFromTfjs(model)));
      const theirs = await predictInTfjs(model, images, shape);
      expect(largestDifference(await predictHere(imported, images), theirs)).toBeLessThan(1e-6);
    }
  });

  it('takes a ReLU with a threshold, which tfjs cannot train', async () => {
    const model = tfjsSequential({
      layers: [layers.flatten({ inputShape: [6, 5, 2] }), layers.thresholdedReLU({ theta: 0.45 })],
    });
    const imported = await importTfjs(sourceOf(await saveFromTfjs(model)));
    expect(await predictHere(imported, images)).toEqual(await predictInTfjs(model, images, SHAPE));
  });

  it('knows the names that Keras 2 gives weights', async () => {
    const model = graph();
    const files = changed(await saveFromTfjs(model), ({ weightsManifest }) => {
      for (const entry of weightsManifest[0]!.weights) entry.name = `scope/${entry.name}:0`;
    });
    const theirs = await predictInTfjs(model, images, SHAPE);
    expect(
      largestDifference(await predictHere(await importTfjs(sourceOf(files)), images), theirs),
    ).toBeLessThan(1e-6);
  });
});
