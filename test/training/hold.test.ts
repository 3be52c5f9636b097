import { describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/training/modelFile.ts';
import type { Callbacks } from '../../src/training/callbacks.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const { x, y } = brightestChannel(100);

async function trainWith(callbacks: Callbacks, signal?: AbortSignal) {
  const model = smallModel();
  try {
    const history = await model.fit(x, y, {
      epochs: 2,
      batchSize: 16,
      validationSplit: 0.2,
      callbacks,
      ...(signal && { signal }),
    });
    return { bytes: encodeModel(model), history };
  } finally {
    await model.dispose();
  }
}

describe('a training that is held', () => {
  it('waits before each step and each batch of the validation, and ends with the same weights', async () => {
    const begun: string[] = [];
    const hold = (name: string) => async (batch: number) => {
      await new Promise((resolve) => setTimeout(resolve, batch === 2 ? 30 : 0));
      begun.push(`${name} ${batch}`);
    };
    const held = await trainWith({
      onBatchBegin: hold('step'),
      onValidationBatchBegin: hold('validation'),
    });
    const epoch = ['step 0', 'step 1', 'step 2', 'step 3', 'step 4', 'validation 0', 'validation 1'];
    expect(begun).toEqual([...epoch, ...epoch]);
    expect(held).toEqual(await trainWith({}));
  });

  it('takes no step while it is held, and none after an abort that ends the hold', async () => {
    const controller = new AbortController();
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const steps: number[] = [];
    const training = trainWith(
      {
        onBatchBegin: (batch) => (batch === 2 ? held : undefined),
        onBatchEnd: (batch) => {
          steps.push(batch);
        },
      },
      controller.signal,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(steps.length).toBeLessThanOrEqual(2);
    controller.abort();
    letGo();
    expect((await training).history.stopped).toBe(true);
    expect(steps).toEqual([0, 1]);
  });
});
