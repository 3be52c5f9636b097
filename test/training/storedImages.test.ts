/** Images that are read when they are needed give the same bits as images in memory. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Checkpoint } from '../../src/training/checkpoint.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import type { StoredImages } from '../../src/data/storedImages.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const SIZE = 108;
const { x, y } = brightestChannel(70);
const held = brightestChannel(20);

/** Images that come when they please. */
function stored(images: Uint8Array): StoredImages & { rows: number } {
  return {
    rows: 0,
    length: images.length,
    async read(rows, target) {
      this.rows += rows.length;
      await delay(rows[0]! % 3);
      rows.forEach((row, i) => {
        target.set(images.subarray(row * SIZE, (row + 1) * SIZE), i * SIZE);
      });
    },
  };
}

it.each([1, 2])('trains to the same bytes in %i threads', async (threads) => {
  const options = { epochs: 3, batchSize: 16, validationSplit: 0.2 };
  const [inMemory, fromStore] = [smallModel({ threads: 2 }), smallModel({ threads })];
  const expected = await inMemory.fit(x, y, options);
  const history = await fromStore.fit(stored(x), y, options);
  expect(history.history).toEqual(expected.history);
  expect(encodeModel(fromStore)).toEqual(encodeModel(inMemory));
  await Promise.all([inMemory.dispose(), fromStore.dispose()]);
});

it('validates, evaluates, predicts and takes single steps like images in memory', async () => {
  const [inMemory, fromStore] = [smallModel(), smallModel()];
  const expected = await inMemory.fit(x, y, { validationData: [held.x, held.y], batchSize: 16 });
  const history = await fromStore.fit(stored(x), y, {
    validationData: [stored(held.x), held.y],
    batchSize: 16,
  });
  expect(history.history).toEqual(expected.history);
  expect(await fromStore.evaluate(stored(held.x), held.y, { batchSize: 7 })).toEqual(
    await inMemory.evaluate(held.x, held.y, { batchSize: 7 }),
  );
  expect(await fromStore.predict(stored(held.x), { batchSize: 7 })).toEqual(
    await inMemory.predict(held.x, { batchSize: 7 }),
  );
  expect(await fromStore.trainOnBatch(stored(held.x), held.y)).toEqual(
    await inMemory.trainOnBatch(held.x, held.y),
  );
  await Promise.all([inMemory.dispose(), fromStore.dispose()]);
});

it('goes on from a checkpoint of images in memory, and reads no image that has been trained on', async () => {
  const options = { epochs: 2, batchSize: 16, checkpointEvery: { steps: 3 } };
  const whole = smallModel();
  const checkpoints: Checkpoint[] = [];
  await whole.fit(x, y, {
    ...options,
    callbacks: { onCheckpoint: () => void checkpoints.push(whole.checkpoint()) },
  });
  const resumeFrom = checkpoints.find(({ training }) => training!.position.batch === 3)!;
  const resumed = smallModel();
  const store = stored(x);
  await resumed.fit(store, y, { ...options, resumeFrom });
  expect(encodeModel(resumed)).toEqual(encodeModel(whole));
  // Two tell which data it is.
  expect(store.rows).toBe(2 + 2 * 70 - 3 * 16);
  const other = stored(held.x);
  await expect(smallModel().fit(other, held.y, { ...options, resumeFrom })).rejects.toThrow(
    'resumeFrom: these are not the data of the checkpoint',
  );
  await Promise.all([whole.dispose(), resumed.dispose()]);
});

it('ends with the error of what cannot be read', async () => {
  const broken: StoredImages = { ...stored(x), read: () => Promise.reject(new Error('gone')) };
  const model = smallModel();
  await expect(model.fit(broken, y)).rejects.toThrow('gone');
  await expect(model.evaluate(broken, y)).rejects.toThrow('gone');
  await model.fit(x, y);
  await model.dispose();
});
