import { describe, expect, it } from 'vitest';
import { pipeline } from '../../src/training/pipeline.ts';

/** Tasks that end when told to. */
function tasks(): { start: (index: number) => Promise<number>; ends: ((error?: Error) => void)[] } {
  const ends: ((error?: Error) => void)[] = [];
  const start = (index: number): Promise<number> =>
    new Promise((resolve, reject) => {
      ends.push((error) => {
        if (error) reject(error);
        else resolve(index);
      });
    });
  return { start, ends };
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the pipeline', () => {
  it('keeps a few tasks under way, and hands results over in order', async () => {
    const { start, ends } = tasks();
    const results: number[] = [];
    const all = pipeline(5, start, (result) => results.push(result));
    expect(ends).toHaveLength(3);
    ends[1]!();
    await soon();
    expect(results).toEqual([]);
    ends[0]!();
    await soon();
    expect(results).toEqual([0, 1]);
    expect(ends).toHaveLength(5);
    ends.slice(2).forEach((end) => {
      end();
    });
    await all;
    expect(results).toEqual([0, 1, 2, 3, 4]);
  });

  it('starts no more when it may not go on, but finishes what is under way', async () => {
    const results: number[] = [];
    await pipeline(
      100,
      (index) => Promise.resolve(index),
      (result) => results.push(result),
      () => results.length < 2,
    );
    expect(results.length).toBeLessThan(6);
    expect(results).toEqual(results.map((_, i) => i));
  });

  it('starts nothing while it is held, and then goes on in order', async () => {
    const { start, ends } = tasks();
    const results: number[] = [];
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const all = pipeline(
      4,
      start,
      (result) => results.push(result),
      (index) => (index < 2 ? true : held.then(() => true)),
    );
    await soon();
    expect(ends).toHaveLength(2);
    ends[0]!();
    await soon();
    expect(ends).toHaveLength(2);
    goOn();
    await soon();
    expect(ends).toHaveLength(4);
    ends.slice(1).forEach((end) => {
      end();
    });
    await all;
    expect(results).toEqual([0, 1, 2, 3]);
  });

  it('fails with what failed while it was held', async () => {
    const { start, ends } = tasks();
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const all = pipeline(
      4,
      start,
      () => undefined,
      (index) => (index < 1 ? true : held.then(() => true)),
    );
    ends[0]!(new Error('broken'));
    await soon();
    goOn();
    await soon();
    ends[1]!();
    ends[2]!();
    await expect(all).rejects.toThrow('broken');
  });

  it('fails with the first failure, once the others have ended', async () => {
    const { start, ends } = tasks();
    let ended = false;
    const all = pipeline(5, start, () => undefined).finally(() => (ended = true));
    ends[0]!(new Error('broken'));
    await soon();
    expect(ended).toBe(false);
    ends[1]!();
    ends[2]!();
    await expect(all).rejects.toThrow('broken');
    expect(ends).toHaveLength(3);
  });
});
