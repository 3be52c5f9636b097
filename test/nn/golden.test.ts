/**
 * The tutorial's network on real CIFAR-10 images, against what another framework computed in float64: its logits,
 * activations and gradients, and ten training steps. The fixture has excerpts of the large tensors (see excerpt.mjs
 * there); where the whole case lies beside this repository, all of it is compared.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { availableTiers, type Tier } from '../../src/engine/tier.ts';
import { decodeSafetensors, type SafeTensor, type SafetensorsFile } from '../../src/formats/safetensors.ts';
import { CONVOLUTION_CHOICES, type ConvolutionChoice } from '../../src/nn/operations/convolutionAlgorithm.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { importTensors, tensorsIn, type Tensor } from '../../src/nn/parameters.ts';
import { Session, type FillBatch } from '../../src/nn/session.ts';
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { classification, metricsOf } from './classification.ts';

const BATCH = 64;
const STEPS = 10;
const IMAGE_BYTES = 32 * 32 * 3;

/** The tutorial's network but for the softmax at its end, so that it predicts logits. Its training is the same. */
const LAYERS: readonly LayerSpec[] = [
  conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [32, 32, 3] }),
  maxPooling2d(),
  conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
  flatten(),
  dense({ units: 64, activation: 'relu' }),
  dense({ units: 10 }),
];

interface Golden {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly expected: ReadonlyMap<string, SafeTensor>;
  /** By name: of which tensors every how many-th row is expected. */
  readonly every: ReadonlyMap<string, number>;
}

function loadGolden(folder: URL): Golden {
  const load = (name: string): SafetensorsFile =>
    decodeSafetensors(readFileSync(new URL(`${name}.safetensors`, folder)), name);
  const weights = new Map<string, Tensor>();
  for (const [name, tensor] of load('init').tensors) {
    if (tensor.dtype === 'F32') weights.set(name, tensor);
  }
  const { tensors: batches } = load('batches');
  const { tensors: expected, metadata } = load('expected');
  const excerpts = JSON.parse(metadata.excerpts ?? '{}') as Record<string, { every: number }>;
  return {
    weights,
    images: batches.get('images')!.data as Uint8Array,
    labels: Uint8Array.from(batches.get('labels')!.data as BigInt64Array, Number),
    expected,
    every: new Map(Object.entries(excerpts).map(([name, { every }]) => [name, every])),
  };
}

/** The rows that are expected of a tensor, as the excerpt was made. */
function excerpt(golden: Golden, name: string, data: Float32Array, columns: number): Float32Array {
  const every = golden.every.get(name) ?? 1;
  return data.filter((_, i) => Math.floor(i / columns) % every === 0);
}

function numbers(golden: Golden, name: string): Float32Array | Float64Array {
  return golden.expected.get(name)!.data as Float32Array | Float64Array;
}

function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/** @throws if the lengths differ */
function largestDifference(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  expect(a.length).toBe(b.length);
  return largest(Float64Array.from(a, (value, i) => value - b[i]!));
}

/** ‖a − b‖ */
function distance(a: Float32Array, b: Float32Array | Float64Array): number {
  expect(a.length).toBe(b.length);
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
}

interface Outcome {
  readonly logits: Float32Array;
  readonly losses: readonly number[];
  readonly accuracies: readonly number[];
  readonly gradients: ReadonlyMap<string, Tensor>;
  readonly weights: ReadonlyMap<string, Tensor>;
}

async function train(golden: Golden, tier: Tier, algorithm: ConvolutionChoice): Promise<Outcome> {
  const network = buildNetwork(LAYERS, algorithm);
  const objective = classification(network);
  const session = await Session.create(network, {
    tier,
    threads: 0,
    batch: BATCH,
    objective,
    optimizer: adam(),
  });
  session.writeParameters(importTensors(network, golden.weights, 'init'));
  const batch =
    (step: number): FillBatch<'uint8'> =>
    ({ images, classes }) => {
      images.set(golden.images.subarray(step * BATCH * IMAGE_BYTES, (step + 1) * BATCH * IMAGE_BYTES));
      classes.set(golden.labels.subarray(step * BATCH, (step + 1) * BATCH));
    };
  const logits = await session.predict(BATCH, 'uint8', batch(0));
  const losses: number[] = [];
  const accuracies: number[] = [];
  let gradients: Float32Array = new Float32Array(0);
  for (let step = 0; step < STEPS; step++) {
    const { loss, correct, count } = metricsOf(await session.train(BATCH, 'uint8', batch(step)));
    losses.push(loss / count);
    accuracies.push(correct / count);
    if (step === 0) gradients = await session.readGradients();
  }
  const weights = session.readParameters();
  await session.dispose();
  return {
    logits,
    losses,
    accuracies,
    gradients: tensorsIn(network, gradients),
    weights: tensorsIn(network, weights),
  };
}

