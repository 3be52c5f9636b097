import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/errors.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { initializeParameters } from '../../src/nn/parameters.ts';
import { Session, type SessionOptions } from '../../src/nn/session.ts';
import { conv2d, dense, flatten, maxPooling2d } from '../../src/nn/spec.ts';
import { uniform } from '../reference/data.ts';
import { classification, fillWith, metricsOf } from './classification.ts';

const network = buildNetwork([
  conv2d({ filters: 5, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 6, 2] }),
  maxPooling2d(),
  flatten(),
  dense({ units: 4, activation: 'softmax' }),
]);
const parameters = initializeParameters(network, 1);
const images = uniform('images', 8 * 72);
const objective = classification(network);
const fill = fillWith(images, new Uint8Array(8).fill(2));

async function create(options: Partial<SessionOptions> = {}): Promise<Session> {
  const session = await Session.create(network, {
    tier: 'simd',
    threads: 0,
    batch: 8,
    objective,
    ...options,
  });
  session.writeParameters(parameters);
  return session;
}

describe('Session', () => {
  it('says what it is', async () => {
    const session = await create({ tier: 'auto', optimizer: adam() });
    expect(session).toMatchObject({ batch: 8, tier: 'relaxed', threads: 1, trains: true });
    expect(session.arenaBytes).toBeGreaterThan(4 * parameters.byteLength);
    const forward = await create();
    expect(forward.trains).toBe(false);
    expect(forward.arenaBytes).toBeLessThan(session.arenaBytes);
  });

  it('gives back the parameters that it was given, as a copy', async () => {
    const session = await create();
    const copy = session.readParameters();
    expect(copy).toEqual(parameters);
    copy.fill(0);
    expect(session.readParameters()).toEqual(parameters);
  });

  it('predicts the same for an image wherever in a batch it is', async () => {
    const session = await create();
    const together = await session.predict(8, 'float32', fill);
    for (let n = 0; n < 8; n++) {
      const alone = await session.predict(1, 'float32', (to) => {
        to.images.set(images.subarray(n * 72, n * 72 + 72));
      });
      expect(alone).toEqual(together.subarray(n * 4, n * 4 + 4));
      expect(Math.abs(alone.reduce((sum, value) => sum + value, 0) - 1)).toBeLessThan(3e-7);
    }
  });

  it('keeps out of the way of other sessions of the same network', async () => {
    const train = async (session: Session): Promise<Float32Array> => {
      await session.train(2, 'float32', fill);
      return session.readParameters();
    };
    const options = { optimizer: adam() };
    const alone = await train(await create({ ...options, batch: 2 }));
    const first = await create({ ...options, batch: 2 });
    await create({ ...options, batch: 64 });
    expect(await train(first)).toEqual(alone);
  });

  it('notices new parameters, from outside and from training', async () => {
    const session = await create({ optimizer: adam({ learningRate: 0.1 }) });
    const first = await session.predict(8, 'float32', fill);
    await session.train(8, 'float32', fill);
    const second = await session.predict(8, 'float32', fill);
    expect(second).not.toEqual(first);
    expect(metricsOf(await session.evaluate(8, 'float32', fill)).loss).toBeLessThan(
      -first.filter((_, i) => i % 4 === 2).reduce((sum, p) => sum + Math.log(p), 0),
    );
    session.writeParameters(parameters);
    expect(await session.predict(8, 'float32', fill)).toEqual(first);
  });

  it('learns a batch by heart', async () => {
    const session = await create({ optimizer: adam({ learningRate: 0.02 }) });
    const label = fillWith(images, [0, 1, 2, 3, 3, 2, 1, 0]);
    const before = metricsOf(await session.evaluate(8, 'float32', label));
    for (let step = 0; step < 100; step++) await session.train(8, 'float32', label);
    const after = metricsOf(await session.evaluate(8, 'float32', label));
    expect(after.correct).toBe(8);
    expect(after.loss).toBeLessThan(before.loss / 20);
  });

  it('does not keep what an earlier, larger batch has left behind', async () => {
    const session = await create({ optimizer: adam() });
    await session.train(8, 'float32', ({ images: to, classes }) => {
      to.fill(1e3);
      classes.fill(1);
    });
    session.writeParameters(parameters);
    session.writeOptimizerState({ variables: [parameters.map(() => 0), parameters.map(() => 0)], steps: 0 });
    const fresh = await create({ optimizer: adam() });
    expect(await session.train(3, 'float32', fill)).toEqual(await fresh.train(3, 'float32', fill));
    expect(await session.readGradients()).toEqual(await fresh.readGradients());
    expect(session.readParameters()).toEqual(fresh.readParameters());
  });

  it('keeps the gaps between weights at zero', async () => {
    const session = await create({ optimizer: adam() });
    for (let step = 0; step < 3; step++) await session.train(8, 'float32', fill);
    // 90, 5, 180 and 4 values, each rounded up to 16.
    const weights = [
      [0, 90],
      [96, 101],
      [112, 292],
      [304, 308],
    ] as const;
    const { variables } = session.readOptimizerState();
    expect(parameters.length).toBe(320);
    for (const block of [session.readParameters(), await session.readGradients(), ...variables]) {
      for (const [begin, end] of weights) block.fill(0, begin, end);
      expect(block).toEqual(new Float32Array(320));
    }
  });

  it('passes on an error of whoever fills the batch, and goes on', async () => {
    const session = await create({ threads: 1 });
    const expected = await session.predict(2, 'float32', fill);
    const failing = session.predict(2, 'float32', () => {
      throw new Error('no such image');
    });
    await expect(failing).rejects.toThrow('no such image');
    for (let i = 0; i < 4; i++) expect(await session.predict(2, 'float32', fill)).toEqual(expected);
    await session.dispose();
  });

  it('runs nothing once it has been disposed of', async () => {
    const session = await create({ threads: 2 });
    await session.dispose();
    await expect(session.predict(1, 'float32', fill)).rejects.toThrow('The model has been disposed of.');
  });

  it('says so if a batch does not fit into memory', async () => {
    const attempt = create({ batch: 2 ** 24 });
    await expect(attempt).rejects.toThrow(EngineError);
    await expect(attempt).rejects.toThrow(/more than the 4 GiB of WebAssembly: use a smaller batch\./);
  });
});
