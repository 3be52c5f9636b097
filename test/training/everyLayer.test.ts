/** A network of everything gives the same bits in any number of threads, whatever is asked of it by turns. */
import { describe, expect, it } from 'vitest';
import { availableTiers, type Tier } from '../../src/engine/tier.ts';
import { LAYER_TYPES } from '../../src/nn/layers/registry.ts';
import { sequential } from '../../src/training/factories.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import { bytes } from '../reference/data.ts';
import { CLASSES, everyLayer, HEIGHT, WIDTH } from './everyLayer.ts';

const COUNT = 23;
const image = HEIGHT * WIDTH * 3;
const x = bytes('images', COUNT * image);
const y = bytes('labels', COUNT, CLASSES);
const few = x.subarray(0, 5 * image);

async function outcome(tier: Tier, threads: number): Promise<{ file: Uint8Array; seen: unknown[] }> {
  const model = sequential(everyLayer(), { tier, threads, seed: 4 });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const seen: unknown[] = [await model.predict(few)];
  for (const batchSize of [9, 7]) {
    const { history } = await model.fit(x, y, { batchSize, validationSplit: 0.2 });
    expect(model.engine?.threads).toBe(threads);
    const predicted = await model.predict(x, { batchSize });
    expect(await model.predict(x, { batchSize })).toEqual(predicted);
    seen.push(history, await model.evaluate(x, y, { batchSize }), predicted);
    // In a team, and then in the calling thread.
    const inTeam = await model.predict(few);
    await model.dispose();
    expect(await model.predict(few)).toEqual(inTeam);
    expect(inTeam.data).toEqual(predicted.data.slice(0, 5 * CLASSES));
  }
  const file = encodeModel(model);
  await model.dispose();
  return { file, seen };
}

it('has every type of layer', () => {
  const types = new Set<string>(everyLayer().map(({ type }) => type));
  expect(LAYER_TYPES.filter((type) => !types.has(type))).toEqual([]);
});

describe.each(availableTiers())('a network of everything on %s', (tier) => {
  const alone = outcome(tier, 1);

  it('is trained', async () => {
    const model = sequential(everyLayer(), { seed: 4 });
    expect((await alone).file).not.toEqual(encodeModel(model));
    const [first] = (await alone).seen as [{ data: Float32Array }];
    expect(first.data.every((p) => p > 0 && p < 1)).toBe(true);
  });

  it.each([2, 3, 5, 2])('has the same bits in %i threads', async (threads) => {
    const { file, seen } = await outcome(tier, threads);
    const expected = await alone;
    expect(seen).toEqual(expected.seen);
    expect(Buffer.from(file).equals(expected.file)).toBe(true);
  });
});
