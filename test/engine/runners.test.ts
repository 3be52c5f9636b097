/** Programs in teams of real threads, from dist, and in the calling thread. */
import { afterEach, describe, expect, it } from 'vitest';
import { Arena } from '../../src/engine/arena.ts';
import { runInline } from '../../src/engine/inlineRunner.ts';
import type { Instruction } from '../../src/engine/program.ts';
import type { LocalRunner } from '../../src/engine/runner.ts';
import { Team } from '../../src/engine/team.ts';
import { loadEngine } from '../../src/engine/tier.ts';
import { EngineError } from '../../src/errors.ts';

const FLOATS = 257;
const ARGUMENTS = { slot: 0, rate: 0 };

interface Setup {
  readonly runner: LocalRunner;
  /** Two arrays of FLOATS numbers, the first of which counts from 0. */
  readonly a: number;
  readonly b: number;
}

const runners: LocalRunner[] = [];
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.dispose()));
});

/** @param threads  0 to run inline */
async function setUp(threads: number): Promise<Setup> {
  const arena = new Arena(1024);
  const barrier = arena.allocate(64);
  // Room behind them for the first to be read once more.
  const [a, b] = [arena.allocate(FLOATS * 4 + 4), arena.allocate(FLOATS * 4 + 4)];
  const scratch = Array.from({ length: Math.max(1, threads) }, () => arena.allocate(64));
  const memory = arena.createMemory(threads > 0);
  const engine = await loadEngine('simd', threads > 0);
  const runner =
    threads > 0
      ? new Team(engine, memory, { barrier, scratch })
      : await runInline(engine, memory, { barrier, scratch });
  runners.push(runner);
  floats(runner, a).set(Float32Array.from({ length: FLOATS }, (_, i) => i));
  return { runner, a, b };
}

function floats({ memory }: LocalRunner, address: number): Float32Array {
  return new Float32Array(memory.buffer, address, FLOATS);
}

/** to[i] = from[i + offset] for each of `length` numbers, one row each so that every thread copies some. */
function copy(from: number, to: number, length: number): Instruction {
  return { label: 'copy', kernel: 'copyFloats', arguments: [from, length, 1, to, 0, 4], items: length };
}

/** A copy to far outside memory, of which the last thread does all. */
const CRASH: Instruction = {
  label: 'crash',
  kernel: 'copyFloats',
  arguments: [1024, 1, 1, 0xfffffff0, 0, 0],
  items: 1,
};

describe('Team', () => {
  it.each([1, 2, 3, 7])('has %i threads work on one memory that is really shared', async (threads) => {
    const { runner, a, b } = await setUp(threads);
    expect(runner.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(runner).toMatchObject({ threads, tier: 'simd' });
    await runner.run(runner.define([copy(a, b, FLOATS)]), ARGUMENTS);
    expect(floats(runner, b)).toEqual(floats(runner, a));
  });

  it.each([2, 3, 7])('has %i threads wait for each other after every call', async (threads) => {
    const { runner, a, b } = await setUp(threads);
    // Each pass turns the numbers by one place and so reads what its neighbours have written in the pass before.
    const turn = (from: number, to: number): Instruction[] => [
      copy(from, from + FLOATS * 4, 1),
      copy(from + 4, to, FLOATS),
    ];
    const program = runner.define(Array.from({ length: 100 }, () => [...turn(a, b), ...turn(b, a)]).flat());
    await Promise.all([runner.run(program, ARGUMENTS), runner.run(program, ARGUMENTS)]);
    const expected = Float32Array.from({ length: FLOATS }, (_, i) => (i + 400) % FLOATS);
    expect(floats(runner, a)).toEqual(expected);
  });

  it('carries out runs in order and fills in the arguments of each', async () => {
    const { runner, a, b } = await setUp(2);
    const program = runner.define([
      { ...copy(0, b, 1), arguments: [{ base: 'slot', offset: 4 }, 1, 1, b, 0, 4] },
    ]);
    const seen: number[] = [];
    await Promise.all(
      [0, 8, 40].map(async (offset) => {
        await runner.run(program, { slot: a + offset, rate: 0 });
        seen.push(offset);
      }),
    );
    expect(seen).toEqual([0, 8, 40]);
    expect(floats(runner, b)[0]).toBe(11);
  });

  it('fails as a whole when one thread crashes: what is under way, and all after it', async () => {
    const { runner, a, b } = await setUp(3);
    const good = runner.define([copy(a, b, FLOATS)]);
    const bad = runner.define([CRASH]);
    await runner.run(good, ARGUMENTS);
    const outcomes = await Promise.allSettled([
      runner.run(bad, ARGUMENTS),
      runner.run(good, ARGUMENTS),
      runner.run(good, ARGUMENTS),
    ]);
    for (const outcome of [...outcomes, ...(await Promise.allSettled([runner.run(good, ARGUMENTS)]))]) {
      expect(outcome.status).toBe('rejected');
      const reason = (outcome as PromiseRejectedResult).reason as EngineError;
      expect(reason).toBeInstanceOf(EngineError);
      expect(reason.message).toMatch(/^The engine failed: .*memory access out of bounds/);
    }
    await runner.dispose();
  });

  it('gives up what is under way when it is disposed of, and runs nothing afterwards', async () => {
    const { runner, a, b } = await setUp(2);
    const program = runner.define([copy(a, b, FLOATS)]);
    const pending = expect(runner.run(program, ARGUMENTS)).rejects.toThrow('The model has been disposed of.');
    await runner.dispose();
    await pending;
    await expect(runner.run(program, ARGUMENTS)).rejects.toThrow(EngineError);
    // A second time does nothing.
    await runner.dispose();
  });
});

describe('runInline', () => {
  it('runs on the calling thread, in memory that is not shared', async () => {
    const { runner, a, b } = await setUp(0);
    expect(runner.memory.buffer).not.toBeInstanceOf(SharedArrayBuffer);
    expect(runner.threads).toBe(1);
    const first = runner.define([copy(a, b, FLOATS)]);
    const second = runner.define([copy(a + 4, b, 3)]);
    await runner.run(first, ARGUMENTS);
    expect(floats(runner, b)).toEqual(floats(runner, a));
    await runner.run(second, ARGUMENTS);
    expect([...floats(runner, b).subarray(0, 4)]).toEqual([1, 2, 3, 3]);
  });
});
