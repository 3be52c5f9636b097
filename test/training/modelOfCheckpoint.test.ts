/** Models opened from checkpoints. */
import { describe, expect, it } from 'vitest';
import { exportModel } from '../../src/exchange/exportModel.ts';
import { importModel } from '../../src/exchange/importModel.ts';
import { openModel } from '../../src/exchange/openModel.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { cosineDecay } from '../../src/nn/schedules/cosineDecay.ts';
import { encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import type { Model } from '../../src/training/model.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const { x, y } = brightestChannel(40);
const fileName = 'c.safetensors';
const classNames = ['red', 'green', 'NaN'];

async function bytesOf(model: Model): Promise<Uint8Array> {
  return encodeCheckpoint(model.checkpoint());
}

/** A checkpoint whose record says something else; it has no hash, as those of insecure pages. */
function changed(bytes: Uint8Array, change: Readonly<Record<string, unknown>>): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  const record = JSON.parse(metadata['simdnet.checkpoint']!) as object;
  return encodeSafetensors(tensors, {
    'simdnet.checkpoint': JSON.stringify({ ...record, ...change }),
    'simdnet.sha256': '0'.repeat(64),
  });
}

function knownBy({ classNames, imageFit, layout, seed, network: { pixelScale } }: Model) {
  return { classNames, imageFit, layout, pixelScale, seed };
}

describe('what a model knows', () => {
  const known = { classNames, imageFit: 'fit', layout: 'nchw', pixelScale: 255, seed: 7 } as const;

  it('of classes, pictures and its seed is in its checkpoint', async () => {
    expect(knownBy(await openModel(await bytesOf(smallModel(known)), {}))).toEqual(known);
  });

  it('counts less than what is given', async () => {
    const names = { classNames: ['a', 'b', 'c'], imageFit: 'crop', layout: 'nhwc' } as const;
    const given = { ...names, pixelScale: 1, seed: 1 } as const;
    expect(knownBy(await openModel(await bytesOf(smallModel(known)), given))).toEqual(given);
  });

  it('is not in those of before, which are opened all the same', async () => {
    const model = smallModel(known);
    const older = changed(await bytesOf(model), { classNames: undefined, imageFit: undefined });
    const opened = await openModel(older, {});
    expect([opened.classNames, opened.imageFit]).toEqual([undefined, undefined]);
    expect(opened.getWeights()).toEqual(model.getWeights());
  });

  it.each([
    [{ classNames: [1, 2, 3] }, 'classNames is no list of names'],
    [{ classNames: 'abc' }, 'classNames is no list of names'],
    [{ classNames: ['a'] }, 'its network cannot be built. There are 1 class names'],
    [{ imageFit: 'squash' }, 'imageFit is none of stretch, crop, fit'],
    [{ network: { layers: [{ type: 'dense' }] } }, 'its network: layer 1 of 1'],
    [{ compiled: 3 }, 'compiled has no optimizer, no loss or no metrics'],
    [
      { compiled: { optimizer: {}, loss: {}, metrics: [3] } },
      'compiled has no optimizer, no loss or no metrics',
    ],
    [
      { compiled: { optimizer: { name: 'adamm' }, loss: { name: 'mse' }, metrics: [] } },
      'its training cannot be gone on with. There is no optimizer "adamm"',
    ],
    [{ steps: 3 }, 'it has no conv2d/kernel/momentum'],
  ])('is refused as %j', async (change, message) => {
    const error = await openModel(changed(await bytesOf(smallModel()), change), { fileName }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'FormatError' });
    expect((error as Error).message).toContain(fileName);
    expect((error as Error).message).toContain(message);
  });
});

/** One epoch of five batches, and another: what it knows of the first decides how the second shuffles. */
async function trainFor(model: Model, epochs: number): Promise<void> {
  await model.fit(x, y, { epochs, batchSize: 8 });
}

const optimizers: readonly OptimizerConfig[] = [
  adam({ learningRate: 0.02, useEma: true }),
  // Five batches end in the middle of a step.
  sgd({
    learningRate: cosineDecay({ initialLearningRate: 0.1, decaySteps: 15 }),
    gradientAccumulationSteps: 2,
  }),
  sgd({ momentum: -0, lookahead: { steps: 3, decay: 0.5 } }),
];

describe('the training of a model', () => {
  it.each(optimizers)('by $name goes on as if it had stayed', async (optimizer) => {
    const model = smallModel({ seed: 5 });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    await trainFor(model, 1);
    const opened = await openModel(await bytesOf(model), { threads: 2 });
    expect(JSON.stringify(opened.compiled)).toEqual(JSON.stringify(model.compiled));
    expect(opened.iterations).toBe(model.iterations);
    expect(opened.getOptimizerVariables()).toEqual(model.getOptimizerVariables());
    for (const each of [model, opened]) await trainFor(each, 2);
    expect(opened.getWeights()).toEqual(model.getWeights());
    expect(opened.getOptimizerVariables()).toEqual(model.getOptimizerVariables());
    await Promise.all([model.dispose(), opened.dispose()]);
  });

  it('begins as it would have begun', async () => {
    const model = smallModel();
    // Takes no step, but prepares for one.
    await model.computeGradients(x, y);
    const opened = await openModel(await bytesOf(model), { threads: 2 });
    expect((await openModel(await bytesOf(opened), {})).iterations).toBe(0);
    for (const each of [model, opened]) await trainFor(each, 1);
    expect(opened.getWeights()).toEqual(model.getWeights());
    await Promise.all([model.dispose(), opened.dispose()]);
  });

  it.each(['keras', 'tfjs'] as const)('goes out to %s from its checkpoint as from itself', async (format) => {
    const model = smallModel();
    model.learningRate = 0.25;
    await trainFor(model, 1);
    const exported = await exportModel(model, { format });
    expect(await exportModel(await openModel(await bytesOf(model), {}), { format })).toEqual(exported);
    const [file, shard] = exported;
    const [bytes, beside] = [file, shard].map((each) => Buffer.from(each?.content ?? ''));
    const back = await importModel(bytes!, {
      fileName: file!.name,
      readFile: () => Promise.resolve(beside!),
    });
    expect(back).toMatchObject({ iterations: 5, learningRate: 0.25 });
    expect(back.compiled!.loss.name).toMatch(/ategoricalCrossentropy$/);
    await model.dispose();
  });

  it('stays behind if that is wanted, and if the checkpoint does not tell of it', async () => {
    const model = smallModel();
    await trainFor(model, 1);
    const bytes = await bytesOf(model);
    const others = [
      await openModel(bytes, { compile: false }),
      await openModel(changed(bytes, { compiled: undefined }), {}),
    ];
    for (const each of others) {
      expect(each.compiled).toBeUndefined();
      expect(each.getWeights()).toEqual(model.getWeights());
    }
    await model.dispose();
  });

  it('is taken back by a model that is there, or left as it is', async () => {
    const model = smallModel();
    await trainFor(model, 1);
    const checkpoint = model.checkpoint();
    await trainFor(model, 1);
    const other = smallModel();
    other.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const before = other.getWeights();
    expect(() => {
      other.restore(checkpoint, 'It');
    }).toThrow(/^It is of another optimizer/);
    expect(other.getWeights()).toEqual(before);
    model.restore(checkpoint);
    expect(model.getWeights()).toEqual(checkpoint.weights);
    expect([model.iterations, model.getOptimizerVariables()]).toEqual([5, checkpoint.optimizer]);
    await model.dispose();
  });
});
