/** A training that stops anywhere and goes on ends with the same bits. */
import { describe, expect, it } from 'vitest';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { dropout } from '../../src/nn/layers/dropout.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { rmsprop } from '../../src/nn/optimizers/rmsprop.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import { cosineDecay } from '../../src/nn/schedules/cosineDecay.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import { sequential } from '../../src/training/factories.ts';
import type { History } from '../../src/training/history.ts';
import type { Model } from '../../src/training/model.ts';
import type { FitOptions } from '../../src/training/options.ts';
import { brightestChannel } from './smallModel.ts';

const { x, y } = brightestChannel(50);
const options: FitOptions = { epochs: 3, batchSize: 8, validationSplit: 0.2 };

/** With state, with dropout: what a checkpoint forgets changes what comes. */
function forgetfulModel(optimizer: OptimizerConfig, seed = 3): Model {
  const layers = [
    conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 3] }),
    batchNormalization(),
    dropout({ rate: 0.3 }),
    flatten(),
    dense({ units: 3, activation: 'softmax' }),
  ];
  const model = sequential(layers, { seed, threads: 2 });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

interface Trained {
  readonly history: History;
  readonly weights: unknown;
  readonly variables: unknown;
}

async function train(model: Model, more: FitOptions = {}): Promise<Trained> {
  const history = await model.fit(x, y, { ...options, ...more });
  const result = { history, weights: model.getWeights(), variables: model.getOptimizerVariables() };
  await model.dispose();
  return result;
}

/** All checkpoints of a training, as bytes, and what it came to. */
async function checkpointed(
  model: Model,
  more: FitOptions,
): Promise<{ files: Uint8Array[]; trained: Trained }> {
  const files: Uint8Array[] = [];
  const onCheckpoint = async (): Promise<void> => void files.push(await encodeCheckpoint(model.checkpoint()));
  const trained = await train(model, { ...more, callbacks: { onCheckpoint } });
  return { files, trained };
}

const optimizers: Readonly<Record<string, OptimizerConfig>> = {
  'SGD with lookahead': sgd({ momentum: 0.9, lookahead: { steps: 3, decay: 0.5 } }),
  'Adam with averaged weights': adam({ amsgrad: true, useEma: true, emaMomentum: 0.9 }),
  'SGD with a schedule, momentum and accumulation': sgd({
    learningRate: cosineDecay({ initialLearningRate: 0.1, decaySteps: 15 }),
    momentum: 0.9,
    gradientAccumulationSteps: 2,
  }),
  'RMSprop, centred': rmsprop({ centered: true, momentum: 0.5, globalClipnorm: 1 }),
};

describe.each(Object.entries(optimizers))('a checkpoint of %s', (_, optimizer) => {
  it('leads to the same bits, wherever it was taken', async () => {
    const undisturbed = await train(forgetfulModel(optimizer));
    const { files, trained } = await checkpointed(forgetfulModel(optimizer), {
      checkpointEvery: { steps: 2 },
    });
    expect(trained).toEqual(undisturbed);
    // 5 steps an epoch: after every second step, and at the end of each epoch.
    expect(files).toHaveLength(7 + 3 - 1);
    for (const file of files) {
      const resumeFrom = await decodeCheckpoint(file, 'the checkpoint');
      expect(await train(forgetfulModel(optimizer), { resumeFrom })).toEqual(undisturbed);
    }
  });
});

