/** Whole networks: one training step's loss, predictions and gradients against the float64 reference. */
import { describe, expect, it } from 'vitest';
import { availableTiers, type Tier } from '../../src/engine/tier.ts';
import { buildNetwork, graphOf, type Network } from '../../src/nn/network.ts';
import type { ConvolutionChoice } from '../../src/nn/operations/convolutionAlgorithm.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { initializeParameters, tensorsIn } from '../../src/nn/parameters.ts';
import { Session, type Pixels } from '../../src/nn/session.ts';
import { size } from '../../src/nn/shape.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { fuse } from '../../src/nn/fusion.ts';
import { bytes, uniform } from '../reference/data.ts';
import { trainingStep, type Step } from '../reference/network.ts';
import { expectWithin } from '../reference/tolerance.ts';
import { classification, fillWith, metricsOf } from './classification.ts';
import { cases, type GradientCase } from './gradientCases.ts';

interface Prepared {
  readonly layers: readonly LayerSpec[];
  readonly network: Network;
  readonly parameters: Float32Array;
  readonly labels: Uint8Array;
  readonly images: { readonly uint8: Uint8Array; readonly float32: Float32Array };
  readonly expected: Readonly<Record<Pixels, Step>>;
}

/** Weights and images such that no ReLU is so near zero, and no two pooled values so equal, that rounding decides. */
function prepare(c: GradientCase): Prepared {
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

function attempt({ layers, count }: GradientCase, seed: number): Prepared {
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

function endsInSoftmax(layers: readonly LayerSpec[]): boolean {
  const last = layers.at(-1)!;
  return 'activation' in last && last.activation === 'softmax';
}

/** How many operations a step of training has. */
function operations(layers: readonly LayerSpec[], choice: ConvolutionChoice): number {
  return fuse(graphOf(buildNetwork(layers, choice), true).nodes, true).length;
}

async function check(
  prepared: Prepared,
  tier: Tier,
  pixels: Pixels,
  convolution: ConvolutionChoice,
  tolerance: (radius: Float64Array) => Float64Array,
): Promise<void> {
  const { layers, parameters, labels, images, expected } = prepared;
  const network = buildNetwork(layers, convolution);
  const count = labels.length;
  const fill = fillWith(images[pixels], labels);
  // More room than images: a batch need not be full.
  const session = await Session.create(network, {
    tier,
    threads: 0,
    batch: count + 2,
    objective: classification(network),
    optimizer: adam(),
  });
  session.writeParameters(parameters);
  const evaluated = metricsOf(await session.evaluate(count, pixels, fill));
  const predicted = await session.predict(count, pixels, fill);
  const trained = metricsOf(await session.train(count, pixels, fill));
  const gradients = tensorsIn(network, await session.readGradients());
  await session.dispose();

  expect(evaluated).toEqual(trained);
  const { logits, loss, correct, gradients: references } = expected[pixels];
  expect(trained).toMatchObject({ correct, count });
  expectWithin('loss', [trained.loss], loss.value, tolerance(loss.radius));
  if (!endsInSoftmax(layers)) {
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
    check(prepared, tier, pixels, 'im2col', (radius) => radius),
  );
});

describe.each(prepared.filter(({ winograd }) => winograd))('$name, by Winograd', ({ prepared }) => {
  it.each(availableTiers())('has nearly the same gradients on %s', (tier) =>
    check(prepared, tier, 'uint8', 'winograd', largest),
  );
});

describe.each(prepared.filter(({ pooled }) => pooled))('$name, as one', ({ prepared, winograd, layers }) => {
  it('has fewer operations in the plan', () => {
    expect(operations(layers, 'auto')).toBeLessThan(operations(layers, 'im2col'));
  });

  it.each(availableTiers())('has the right gradients on %s', (tier) =>
    check(prepared, tier, 'uint8', 'auto', winograd ? largest : (radius) => radius),
  );
});
