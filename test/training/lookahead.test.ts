/** Lookahead: weights that are drawn to a slow average of themselves. */
import { expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { conv2d } from '../../src/nn/layers/conv2d.ts';
import { dense } from '../../src/nn/layers/dense.ts';
import { flatten } from '../../src/nn/layers/flatten.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';

const IMAGES = 8;
const x = Float32Array.from({ length: IMAGES * 6 * 6 * 2 }, (_, i) => Math.fround(((i * 37) % 101) / 101));
const y = Uint8Array.from({ length: IMAGES }, (_, i) => i % 3);

function small(lookahead?: object): Model {
  const model = sequential(
    [
      conv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 3, useBias: false }),
      batchNormalization({ momentum: 0.6 }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 3, tier: 'simd', threads: 2 },
  );
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.8, ...(lookahead && { lookahead }) });
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  return model;
}

/** As the engine has it: two products and a sum in float32. */
function averaged(
  slow: ReadonlyMap<string, Tensor>,
  fast: ReadonlyMap<string, Tensor>,
  keep: number,
): Map<string, Tensor> {
  const take = Math.fround(1 - keep);
  return new Map(
    [...slow].map(([name, { shape, data }]) => [
      name,
      {
        shape,
        data: data.map(
          (value, i) => Math.fround(value * Math.fround(keep)) + Math.fround(fast.get(name)!.data[i]! * take),
        ),
      },
    ]),
  );
}

it.each([
  ['a decay that stays', { steps: 2, decay: 0.25 }, () => 0.25],
  [
    'one that rises',
    { steps: 2, decay: 0.5, rampSteps: 4 },
    (step: number) => 0.5 * Math.min(step / 4, 1) ** 3,
  ],
])('draws weights and running means to their slow average, with %s', async (_, lookahead, decay) => {
  const model = small(lookahead);
  const plain = small();
  let slow = plain.getWeights();
  for (let step = 1; step <= 6; step++) {
    await model.trainOnBatch(x, y);
    await plain.trainOnBatch(x, y);
    if (step % 2 === 0) {
      slow = averaged(slow, plain.getWeights(), decay(step));
      plain.setWeights(slow);
    }
    expect(model.getWeights()).toEqual(plain.getWeights());
  }
  await Promise.all([model.dispose(), plain.dispose()]);
});

it('ends with the slow average, and goes on from a checkpoint to the same bits', async () => {
  const options = { batchSize: 4, epochs: 3, shuffle: false } as const;
  const lookahead = { steps: 4, decay: 0.5 };
  const whole = small(lookahead);
  await whole.fit(x, y, options);
  // Of six steps the fourth was the last at which there was one.
  const first = small(lookahead);
  await first.fit(x, y, { ...options, epochs: 2 });
  expect(whole.getWeights()).toEqual(first.getWeights());

  let checkpoint: ReturnType<Model['checkpoint']> | undefined;
  const stopped = small(lookahead);
  await stopped.fit(x, y, {
    ...options,
    epochs: 1,
    callbacks: { onCheckpoint: () => void (checkpoint = stopped.checkpoint()) },
  });
  expect([...checkpoint!.optimizer.keys()]).toContain('batch_normalization/moving_mean/slow');
  const resumed = small(lookahead);
  await resumed.fit(x, y, { ...options, resumeFrom: checkpoint! });
  expect(resumed.getWeights()).toEqual(whole.getWeights());
  await Promise.all([whole, first, stopped, resumed].map((model) => model.dispose()));
});

it('leaves frozen layers as they are', async () => {
  const model = small({ steps: 1, decay: 0.5 });
  await model.trainOnBatch(x, y);
  model.setTrainable('conv2d, batch_normalization', false);
  const before = model.getWeights();
  await model.trainOnBatch(x, y);
  const after = model.getWeights();
  for (const name of before.keys())
    expect(after.get(name)!.data.every((value, i) => value === before.get(name)!.data[i])).toBe(
      !name.startsWith('dense'),
    );
  await model.dispose();
});

it.each([
  [{ lookahead: 5 }, 'sgd: lookahead must be settings such as { steps: 5, decay: 0.5 }, not 5.'],
  [{ lookahead: { steps: 0 } }, 'sgd: lookahead: steps must be'],
  [{ lookahead: { decay: 2 } }, 'sgd: lookahead: decay must be a number between 0 and 1, not 2.'],
  [{ lookahead: { step: 3 } }, 'has no option "step". Did you mean "steps"?'],
])('refuses %j', (options, message) => {
  expect(() => sgd(options as object)).toThrow(OptionError);
  expect(() => sgd(options as object)).toThrow(message);
});
