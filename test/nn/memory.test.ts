/** Memory that is used again: nobody reads what others have left there, and zeros are where they are expected. */
import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { initializeParameters } from '../../src/nn/parameters.ts';
import { Session } from '../../src/nn/session.ts';
import { size } from '../../src/nn/shape.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { CONVOLUTION_CHOICES } from '../../src/nn/operations/convolutionAlgorithm.ts';
import { bytes, uniform } from '../reference/data.ts';
import { classification, fillWith } from './classification.ts';
import { networks } from './networks.ts';
import { PlanBench } from './planBench.ts';

const BATCH = 5;
const classes = bytes('classes', BATCH, 5);
const all = CONVOLUTION_CHOICES.flatMap((choice) =>
  networks(choice).map((each) => ({ ...each, name: `${each.name}, ${choice}` })),
);
/** More than 16 MiB of packed weights, which are each packed just before they are used. */
const wide = buildNetwork([
  flatten({ inputShape: [16, 16, 4] }),
  dense({ units: 1216, activation: 'relu' }),
  dense({ units: 1152, activation: 'relu' }),
  dense({ units: 5, activation: 'softmax' }),
]);
/** The same behind a flatten, which runs nothing that others could be packed beside. */
const wideBehind = buildNetwork([
  conv2d({ filters: 8, kernelSize: 3, padding: 'same', inputShape: [16, 16, 4] }),
  flatten(),
  dense({ units: 1216, activation: 'relu' }),
  dense({ units: 5, activation: 'softmax' }),
]);

describe.each([
  ...all,
  { name: 'wide layers', network: wide },
  { name: 'wide layers behind a flatten', network: wideBehind },
])('$name', ({ network }) => {
  const images = uniform('images', BATCH * size(network.inputShape), 0, 1);
  const parameters = initializeParameters(network, 1);
  const objective = classification(network);

  function bench(threads: number): PlanBench {
    const made = new PlanBench(network, objective, BATCH, threads);
    made.write(parameters, images, classes);
    return made;
  }

  it.each([1, 3])('reads nothing that it has not written, in %i threads', (threads) => {
    const clean = bench(1);
    clean.enterTraining();
    const trained = [BATCH, 2, BATCH].map((count) => clean.train(count));
    clean.prepare();
    const evaluated = [BATCH, 3].map((count) => clean.evaluate(count));
    for (const values of evaluated) expect(values.every(Number.isFinite)).toBe(true);

    const spoilt = bench(threads);
    spoilt.spoil();
    spoilt.enterTraining();
    expect([BATCH, 2].map((count) => spoilt.train(count))).toEqual(trained.slice(0, 2));
    spoilt.spoil();
    spoilt.enterTraining();
    expect(spoilt.train(BATCH)).toEqual(trained[2]);
    spoilt.spoil();
    spoilt.prepare();
    expect([BATCH, 3].map((count) => spoilt.evaluate(count))).toEqual(evaluated);
  });

  it('has the same bits by turns as in sessions of its own', async () => {
    const fill = fillWith(images, classes);
    const create = async (weights: Float32Array): Promise<Session> => {
      const options = { tier: 'simd', threads: 0, batch: BATCH, objective, optimizer: adam() } as const;
      const session = await Session.create(network, options);
      session.writeParameters(weights);
      return session;
    };
    const turns = await create(parameters);
    const trainsOnly = await create(parameters);
    for (const count of [BATCH, 3, BATCH]) {
      const evaluated = await turns.evaluate(count, 'float32', fill);
      const predicted = await turns.predict(count, 'float32', fill);
      const fresh = await create(turns.readParameters());
      expect(await fresh.predict(count, 'float32', fill)).toEqual(predicted);
      expect(await fresh.evaluate(count, 'float32', fill)).toEqual(evaluated);
      expect(await turns.train(count, 'float32', fill)).toEqual(
        await trainsOnly.train(count, 'float32', fill),
      );
      const [actual, expected] = [turns, trainsOnly].map((each) => Buffer.from(each.readParameters().buffer));
      expect(actual!.equals(expected!)).toBe(true);
    }
  });
});
