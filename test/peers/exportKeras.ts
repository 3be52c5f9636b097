/** Writes models for test/peers/keras.py to check: `npx tsx --conditions=simdnet-source test/peers/exportKeras.ts FOLDER [NAME …]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportKeras } from '../../src/exchange/keras/export.ts';
import { encodeSafetensors } from '../../src/formats/safetensors.ts';
import { NETWORKS, networkPreset } from '../../src/networks/registry.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { adamw } from '../../src/nn/optimizers/adamw.ts';
import { lion } from '../../src/nn/optimizers/lion.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import { rmsprop } from '../../src/nn/optimizers/rmsprop.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { cosineDecay } from '../../src/nn/schedules/cosineDecay.ts';
import { sequential } from '../../src/training/factories.ts';
import { randomStream } from '../../src/random.ts';
import { everyLayer } from '../training/everyLayer.ts';
import { smallNetwork } from '../training/smallModel.ts';

interface Case {
  readonly name: string;
  readonly layers: readonly LayerSpec[];
  readonly optimizer: OptimizerConfig;
}

const COUNT = 8;

const presets = NETWORKS.map(({ name }): Case => {
  const layers = networkPreset(name, { inputShape: [32, 32, 3], classes: 10 });
  // MobileNet has shifts whose gradient is zero but for rounding; Adam makes steps of that as long as any other.
  const optimizer = name === 'mobilenetv2' ? sgd({ momentum: 0.9 }) : adam({ float32Corrections: true });
  return { name, layers, optimizer };
});

/** Of every optimizer that both have, with every kind of variable. */
const optimizers: readonly OptimizerConfig[] = [
  sgd({ learningRate: 0.05 }),
  sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01, clipnorm: 1 }),
  adam({ amsgrad: true, useEma: true, float32Corrections: true }),
  adamw({ gradientAccumulationSteps: 2, float32Corrections: true }),
  rmsprop({
    momentum: 0.9,
    centered: true,
    learningRate: cosineDecay({ initialLearningRate: 0.01, decaySteps: 20 }),
  }),
  lion(),
];

const cases: readonly Case[] = [
  ...presets,
  { name: 'everyLayer', layers: everyLayer(), optimizer: adam() },
  ...optimizers.map((optimizer, i) => ({ name: `${optimizer.name}-${i}`, layers: smallNetwork, optimizer })),
];

const [folder = '', ...names] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const each of cases) if (names.length === 0 || names.includes(each.name)) await write(each);

async function write({ name, layers, optimizer }: Case): Promise<void> {
  const model = sequential(layers, { seed: 1, threads: 1 });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
  const { inputShape, outputShape, specs } = model.network;
  const shape = [COUNT, ...inputShape];
  const random = randomStream(1, name);
  const draw = (): number => random.uniform();
  const images = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => draw());
  const labels = Int32Array.from({ length: COUNT }, () => Math.floor(draw() * outputShape.at(-1)!));
  const step = (epoch: number) =>
    model.fit(images, labels, { batchSize: COUNT, shuffle: false, initialEpoch: epoch, epochs: epoch + 1 });
  for (let epoch = 0; epoch < 3; epoch++) await step(epoch);
  const { network } = model;
  const [weights, variables] = [model.getWeights(), model.getOptimizerVariables()];
  const output = await model.predict(images);
  const [file] = exportKeras({
    network,
    weights,
    training: { optimizer, iterations: 3, variables },
  });
  const tensors = new Map<string, Tensor>([
    ['input', { shape, data: images }],
    ['output', output],
    ...prefixed('optimizer/', variables),
  ]);
  // The average of the weights takes their place at the end of each fit, so that another one begins elsewhere.
  if (!optimizer.useEma && !specs.some(({ type }) => /random|dropout|cutout|mixUp/i.test(type))) {
    await step(3);
    tensors.set('labels', { shape: [COUNT], data: Float32Array.from(labels) });
    for (const [key, tensor] of prefixed('after/', model.getWeights())) tensors.set(key, tensor);
    for (const [key, tensor] of prefixed('optimizer_after/', model.getOptimizerVariables())) {
      tensors.set(key, tensor);
    }
  }
  const typed = new Map([...tensors].map(([key, tensor]) => [key, { dtype: 'F32', ...tensor } as const]));
  writeFileSync(join(folder, `${name}.keras`), file!.content);
  writeFileSync(join(folder, `${name}.keras.safetensors`), encodeSafetensors(typed));
  await model.dispose();
  console.log(name);
}

function prefixed(prefix: string, tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] {
  return [...tensors].map(([key, tensor]) => [`${prefix}${key}`, tensor]);
}
