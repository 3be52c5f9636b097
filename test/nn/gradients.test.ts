/** Whole networks: one training step's loss, predictions and gradients against the float64 reference. */
import { describe, expect, it } from 'vitest';
import { availableTiers, type Tier } from '../../src/engine/tier.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizer.ts';
import { initializeParameters, tensorsIn } from '../../src/nn/parameters.ts';
import { Session, type Pixels } from '../../src/nn/session.ts';
import { size } from '../../src/nn/shape.ts';
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';
import { bytes, uniform } from '../reference/data.ts';
import { trainingStep, type Step } from '../reference/network.ts';
import { expectWithin } from '../reference/tolerance.ts';

interface Case {
  readonly name: string;
  readonly layers: readonly LayerSpec[];
  readonly count: number;
  /** Whether Winograd's algorithm suits some of its convolutions. */
  readonly winograd?: boolean;
}

const cases: readonly Case[] = [
  {
    name: 'convolutions with strides 2 and 3, same and valid',
    count: 3,
    layers: [
      conv2d({
        filters: 5,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'relu',
        inputShape: [14, 13, 3],
      }),
      conv2d({ filters: 9, kernelSize: 4, strides: 3, activation: 'relu' }),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'three convolutions, the strided ones inside',
    count: 3,
    layers: [
      conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [11, 9, 2] }),
      conv2d({ filters: 8, kernelSize: [3, 5], strides: [2, 3], padding: 'same', activation: 'relu' }),
      conv2d({ filters: 6, kernelSize: 2, strides: 2, padding: 'valid', activation: 'relu' }),
      flatten(),
      dense({ units: 3 }),
    ],
  },
  {
    name: 'a stride larger than the kernel',
    count: 2,
    layers: [
      conv2d({ filters: 5, kernelSize: 3, activation: 'relu', inputShape: [9, 10, 3] }),
      conv2d({ filters: 4, kernelSize: 1, strides: [2, 3] }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'overlapping pooling',
    count: 3,
    layers: [
      conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [9, 11, 3] }),
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      conv2d({ filters: 10, kernelSize: 3, activation: 'relu' }),
      maxPooling2d({ poolSize: [2, 3], strides: 1 }),
      flatten(),
      dense({ units: 5, activation: 'relu' }),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'two poolings in a row, after and without ReLU',
    count: 3,
    layers: [
      conv2d({ filters: 5, kernelSize: 3, activation: 'relu', inputShape: [14, 14, 1] }),
      maxPooling2d(),
      maxPooling2d({ padding: 'same' }),
      conv2d({ filters: 5, kernelSize: 3, padding: 'same' }),
      maxPooling2d({ poolSize: 2, strides: 1 }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'convolutions without pooling or ReLU',
    count: 3,
    layers: [
      conv2d({ filters: 5, kernelSize: 3, padding: 'same', inputShape: [6, 5, 3] }),
      conv2d({ filters: 4, kernelSize: [3, 5], padding: 'same' }),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'a convolution inside that goes straight to a dense layer, with ReLU',
    count: 5,
    layers: [
      conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [5, 6, 3] }),
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      flatten(),
      dense({ units: 9, activation: 'relu' }),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'convolutions of 8 and 16 channels',
    count: 2,
    winograd: true,
    layers: [
      conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [5, 6, 8] }),
      conv2d({ filters: 8, kernelSize: 3 }),
      maxPooling2d(),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'one convolution, flattened',
    count: 17,
    layers: [
      conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [4, 5, 2] }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  },
  {
    name: 'pooling first',
    count: 3,
    layers: [
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same', inputShape: [9, 8, 3] }),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'pooling first, then a convolution',
    count: 3,
    layers: [
      maxPooling2d({ inputShape: [9, 8, 3] }),
      conv2d({ filters: 4, kernelSize: 2, activation: 'relu' }),
      flatten(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  },
  {
    name: 'dense layers only',
    count: 17,
    layers: [
      flatten({ inputShape: [5, 5, 3] }),
      dense({ units: 13, activation: 'relu' }),
      dense({ units: 8 }),
      dense({ units: 16, activation: 'relu' }),
      dense({ units: 10, activation: 'softmax' }),
    ],
  },
  {
    name: 'pooling as the last computation',
    count: 4,
    layers: [
      conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 3] }),
      conv2d({ filters: 5, kernelSize: 3, activation: 'linear' }),
      maxPooling2d({ poolSize: 4 }),
      flatten(),
    ],
  },
  {
    name: 'a convolution as the last computation, with ReLU',
    count: 3,
    layers: [
      conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 7, 3] }),
      conv2d({ filters: 3, kernelSize: [4, 5], activation: 'relu' }),
      flatten(),
    ],
  },
  {
    name: 'ReLU at the very end',
    count: 3,
    layers: [flatten({ inputShape: [3, 3, 1] }), dense({ units: 6, activation: 'relu' })],
  },
];

