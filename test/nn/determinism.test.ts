/** What comes out depends on the seed and the tier, not on the number of threads or on timing. */
import { describe, expect, it } from 'vitest';
import { availableTiers, type Tier } from '../../src/engine/tier.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { depthwiseConv2d } from '../../src/nn/layers/depthwiseConv2d.ts';
import { LOSS } from '../../src/nn/objective.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { initializeParameters } from '../../src/nn/parameters.ts';
import { Session, type BatchResults, type FillBatch } from '../../src/nn/session.ts';
import { size } from '../../src/nn/shape.ts';
import { conv2d, dense, flatten, maxPooling2d } from '../../src/nn/spec.ts';
import { bytes } from '../reference/data.ts';
import { classification, fillWith } from './classification.ts';
import { networks as graphs } from './networks.ts';

const apart = buildNetwork([
  conv2d({ filters: 9, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [12, 10, 3] }),
  maxPooling2d({ poolSize: 3, strides: 2 }),
  conv2d({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
  conv2d({ filters: 7, kernelSize: 2, activation: 'relu' }),
  flatten(),
  dense({ units: 12, activation: 'relu' }),
  dense({ units: 5, activation: 'softmax' }),
]);

/** Convolutions that are one with their poolings, by im2col, Winograd and im2col, and one by Winograd that is not. */
const pooled = buildNetwork([
  conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [21, 19, 3] }),
  maxPooling2d(),
  conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
  conv2d({ filters: 12, kernelSize: 3, padding: 'same' }),
  maxPooling2d(),
  flatten(),
  dense({ units: 5, activation: 'softmax' }),
]);

/** Both, and others, with padding on some sides. */
const padded = buildNetwork([
  conv2d({
    filters: 8,
    kernelSize: 3,
    padding: [
      [0, 2],
      [1, 1],
    ],
    activation: 'relu',
    inputShape: [12, 10, 3],
  }),
  maxPooling2d(),
  conv2d({
    filters: 8,
    kernelSize: 5,
    padding: [
      [6, 1],
      [2, 2],
    ],
    activation: 'relu',
  }),
  depthwiseConv2d({
    kernelSize: 3,
    strides: 2,
    padding: [
      [1, 0],
      [0, 3],
    ],
  }),
  conv2d({ filters: 6, kernelSize: 1, padding: 1 }),
  maxPooling2d({
    poolSize: 3,
    strides: 2,
    padding: [
      [1, 1],
      [1, 0],
    ],
  }),
  flatten(),
  dense({ units: 5, activation: 'softmax' }),
]);

const networks = [
  { name: 'layers with padding', network: padded },
  { name: 'layers apart', network: apart },
  { name: 'convolutions with their poolings', network: pooled },
];

/** Full batches, and last ones that are not: fewer images than threads, shards or tiles. */
const COUNTS = [33, 33, 17, 5, 1, 33];
const pixels = bytes(
  'images',
  33 * COUNTS.length * Math.max(size(apart.inputShape), size(pooled.inputShape)),
);
const labels = bytes('labels', 33 * COUNTS.length, 5);

