/** Training on images that are changed at random. */
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { cutout } from '../../src/nn/layers/cutout.ts';
import { mixUp } from '../../src/nn/layers/mixUp.ts';
import { randomBrightness, randomContrast, randomSaturation } from '../../src/nn/layers/randomColour.ts';
import { randomFlip } from '../../src/nn/layers/randomFlip.ts';
import { randomRotation } from '../../src/nn/layers/randomRotation.ts';
import { randomTranslation } from '../../src/nn/layers/randomTranslation.ts';
import { randomZoom } from '../../src/nn/layers/randomZoom.ts';
import { rescaling } from '../../src/nn/layers/rescaling.ts';
import type { BatchTarget } from '../../src/nn/session.ts';
import { fromExamples } from '../../src/training/batchSource.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import type { FitOptions } from '../../src/training/options.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const { x, y } = brightestChannel(50);
const options: FitOptions = { epochs: 3, batchSize: 8, validationSplit: 0.2 };

/** Everything that there is, some of which would be noticed if an example, a turn or a step were forgotten. */
const everything = () => [
  randomFlip({ mode: 'horizontal', alternate: true }),
  randomTranslation({ heightFactor: 0.3, widthFactor: 0.3, wholePixels: true, fillMode: 'mirror' }),
  randomRotation({ factor: 0.1 }),
  randomZoom({ heightFactor: 0.2 }),
  randomBrightness({ factor: 0.2 }),
  randomContrast({ factor: 0.2 }),
  randomSaturation({ factor: [0.3, 0.7] }),
  cutout({ size: 2 }),
  mixUp(),
];

async function train(model: Model, more: FitOptions = {}): Promise<{ history: unknown; weights: unknown }> {
  const history = await model.fit(x, y, { ...options, ...more });
  const weights = model.getWeights();
  await model.dispose();
  return { history, weights };
}

describe('augment', () => {
  it('changes what is learned, each layer by itself', async () => {
    const seen = new Set([JSON.stringify((await train(smallModel(), { augment: [] })).history)]);
    for (const layer of everything()) {
      seen.add(JSON.stringify((await train(smallModel(), { augment: layer })).history));
    }
    expect(seen.size).toBe(everything().length + 1);
  });

  it('has the same bits in any number of threads, and with itself by turns', async () => {
    const augment = everything();
    const expected = await train(smallModel({ threads: 1 }), { augment });
    expect(await train(smallModel({ threads: 3 }), { augment })).toEqual(expected);
    expect(await train(smallModel(), { augment: everything() })).toEqual(expected);
  });

  it('goes on to the same bits from the middle of any epoch', async () => {
    const augment = everything();
    const undisturbed = await train(smallModel(), { augment });
    const files: Uint8Array[] = [];
    const model = smallModel();
    const onCheckpoint = async (): Promise<void> =>
      void files.push(await encodeCheckpoint(model.checkpoint()));
    const observed = { augment, checkpointEvery: { steps: 2 }, callbacks: { onCheckpoint } };
    expect(await train(model, observed)).toEqual(undisturbed);
    expect(files.length).toBeGreaterThan(6);
    for (const file of files) {
      const resumeFrom = await decodeCheckpoint(file, 'the checkpoint');
      expect(await train(smallModel(), { augment, resumeFrom })).toEqual(undisturbed);
    }
    const resumeFrom = await decodeCheckpoint(files[0]!, 'the checkpoint');
    const other = train(smallModel(), { augment: [randomFlip()], resumeFrom });
    await expect(other).rejects.toThrow('resumeFrom: the checkpoint was trained with the augment [{');
  });

  it('does not touch what is validated, evaluated and predicted', async () => {
    const model = smallModel();
    const { history } = await model.fit(x, y, { ...options, augment: everything() });
    const { loss } = await model.evaluate(x.subarray(40 * 108), y.subarray(40), { batchSize: 8 });
    expect(history.val_loss!.at(-1)).toBeCloseTo(loss, 6);
    const predicted = await model.predict(x);
    const plain = smallModel();
    plain.setWeights(model.getWeights());
    expect(await plain.predict(x)).toEqual(predicted);
    expect(JSON.stringify(model.toJSON())).not.toContain('random');
    await Promise.all([model.dispose(), plain.dispose()]);
  });

  it('can be left out from some epoch on', async () => {
    const model = smallModel();
    const augment = everything();
    await model.fit(x, y, { ...options, augment });
    const { history } = await model.fit(x, y, { ...options, initialEpoch: 3, epochs: 5 });
    expect(history.loss!.every(Number.isFinite)).toBe(true);
    await model.trainOnBatch(x.subarray(0, 8 * 108), y.subarray(0, 8));
    await model.dispose();
  });

  it('takes batches of a generator', async () => {
    const batches = function* () {
      for (let i = 0; i < 40; i += 8)
        yield { x: x.subarray(i * 108, (i + 8) * 108), y: y.subarray(i, i + 8) };
    };
    const fit = async (threads: number): Promise<unknown> => {
      const model = smallModel({ threads });
      const history = await model.fit(batches, undefined, { epochs: 2, augment: everything() });
      await model.dispose();
      return history;
    };
    expect(await fit(2)).toEqual(await fit(1));
  });

  it('takes nothing but layers that change images at random', async () => {
    const model = smallModel();
    for (const wrong of [rescaling({ scale: 2 }), flatten(), 'flip', { type: 'randomFlip' }] as never[]) {
      await expect(model.fit(x, y, { ...options, augment: [wrong] })).rejects.toThrow(OptionError);
    }
    await model.dispose();
  });
});

