/** Programs in real threads, from dist, and in the calling thread. */
import { afterEach, describe, expect, it } from 'vitest';
import { Arena } from '../../src/engine/arena.ts';
import { runInline } from '../../src/engine/inlineRunner.ts';
import type { Argument, Call } from '../../src/engine/program.ts';
import type { LocalRunner } from '../../src/engine/runner.ts';
import { sharingBytes } from '../../src/engine/sharing.ts';
import { Team } from '../../src/engine/team.ts';
import { loadEngine } from '../../src/engine/tier.ts';
import { UnsharedRunner } from '../../src/engine/unsharedRunner.ts';
import { EngineError } from '../../src/errors.ts';

const FLOATS = 257;
const REGISTERS = { slot: 0, rate: 0 };

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
  const counters = arena.allocate(sharingBytes(threads));
  // Room behind them for the first to be read once more.
  const [a, b] = [arena.allocate(FLOATS * 4 + 4), arena.allocate(FLOATS * 4 + 4)];
  const plan = { barrier, counters, threads: Math.max(1, threads) };
  const memory = arena.createMemory(threads > 0);
  const engine = await loadEngine('simd', threads > 0);
  const runner = threads > 0 ? new Team(engine, memory, plan) : await runInline(engine, memory, plan);
  runners.push(runner);
  floats(runner, a).set(Float32Array.from({ length: FLOATS }, (_, i) => i));
  return { runner, a, b };
}

function floats({ memory }: LocalRunner, address: number): Float32Array {
  return new Float32Array(memory.buffer, address, FLOATS);
}

/** to[i] = from[i + offset] for each of `length` numbers, one row each so that every thread copies some. */
function copy(from: number, to: number, length: number): Call<Argument> {
  return { label: 'copy', kernel: 'copyFloats', arguments: [from, length, 1, to, 0, 4], items: length };
}

/** A copy to far outside memory, of which one thread does all. */
const CRASH: Call<Argument> = {
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
    await runner.run(runner.define([copy(a, b, FLOATS)]), REGISTERS);
    expect(floats(runner, b)).toEqual(floats(runner, a));
  });

  it.each([2, 3, 7])('has %i threads wait for each other after every call', async (threads) => {
    const { runner, a, b } = await setUp(threads);
    // Each pass turns the numbers by one place and so reads what its neighbours have written in the pass before.
    const turn = (from: number, to: number): Call<Argument>[] => [
      copy(from, from + FLOATS * 4, 1),
      copy(from + 4, to, FLOATS),
    ];
    const program = runner.define(Array.from({ length: 100 }, () => [...turn(a, b), ...turn(b, a)]).flat());
    await Promise.all([runner.run(program, REGISTERS), runner.run(program, REGISTERS)]);
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
    await runner.run(good, REGISTERS);
    const outcomes = await Promise.allSettled([
      runner.run(bad, REGISTERS),
      runner.run(good, REGISTERS),
      runner.run(good, REGISTERS),
    ]);
    for (const outcome of [...outcomes, ...(await Promise.allSettled([runner.run(good, REGISTERS)]))]) {
      expect(outcome.status).toBe('rejected');
      const reason = (outcome as PromiseRejectedResult).reason as EngineError;
      expect(reason).toBeInstanceOf(EngineError);
      expect(reason.message).toMatch(/^The engine failed \(memory access out of bounds\)\. The model keeps/);
    }
    await runner.dispose();
  });

  it('gives up what is under way when it is disposed of, and runs nothing afterwards', async () => {
    const { runner, a, b } = await setUp(2);
    const program = runner.define([copy(a, b, FLOATS)]);
    const pending = expect(runner.run(program, REGISTERS)).rejects.toThrow('The model has been disposed of.');
    await runner.dispose();
    await pending;
    await expect(runner.run(program, REGISTERS)).rejects.toThrow(EngineError);
    // A second time does nothing.
    await runner.dispose();
  });
});

describe('UnsharedRunner', () => {
  it('posts what it writes ahead of the run that reads it, and answers with a copy', async () => {
    const arena = new Arena(1024);
    const barrier = arena.allocate(64);
    const [a, b] = [arena.allocate(FLOATS * 4), arena.allocate(FLOATS * 4)];
    const engine = await loadEngine('simd', false);
    const runner = await UnsharedRunner.start(engine, arena.bytes, { barrier, counters: 0, threads: 1 });
    const program = runner.define([copy(a, b, FLOATS)]);
    const result = { address: b, bytes: FLOATS * 4 };
    const runs = [1, 2].map((number) => {
      runner.write([{ address: a, bytes: FLOATS * 4 }], (bytes) => {
        new Float32Array(bytes.buffer).fill(number);
      });
      return runner.run(program, REGISTERS, result);
    });
    for (const [i, bytes] of (await Promise.all(runs)).entries()) {
      expect([...new Float32Array(bytes.buffer)]).toEqual(Array.from({ length: FLOATS }, () => i + 1));
    }
    expect(new Float32Array((await runner.read(result)).buffer)[0]).toBe(2);
    await runner.dispose();
    await expect(runner.run(program, REGISTERS)).rejects.toThrow('The model has been disposed of.');
  });
});

describe('runInline', () => {
  it('runs on the calling thread, in memory that is not shared', async () => {
    const { runner, a, b } = await setUp(0);
    expect(runner.memory.buffer).not.toBeInstanceOf(SharedArrayBuffer);
    expect(runner.threads).toBe(1);
    const first = runner.define([copy(a, b, FLOATS)]);
    const second = runner.define([copy(a + 4, b, 3)]);
    await runner.run(first, REGISTERS);
    expect(floats(runner, b)).toEqual(floats(runner, a));
    await runner.run(second, REGISTERS);
    expect([...floats(runner, b).subarray(0, 4)]).toEqual([1, 2, 3, 3]);
  });
});
