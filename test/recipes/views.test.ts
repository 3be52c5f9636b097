/** Images looked at in several ways: what each view is, and what they come to together. */
import { afterAll, describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { dense, flatten } from '../../src/nn/spec.ts';
import { randomStream } from '../../src/random.ts';
import {
  accuracyOf,
  evaluateViews,
  looked,
  predictViews,
  PLAIN_VIEW,
  SIX_VIEWS,
} from '../../src/recipes/views.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import { brightestChannel, smallNetwork } from '../training/smallModel.ts';

const models: Model[] = [];
const made = (model: Model): Model => (models.push(model), model);
afterAll(async () => Promise.all(models.map((model) => model.dispose())));

describe('a view', () => {
  // prettier-ignore
  const image = Uint8Array.of(
    1, 2, 3,
    4, 5, 6,
    7, 8, 9,
  );
  // prettier-ignore
  it.each([
    [{ up: 0, left: 0, mirrored: false }, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [{ up: 0, left: 0, mirrored: true }, [3, 2, 1, 6, 5, 4, 9, 8, 7]],
    // What was at the middle is up and left of it; the last row and column are those before the border, again.
    [{ up: 1, left: 1, mirrored: false }, [5, 6, 5, 8, 9, 8, 5, 6, 5]],
    [{ up: 1, left: 1, mirrored: true }, [5, 4, 5, 8, 7, 8, 5, 4, 5]],
    [{ up: -1, left: -1, mirrored: false }, [5, 4, 5, 2, 1, 2, 5, 4, 5]],
    [{ up: -1, left: -1, mirrored: true }, [5, 6, 5, 2, 3, 2, 5, 6, 5]],
    [{ up: 2, left: 0, mirrored: false }, [7, 8, 9, 4, 5, 6, 1, 2, 3]],
  ])('%o of a 3×3 image', (view, expected) => {
    expect([...looked(image, [3, 3, 1], { ...view, weight: 1 })]).toEqual(expected);
  });

  it('moves the channels of each of several images together', () => {
    const two = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const view = { up: 0, left: 0, mirrored: true, weight: 1 };
    expect([...looked(two, [1, 2, 2], view)]).toEqual([3, 4, 1, 2, 7, 8, 5, 6]);
  });

  it('is one of six, which count 1 together', () => {
    expect(SIX_VIEWS.map(({ up, left, mirrored, weight }) => [up, left, mirrored, weight])).toEqual([
      [0, 0, false, 1 / 4],
      [0, 0, true, 1 / 4],
      [1, 1, false, 1 / 8],
      [1, 1, true, 1 / 8],
      [-1, -1, false, 1 / 8],
      [-1, -1, true, 1 / 8],
    ]);
  });
});

describe('several views', () => {
  const [count, classes] = [1100, 4];
  const stream = randomStream(5, 'views');
  const x = Uint8Array.from({ length: count * 5 * 4 }, () => stream.below(256));
  // Without an activation, so that logits can be had.
  const logits = sequential([flatten({ inputShape: [5, 4, 1] }), dense({ units: classes })], { seed: 2 });
  const softmax = [flatten({ inputShape: [5, 4, 1] }), dense({ units: classes, activation: 'softmax' })];
  const classifier = sequential(softmax, { seed: 2 });
  made(logits);
  made(classifier);

  it('rank classes as the mean of the logits does', async () => {
    const { shape, data } = await predictViews(classifier, x);
    expect(shape).toEqual([count, classes]);
    const mean = new Float64Array(count * classes);
    for (const view of SIX_VIEWS) {
      const seen = await logits.predict(looked(x, [5, 4, 1], view));
      seen.data.forEach((value, i) => (mean[i]! += view.weight * value));
    }
    for (let i = 0; i < count; i++) {
      const row = [...mean.subarray(i * classes, (i + 1) * classes)];
      const most = Math.max(...row);
      const sum = row.reduce((total, value) => total + Math.exp(value - most), 0);
      row.forEach((value, c) => {
        expect(data[i * classes + c]).toBeCloseTo(Math.exp(value - most) / sum, 5);
      });
    }
  });

  it('are as one if there is but one, and are told how far it is', async () => {
    const done: string[] = [];
    const { data } = await predictViews(classifier, x, {
      views: [PLAIN_VIEW],
      batchSize: 64,
      onProgress: (seen, of) => done.push(`${seen}/${of}`),
    });
    const plain = await classifier.predict(x);
    data.forEach((value, i) => {
      expect(value).toBeCloseTo(plain.data[i]!, 5);
    });
    expect(done).toEqual(['1000/1100', '1100/1100']);
  });

  it('find images where they are kept, and count how often they are right', async () => {
    const { data } = await predictViews(classifier, x);
    const labels = Array.from({ length: count }, (_, i) => {
      const row = data.subarray(i * classes, (i + 1) * classes);
      // Every fourth is another one.
      return (row.indexOf(Math.max(...row)) + (i % 4 === 0 ? 1 : 0)) % classes;
    });
    const stored = {
      length: x.length,
      read: (rows: Uint32Array, target: Uint8Array) => {
        rows.forEach((row, i) => {
          target.set(x.subarray(row * 20, (row + 1) * 20), i * 20);
        });
        return Promise.resolve();
      },
    };
    expect((await predictViews(classifier, stored)).data).toEqual(data);
    expect(await evaluateViews(classifier, stored, labels)).toEqual({ accuracy: 0.75, count, views: 6 });
    const nothing = await predictViews(classifier, new Uint8Array(0));
    expect(nothing).toEqual({ shape: [0, classes], data: new Float32Array(0) });
  });

  it('give the same bits in any number of threads', async () => {
    const images = brightestChannel(70);
    const bits: Float32Array[] = [];
    for (const threads of [1, 2, 3]) {
      const model = made(sequential(smallNetwork, { seed: 4, tier: 'simd', threads }));
      bits.push((await predictViews(model, images.x, { batchSize: 16 })).data);
    }
    expect(bits[1]).toEqual(bits[0]);
    expect(bits[2]).toEqual(bits[0]);
  });

  it('are refused where they make no sense', async () => {
    const view = { ...PLAIN_VIEW };
    const refused = async (model: Model, options: object, message: RegExp): Promise<void> => {
      const error: unknown = await predictViews(model, x, options).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(OptionError);
      expect((error as Error).message).toMatch(message);
    };
    await refused(logits, {}, /must end in a softmax/);
    await refused(classifier, { view: [] }, /predictViews has no option "view"/);
    await refused(classifier, { views: [] }, /at least one view/);
    await refused(classifier, { views: [{ ...view, up: 5 }] }, /whole pixels, fewer than images of 5×4/);
    await refused(classifier, { views: [{ ...view, left: 0.5 }] }, /whole pixels/);
    await refused(classifier, { views: [{ ...view, weight: 0 }] }, /weight of a view/);
    await expect(evaluateViews(classifier, x, [1, 2])).rejects.toThrow('2 class indices for 1100 images');
  });
});

describe('accuracyOf', () => {
  it('counts whose largest value is the label', () => {
    const data = Float32Array.of(0.2, 0.8, 0.6, 0.4, 0.1, 0.9);
    expect(accuracyOf(data, [1, 1, 1])).toBe(2 / 3);
  });
});