describe('layers that change images', () => {
  it('stand in front of what is trained', async () => {
    const first = conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 3] });
    const rest = [randomFlip(), flatten(), dense({ units: 3, activation: 'softmax' })];
    const model = sequential([first, ...rest], { threads: 1 });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    await expect(model.fit(x, y, options)).rejects.toThrow(
      'Layer "random_flip" must stand in front of all that is trained.',
    );
    const frozen = sequential([{ ...first, trainable: false }, ...rest], { threads: 1 });
    frozen.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    await frozen.fit(x, y, options);
    await Promise.all([model.dispose(), frozen.dispose()]);
  });

  it('mix targets too, whatever the loss prefers', async () => {
    const image = [1, 1, 2] as const;
    const network = [mixUp({ alpha: 1, inputShape: image }), flatten()];
    const model = sequential(network, { threads: 1 });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    // Each image is its own target, and remains so.
    const values = Float32Array.from({ length: 16 }, (_, i) => i);
    const { loss, output } = await model.computeGradients(values, values);
    expect(loss).toBeLessThan(1e-10);
    expect(output.data).not.toEqual(values);
    await model.dispose();
  });

  it('know colours of three channels only', () => {
    const grey = [randomSaturation({ factor: 1, inputShape: [2, 2, 1] }), flatten()];
    expect(() => sequential(grey)).toThrow('randomSaturation is for images of 3 channels.');
  });
});

it.each([
  [false, [0, 1, 2, 3, 4]],
  [true, [0, 1, 2, 4]],
])(
  'examples are told apart, and how often they have been seen; without remainder: %s',
  async (dropRemainder, all) => {
    const targets = { layout: 'classes', data: new Int32Array(5), size: 1 } as const;
    const set = { pixels: 'uint8', data: new Uint8Array(5), count: 5, size: 1, targets } as const;
    const order = {
      batchSize: 2,
      shuffle: true,
      seed: 1,
      epochsBefore: 2,
      stepsPerEpoch: undefined,
      dropRemainder,
    };
    const epoch = fromExamples(set, order).epoch(1);
    const seen: number[] = [];
    for (let i = 0; i < epoch.steps!; i++) {
      const { count, fill } = (await epoch.next(i))!;
      const target: BatchTarget<'uint8'> = {
        images: new Uint8Array(count),
        classes: new Int32Array(count),
        values: new Float32Array(0),
        weights: new Float32Array(count),
        examples: new Uint32Array(2 * count),
      };
      fill(target);
      target.examples.forEach((value, at) => {
        if (at % 2 === 0) seen.push(value);
        else expect(value).toBe(3);
      });
    }
    expect(epoch.total).toBe(all.length);
    expect(seen.toSorted()).toEqual(all);
  },
);
