/** Where threads cannot share memory, everything is as it is elsewhere, but for their number. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engine } from '../../src/engine/info.ts';
import { EngineError, TrainingError } from '../../src/errors.ts';
import type * as platform from '../../src/platform/node.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import type { SequentialOptions } from '../../src/training/options.ts';
import { brightestChannel, smallModel, smallNetwork } from './smallModel.ts';

const here = vi.hoisted(() => ({ reason: undefined as string | undefined, workers: 0 }));

vi.mock('#platform', async (original) => {
  const real = await original<typeof platform>();
  return {
    ...real,
    whyNotShared: () => here.reason,
    startThread: (...args: Parameters<typeof real.startThread>) => {
      const worker = real.startThread(...args);
      here.workers++;
      let ended = false;
      return {
        ...worker,
        terminate: () => {
          if (!ended) here.workers--;
          ended = true;
          return worker.terminate();
        },
      };
    },
  };
});

const { x, y } = brightestChannel(200);
const floats = Float32Array.from(x, (byte) => byte / 255);
const models: Model[] = [];

beforeEach(() => {
  here.reason = 'this is a test';
});

afterEach(async () => {
  await Promise.all(models.splice(0).map((model) => model.dispose()));
  expect(here.workers).toBe(0);
});

function kept(options: SequentialOptions = {}): Model {
  const model = smallModel({ tier: 'simd', threads: 4, ...options });
  models.push(model);
  return model;
}

/** Everything that can be told from a training, with what is seen between its epochs. */
async function train(model: Model): Promise<unknown> {
  const seen: Uint8Array[] = [];
  const note = (): void => void seen.push(encodeModel(model));
  const options = { epochs: 2, batchSize: 64, validationSplit: 0.25, callbacks: { onEpochEnd: note } };
  const history = await model.fit(x, y, options);
  note();
  const again = await model.fit(floats, y, { batchSize: 32 });
  note();
  const results = [
    await model.evaluate(x, y),
    await model.predict(x),
    await model.predict(x.subarray(0, 108)),
  ];
  return { history, again, seen, results };
}

describe('without shared memory', () => {
  it('trains, evaluates and predicts to the same bits, in one thread', async () => {
    const model = kept();
    const alone = await train(model);
    here.reason = undefined;
    const team = kept();
    expect(await train(team)).toEqual(alone);
    here.reason = 'this is a test';
    await model.fit(x, y);
    expect(model.engine?.threads).toBe(1);
    await team.fit(x, y);
    expect(team.engine?.threads).toBe(4);
  });

  it('says how many threads there are, and why', async () => {
    expect(await engine.info()).toEqual({
      tier: 'relaxed',
      threads: 1,
      sharedMemory: false,
      reason: 'There is one thread because this is a test.',
    });
  });

  it('has the weights of the last step after a training that was stopped', async () => {
    const controller = new AbortController();
    const model = kept();
    const before = encodeModel(model);
    const stopped: Uint8Array[] = [];
    const { epoch } = await model.fit(x, y, {
      epochs: 9,
      batchSize: 10,
      signal: controller.signal,
      callbacks: {
        onBatchEnd: (batch) => {
          if (batch === 2) controller.abort();
        },
        onTrainEnd: () => void stopped.push(encodeModel(model)),
      },
    });
    expect(epoch).toEqual([]);
    expect(stopped[0]).not.toEqual(before);
    expect(encodeModel(model)).toEqual(stopped[0]);
    await model.dispose();
    expect(encodeModel(model)).toEqual(stopped[0]);
  });

  it('takes weights between epochs', async () => {
    const model = kept();
    const weights = model.getWeights();
    await model.fit(x, y, {
      callbacks: {
        onEpochEnd: () => {
          model.setWeights(weights);
        },
      },
    });
    expect([...model.getWeights()]).toEqual([...weights]);
    const fresh = kept();
    expect(await model.predict(x)).toEqual(await fresh.predict(x));
  });

  it('stops when the loss diverges', async () => {
    const model = sequential(smallNetwork, { tier: 'simd' });
    models.push(model);
    model.compile({ optimizer: adam({ learningRate: 1e30 }), loss: 'sparseCategoricalCrossentropy' });
    await expect(model.fit(x, y, { epochs: 3, batchSize: 50 })).rejects.toThrow(TrainingError);
  });

  it.each([undefined, 'this is a test'])('is disposed of even while it starts: %s', async (reason) => {
    here.reason = reason;
    const model = kept();
    const given = expect(model.fit(x, y, { epochs: 1e6 })).rejects.toThrow('has been disposed of');
    await model.dispose();
    expect(here.workers).toBe(0);
    await given;
  });

  it('gives up what is under way when it is disposed of, and can go on afterwards', async () => {
    const model = kept();
    await model.fit(x, y);
    const before = encodeModel(model);
    const training = model.fit(x, y, { epochs: 50 });
    const given = expect(training).rejects.toThrow(new EngineError('The model has been disposed of.'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await model.dispose();
    await given;
    expect(encodeModel(model)).not.toEqual(before);
    await model.fit(x, y);
  });
});