describe('a training that goes on', () => {
  const optimizer = sgd({ learningRate: 0.05, momentum: 0.9 });

  it('takes more epochs', async () => {
    const undisturbed = await train(forgetfulModel(optimizer), { epochs: 4 });
    const { files } = await checkpointed(forgetfulModel(optimizer), {});
    const resumeFrom = await decodeCheckpoint(files.at(-1)!, 'the checkpoint');
    expect(await train(forgetfulModel(optimizer), { epochs: 4, resumeFrom })).toEqual(undisturbed);
  });

  it('trains no more when it was complete', async () => {
    const { files, trained } = await checkpointed(forgetfulModel(optimizer), {});
    const resumeFrom = await decodeCheckpoint(files.at(-1)!, 'the checkpoint');
    const model = forgetfulModel(optimizer);
    let begun = 0;
    const onBatchBegin = (): void => {
      begun++;
    };
    expect(await train(model, { resumeFrom, callbacks: { onBatchBegin } })).toEqual(trained);
    expect(begun).toBe(0);
  });

  it('can have been interrupted in training', async () => {
    const undisturbed = await train(forgetfulModel(optimizer));
    const controller = new AbortController();
    const model = forgetfulModel(optimizer);
    let file: Uint8Array = new Uint8Array();
    const callbacks = {
      onBatchEnd: (batch: number, { seen }: { seen: number }) => {
        if (batch === 2 && seen === 24) controller.abort();
      },
      onCheckpoint: async () => {
        file = await encodeCheckpoint(model.checkpoint());
      },
    };
    const stopped = await model.fit(x, y, { ...options, callbacks, signal: controller.signal });
    expect(stopped.stopped).toBe(true);
    const resumeFrom = await decodeCheckpoint(file, 'the checkpoint');
    expect(resumeFrom.training!.position.batch).toBeGreaterThanOrEqual(3);
    expect(await train(forgetfulModel(optimizer), { resumeFrom })).toEqual(undisturbed);
  });

  it('can have been interrupted in validation', async () => {
    const undisturbed = await train(forgetfulModel(optimizer));
    const controller = new AbortController();
    const model = forgetfulModel(optimizer);
    const callbacks = {
      onValidationBatchBegin: () => {
        controller.abort();
      },
    };
    await model.fit(x, y, { ...options, callbacks, signal: controller.signal });
    const resumeFrom = model.checkpoint();
    expect(resumeFrom.training!.position).toMatchObject({ epoch: 0, batch: 5 });
    expect(await train(forgetfulModel(optimizer), { resumeFrom })).toEqual(undisturbed);
  });

  it('can be a second one', async () => {
    const twice = async (model: Model): Promise<Model> => {
      await model.fit(x, y, { ...options, epochs: 1 });
      return model;
    };
    const undisturbed = await train(await twice(forgetfulModel(optimizer)));
    const { files } = await checkpointed(await twice(forgetfulModel(optimizer)), {});
    const resumeFrom = await decodeCheckpoint(files[1]!, 'the checkpoint');
    expect(await train(forgetfulModel(optimizer), { resumeFrom })).toEqual(undisturbed);
  });

  it('can begin with the first step', async () => {
    const undisturbed = await train(forgetfulModel(optimizer));
    const resumeFrom = forgetfulModel(optimizer).checkpoint();
    const used = forgetfulModel(optimizer);
    await used.trainOnBatch(x.subarray(0, 1080), y.subarray(0, 10));
    expect(await train(used, { resumeFrom })).toEqual(undisturbed);
  });

  it('keeps a learning rate that was set by hand', async () => {
    const slowed = (model: Model): FitOptions => ({
      callbacks: {
        onEpochEnd: (epoch) => {
          if (epoch === 0) model.learningRate = 0.001;
        },
      },
    });
    const first = forgetfulModel(optimizer);
    const files: Uint8Array[] = [];
    const onCheckpoint = async (): Promise<void> =>
      void files.push(await encodeCheckpoint(first.checkpoint()));
    const undisturbed = await train(first, {
      callbacks: [slowed(first).callbacks as object, { onCheckpoint }],
    });
    const second = forgetfulModel(optimizer);
    const resumeFrom = await decodeCheckpoint(files[0]!, 'the checkpoint');
    expect(await train(second, { resumeFrom, ...slowed(second) })).toEqual(undisturbed);
  });

  it('can be fed by a function that makes the batches of an epoch', async () => {
    const batches = function* (epoch: number): Generator<{ x: Uint8Array; y: Uint8Array }> {
      for (let i = 0; i < 4; i++) {
        const begin = (epoch * 4 + i) * 3;
        yield { x: x.subarray(begin * 108, (begin + 3) * 108), y: y.subarray(begin, begin + 3) };
      }
    };
    const run = async (more: FitOptions): Promise<unknown> => {
      const model = forgetfulModel(optimizer);
      await model.fit(batches, undefined, { epochs: 3, ...more });
      const weights = model.getWeights();
      await model.dispose();
      return weights;
    };
    const undisturbed = await run({});
    const model = forgetfulModel(optimizer);
    const checkpoints: ReturnType<Model['checkpoint']>[] = [];
    const callbacks = { onCheckpoint: () => void checkpoints.push(model.checkpoint()) };
    await model.fit(batches, undefined, { epochs: 3, callbacks, checkpointEvery: { steps: 3 } });
    for (const resumeFrom of checkpoints) expect(await run({ resumeFrom })).toEqual(undisturbed);
    await expect(run({ resumeFrom: checkpoints[0]! })).resolves.toBeDefined();
    await expect(
      model.fit(batches(0), undefined, { stepsPerEpoch: 2, resumeFrom: checkpoints[0]! }),
    ).rejects.toThrow('resumeFrom needs arrays, or a function that makes the batches of an epoch.');
    await model.dispose();
  });
});

