import { describe, expect, it } from 'vitest';
import { pipeline, type Started } from '../../src/training/pipeline.ts';

interface Tasks {
  readonly start: (index: number) => Started<number> | undefined;
  /** The ends of those that have been started. */
  readonly ends: ((error?: Error) => void)[];
}

/** So many tasks that end when told to. */
function tasks(count: number): Tasks {
  const ends: Tasks['ends'] = [];
  const start = (index: number): Started<number> | undefined => {
    if (index >= count) return undefined;
    const result = new Promise<number>((resolve, reject) => {
      ends.push((error) => {
        if (error) reject(error);
        else resolve(index);
      });
    });
    return { result };
  };
  return { start, ends };
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the pipeline', () => {
  it('keeps a few tasks under way, and hands results over in order', async () => {
    const { start, ends } = tasks(5);
    const results: number[] = [];
    const all = pipeline(start, (result) => results.push(result));
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

  it('starts no more when there is nothing left, but finishes what is under way', async () => {
    const results: number[] = [];
    await pipeline(
      (index) => (results.length < 2 ? { result: Promise.resolve(index) } : undefined),
      (result) => results.push(result),
    );
    expect(results.length).toBeLessThan(6);
    expect(results).toEqual(results.map((_, i) => i));
  });

  it('starts nothing while it is held, and then goes on in order', async () => {
    const { start, ends } = tasks(4);
    const results: number[] = [];
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const all = pipeline(
      (index) => (index < 2 ? start(index) : held.then(() => start(index))),
      (result) => results.push(result),
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
    const { start, ends } = tasks(4);
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const all = pipeline(
      (index) => (index < 1 ? start(index) : held.then(() => start(index))),
      () => undefined,
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
    const { start, ends } = tasks(5);
    let ended = false;
    const all = pipeline(start, () => undefined).finally(() => (ended = true));
    ends[0]!(new Error('broken'));
    await soon();
    expect(ended).toBe(false);
    ends[1]!();
    ends[2]!();
    await expect(all).rejects.toThrow('broken');
    expect(ends).toHaveLength(3);
  });
});