/** What the layers up to one give for the first two images. */
async function activation(
  golden: Golden,
  tier: Tier,
  algorithm: ConvolutionChoice,
  layers: readonly LayerSpec[],
): Promise<Float32Array> {
  const network = buildNetwork(layers, algorithm);
  const session = await Session.create(network, { tier, threads: 0, batch: 2 });
  const names = new Set(network.weights.map(({ name }) => name));
  const weights = new Map([...golden.weights].filter(([name]) => names.has(name)));
  session.writeParameters(importTensors(network, weights, 'init'));
  const output = await session.predict(2, 'uint8', ({ images }) => {
    images.set(golden.images.subarray(0, 2 * IMAGE_BYTES));
  });
  await session.dispose();
  return output;
}

const fixture = new URL('../fixtures/golden/', import.meta.url);
const whole = new URL('../../../shared/golden/tutorial-cnn/', import.meta.url);
const sources = existsSync(fileURLToPath(whole)) ? [fixture, whole] : [fixture];

describe.each(sources.map((folder) => ({ folder, name: folder === fixture ? 'excerpt' : 'whole' })))(
  'the golden case, $name',
  ({ folder }) => {
    const golden = loadGolden(folder);

    const runs = availableTiers().flatMap((tier) =>
      CONVOLUTION_CHOICES.map((algorithm) => ({ tier, algorithm })),
    );
    describe.each(runs)('$tier, $algorithm', ({ tier, algorithm }) => {
      let outcome: Outcome;
      beforeAll(async () => {
        outcome = await train(golden, tier, algorithm);
      });

      it('has the logits', () => {
        expect(largestDifference(outcome.logits, numbers(golden, 'logits'))).toBeLessThan(2e-6);
      });

      it('has the gradient of every weight', () => {
        expect(outcome.gradients.size).toBe(10);
        for (const [name, { data, shape }] of outcome.gradients) {
          const expected = numbers(golden, `gradient/${name}`);
          const actual = excerpt(golden, `gradient/${name}`, data, shape.at(-1)!);
          expect(largestDifference(actual, expected) / largest(expected), name).toBeLessThan(2e-5);
        }
      });

      it('has the loss and the accuracy of each of ten steps', () => {
        const losses = numbers(golden, 'losses');
        outcome.losses.forEach((loss, step) => {
          expect(Math.abs(loss / losses[step]! - 1), `step ${step}`).toBeLessThan(1e-5);
        });
        expect(outcome.accuracies).toEqual([...numbers(golden, 'accuracies')]);
      });

      it('has the weights after ten steps', () => {
        for (const [name, { data, shape }] of outcome.weights) {
          const expected = numbers(golden, `after_step_10/${name}`);
          const cut = (values: Float32Array): Float32Array =>
            excerpt(golden, `after_step_10/${name}`, values, shape.at(-1)!);
          const travelled = distance(cut(golden.weights.get(name)!.data), expected);
          const relative = distance(cut(data), expected) / travelled;
          expect(travelled, name).toBeGreaterThan(0);
          // Another framework in float32 is within 6e-4; so are these where no near tie turns. By Winograd for all layers, rounding
          // turns a ReLU the other way in the seventh step, which one filter's gradient shows: 4e-3 of the largest.
          expect(relative, name).toBeLessThan(algorithm === 'winograd' ? 5e-3 : 1e-3);
        }
      });

      it.each([0, 1, 2, 3, 4, 6])('has the activations of layer %i', async (i) => {
        const layers = LAYERS.slice(0, i + 1);
        const { specs, layers: built } = buildNetwork(layers);
        const name = `activation/${specs[i]!.name!}`;
        const columns = built[i]!.outputShape.at(-1)!;
        const actual = excerpt(golden, name, await activation(golden, tier, algorithm, layers), columns);
        const expected = numbers(golden, name);
        expect(largestDifference(actual, expected) / largest(expected)).toBeLessThan(2e-6);
      });
    });
  },
);