interface Prepared {
  readonly layers: readonly LayerSpec[];
  readonly network: Network;
  readonly parameters: Float32Array;
  readonly labels: Uint8Array;
  readonly images: { readonly uint8: Uint8Array; readonly float32: Float32Array };
  readonly expected: Readonly<Record<Pixels, Step>>;
}

/** Weights and images such that no ReLU is so near zero, and no two pooled values so equal, that rounding decides. */
function prepare(c: Case): Prepared {
  for (let seed = 1; seed <= 50; seed++) {
    const prepared = attempt(c, seed);
    if (Object.values(prepared.expected).every(isSharp)) return prepared;
  }
  throw new Error(`${c.name}: every seed leaves something to chance`);
}

/** Whether all radii are small: then a wrong gradient would show. */
function isSharp({ gradients }: Step): boolean {
  return [...gradients.values()].every(({ value, radius }) => {
    const largest = Math.max(...value.map(Math.abs));
    return largest > 1e-3 && Math.max(...radius) < 3e-2 * largest;
  });
}

function attempt({ layers, count }: Case, seed: number): Prepared {
  const network = buildNetwork(layers);
  const parameters = initializeParameters(network, seed);
  const tensors = tensorsIn(network, parameters);
  for (const [name, { data }] of tensors) {
    if (name.endsWith('/bias')) data.set(uniform(`${seed} ${name}`, data.length, -0.2, 0.2));
  }
  const labels = bytes('labels', count, size(network.layers.at(-1)!.outputShape));
  const length = count * size(network.inputShape);
  const images = { uint8: bytes(`${seed}`, length), float32: uniform(`${seed}`, length) };
  const weights = new Map([...tensors].map(([name, { data }]) => [name, data]));
  const step = (pixels: Float32Array): Step => trainingStep(network.specs, weights, pixels, labels);
  return {
    layers,
    network,
    parameters,
    labels,
    images,
    expected: {
      uint8: step(Float32Array.from(images.uint8, (value) => value / 255)),
      float32: step(images.float32),
    },
  };
}

/**
 * Winograd's algorithm adds and subtracts the values of a tile before and after it multiplies, so that a result is off
 * by what the largest around it allow, however small it is itself (see Barabasz et al. 2020, "Error Analysis and
 * Improving the Accuracy of Winograd Convolution for Deep Neural Networks"): the largest radius counts for all.
 */
function largest(radius: Float64Array): Float64Array {
  return radius.map(() => Math.max(...radius));
}

async function check(
  prepared: Prepared,
  tier: Tier,
  pixels: Pixels,
  convolution: 'im2col' | 'winograd',
): Promise<void> {
  const { layers, parameters, labels, images, expected } = prepared;
  const network = buildNetwork(layers, convolution);
  const tolerance = convolution === 'im2col' ? (radius: Float64Array) => radius : largest;
  const count = labels.length;
  const fill = (to: Uint8Array | Float32Array, toLabels: Uint8Array): void => {
    to.set(images[pixels]);
    toLabels.set(labels);
  };
  // More room than images: a batch need not be full.
  const session = await Session.create(network, { tier, threads: 0, batch: count + 2, optimizer: adam() });
  session.writeParameters(parameters);
  const evaluated = await session.evaluate(count, pixels, fill);
  const predicted = await session.predict(count, pixels, fill);
  const trained = await session.train(count, pixels, fill);
  const gradients = tensorsIn(network, session.readGradients());
  await session.dispose();

  expect(evaluated).toEqual(trained);
  const { logits, loss, correct, gradients: references } = expected[pixels];
  expect(trained).toMatchObject({ correct, count });
  expectWithin('loss', [trained.loss], loss.value, tolerance(loss.radius));
  if (network.layers.at(-1)!.activation !== 'softmax') {
    expectWithin('logits', predicted, logits.value, tolerance(logits.radius));
  }
  expect([...gradients.keys()]).toEqual(network.weights.map(({ name }) => name));
  for (const [name, { data }] of gradients) {
    const { value, radius } = references.get(name)!;
    expectWithin(name, data, value, tolerance(radius));
  }
}

const prepared = cases.map((c) => ({ ...c, prepared: prepare(c) }));

describe.each(prepared)('$name', ({ layers, prepared }) => {
  it('is about every weight', () => {
    for (const { gradients } of Object.values(prepared.expected)) {
      const names = buildNetwork(layers).weights.map(({ name }) => name);
      expect([...gradients.keys()].sort()).toEqual(names.sort());
    }
  });

  it.each(
    availableTiers().flatMap((tier) => (['uint8', 'float32'] as const).map((pixels) => ({ tier, pixels }))),
  )('has the right gradients on $tier, from $pixels images', ({ tier, pixels }) =>
    check(prepared, tier, pixels, 'im2col'),
  );
});

describe.each(prepared.filter(({ winograd }) => winograd))('$name, by Winograd', ({ prepared }) => {
  it.each(availableTiers())('has nearly the same gradients on %s', (tier) =>
    check(prepared, tier, 'uint8', 'winograd'),
  );
});