interface Outcome {
  readonly metrics: readonly BatchResults[];
  readonly predictions: Float32Array;
  readonly parameters: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

async function train(network: Network, tier: Tier, threads: number): Promise<Outcome> {
  const objective = classification(network);
  const session = await Session.create(network, { tier, threads, batch: 33, objective, optimizer: adam() });
  session.writeParameters(initializeParameters(network, 3));
  const fill = (step: number, count: number): FillBatch<'uint8'> => {
    const length = size(network.inputShape);
    return ({ images, classes }) => {
      images.set(pixels.subarray(step * 33 * length, (step * 33 + count) * length));
      classes.set(labels.subarray(step * 33, step * 33 + count));
    };
  };
  // All at once, so that batches are filled while others are trained on.
  const metrics = await Promise.all(
    COUNTS.map((count, step) => session.train(count, 'uint8', fill(step, count))),
  );
  metrics.push(await session.evaluate(17, 'uint8', fill(1, 17)));
  const predictions = await session.predict(17, 'uint8', fill(1, 17));
  const {
    variables: [m, v],
    steps,
  } = session.readOptimizerState();
  expect(steps).toBe(COUNTS.length);
  const parameters = session.readParameters();
  await session.dispose();
  return { metrics, predictions, parameters, m: m!, v: v! };
}

const bits = (values: Float32Array): Buffer => Buffer.from(values.buffer);

const runs = networks.flatMap((each) => availableTiers().map((tier) => ({ ...each, tier })));

describe.each(runs)('training $name on $tier', ({ network, tier }) => {
  const inline = train(network, tier, 0);

  it('is training', async () => {
    const { parameters, metrics } = await inline;
    expect(parameters.every(Number.isFinite)).toBe(true);
    expect(parameters).not.toEqual(initializeParameters(network, 3));
    expect(metrics.every(({ sums }) => sums[LOSS]! > 0)).toBe(true);
  });

  it.each([0, 1, 2, 3, 7, 2])('has the same bits in %i threads', async (threads) => {
    const expected = await inline;
    const actual = await train(network, tier, threads);
    expect(actual.metrics).toEqual(expected.metrics);
    for (const key of ['predictions', 'parameters', 'm', 'v'] as const) {
      expect(bits(actual[key]).equals(bits(expected[key])), key).toBe(true);
    }
  });
});

describe.each(graphs())('turns of training and inference, $name', ({ network }) => {
  const fill = fillWith(pixels, labels);

  async function run(
    threads: number,
    turns: boolean,
  ): Promise<{ outcomes: unknown[]; parameters: Float32Array }> {
    const objective = classification(network);
    const options = { tier: 'simd', threads, batch: 17, objective, optimizer: adam() } as const;
    const session = await Session.create(network, options);
    session.writeParameters(initializeParameters(network, 3));
    const outcomes: Promise<unknown>[] = [];
    for (const count of [17, 3, 1, 17]) {
      if (turns) {
        outcomes.push(session.evaluate(count, 'uint8', fill), session.predict(17, 'uint8', fill));
        outcomes.push(session.predict(count, 'uint8', fill));
      }
      outcomes.push(session.train(count, 'uint8', fill));
    }
    const results = await Promise.all(outcomes);
    await session.fetch();
    const parameters = session.readParameters();
    await session.dispose();
    return { outcomes: results, parameters };
  }

  it('have the same bits in any number of threads', async () => {
    const expected = await run(0, true);
    for (const threads of [1, 2, 3, 7]) expect(await run(threads, true)).toEqual(expected);
  });

  it('train as if there were no inference', async () => {
    const expected = await run(0, false);
    for (const threads of [0, 3]) {
      const { outcomes, parameters } = await run(threads, true);
      expect(outcomes.filter((_, i) => i % 4 === 3)).toEqual(expected.outcomes);
      expect(bits(parameters).equals(bits(expected.parameters))).toBe(true);
    }
  });
});

describe.each(networks)('resuming, $name', ({ network }) => {
  it('goes on with the same bits', async () => {
    const run = async (restart: boolean): Promise<Float32Array> => {
      const create = (): Promise<Session> =>
        Session.create(network, {
          tier: 'simd',
          threads: 0,
          batch: 33,
          objective: classification(network),
          optimizer: adam(),
        });
      const fill = fillWith(pixels, labels);
      let session = await create();
      session.writeParameters(initializeParameters(network, 3));
      await session.train(33, 'uint8', fill);
      await session.train(17, 'uint8', fill);
      if (restart) {
        const next = await create();
        next.writeParameters(session.readParameters());
        next.writeOptimizerState(session.readOptimizerState());
        session = next;
      }
      await session.train(33, 'uint8', fill);
      return session.readParameters();
    };
    expect(bits(await run(true)).equals(bits(await run(false)))).toBe(true);
  });
});