describe('what is refused', () => {
  const optimizer = sgd({ learningRate: 0.05, momentum: 0.9 });
  const taken = checkpointed(forgetfulModel(optimizer), {}).then(({ files }) =>
    decodeCheckpoint(files[0]!, 'the checkpoint'),
  );

  /** Neither weights nor steps of the checkpoint. */
  function mustHaveTakenNothing(model: Model): void {
    expect(model.getWeights()).toEqual(forgetfulModel(optimizer).getWeights());
    expect(model.checkpoint()).toMatchObject({ steps: 0, training: null });
  }

  it.each<[string, Model, FitOptions, string]>([
    ['another seed', forgetfulModel(optimizer, 4), {}, 'the checkpoint has the seed 3, the model 4'],
    ['another order', forgetfulModel(optimizer), { batchSize: 9 }, 'trained with batchSize 8, not with 9'],
    ['an epoch to begin with', forgetfulModel(optimizer), { initialEpoch: 1 }, 'is up to the checkpoint'],
    [
      'another optimizer',
      forgetfulModel(adam()),
      {},
      'the checkpoint was trained with the optimizer {"name":"sgd"',
    ],
  ])('%s', async (_, model, more, message) => {
    const resumeFrom = await taken;
    await expect(model.fit(x, y, { ...options, ...more, resumeFrom })).rejects.toThrow(message);
  });

  it.each<[string, Uint8Array, Uint8Array, string]>([
    ['fewer data', x.subarray(0, 40 * 108), y.subarray(0, 40), 'there are 40 examples, where there were 50'],
    ['other data', x.map((value, i) => (i === 5 ? value ^ 1 : value)), y, 'the first example is another one'],
    [
      'other labels',
      x,
      y.map((value, i) => (i === 49 ? (value + 1) % 3 : value)),
      'the last example is another',
    ],
  ])('%s', async (_, images, labels, message) => {
    const resumeFrom = await taken;
    const model = forgetfulModel(optimizer);
    await expect(model.fit(images, labels, { ...options, resumeFrom })).rejects.toThrow(message);
    mustHaveTakenNothing(model);
  });

  it('other metrics', async () => {
    const model = forgetfulModel(optimizer);
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    await expect(model.fit(x, y, { ...options, resumeFrom: await taken })).rejects.toThrow(
      'trained with other metrics (loss, accuracy, val_loss, val_accuracy): compile with the same ones',
    );
    mustHaveTakenNothing(model);
    const { training, ...rest } = await taken;
    const position = { ...training!.position, batch: 1, totals: { sums: [1], seen: 8 } };
    const damaged = { ...rest, training: { ...training!, position } };
    const other = forgetfulModel(optimizer);
    await expect(other.fit(x, y, { ...options, resumeFrom: damaged })).rejects.toThrow(
      'trained with other metrics',
    );
    mustHaveTakenNothing(other);
  });

  it('no validation where there was one', async () => {
    const { training, ...rest } = await taken;
    const order = { ...training!.order, validationSplit: 0 };
    const resumeFrom = { ...rest, training: { ...training!, order } };
    const model = forgetfulModel(optimizer);
    await expect(model.fit(x, y, { ...options, validationSplit: 0, resumeFrom })).rejects.toThrow(
      'validate as before',
    );
    mustHaveTakenNothing(model);
  });

  it('a checkpoint in the middle of a step', async () => {
    const model = forgetfulModel(optimizer);
    const callbacks = { onBatchBegin: () => void model.checkpoint() };
    await expect(model.fit(x, y, { ...options, callbacks })).rejects.toThrow('in the callback onCheckpoint');
    await model.dispose();
  });

  it('a file with any byte changed', async () => {
    const model = forgetfulModel(optimizer);
    await model.fit(x, y, options);
    const file = await encodeCheckpoint(model.checkpoint());
    await model.dispose();
    for (let at = 0; at < file.length; at += 37) {
      const damaged = file.slice();
      damaged[at]! ^= 0x10;
      await expect(decodeCheckpoint(damaged, 'the checkpoint')).rejects.toThrow('the checkpoint');
    }
    for (const length of [0, 7, 100, file.length - 1])
      await expect(decodeCheckpoint(file.slice(0, length), 'the checkpoint')).rejects.toThrow(
        'the checkpoint',
      );
  });
});
