import { describe, expect, it } from 'vitest';
import {
  ahead,
  runProgram,
  settled,
  together,
  type Argument,
  type Call,
  type Kernels,
} from '../../src/engine/program.ts';
import { all, type Share } from '../../src/engine/sharing.ts';
import { inTurn } from '../assembly/harness.ts';

/** Kernels that write down how they are called. */
function recorder(): { readonly calls: unknown[][]; readonly kernels: Kernels } {
  const calls: unknown[][] = [];
  const record =
    (name: string) =>
    (...args: number[]): number =>
      calls.push([name, ...args]);
  return { calls, kernels: { a: record('a'), b: record('b'), barrier: record('barrier') } };
}

const registers = { slot: 1000, rate: 0.5, scratch: 2000 };
const a: Call<Argument> = { label: 'a', kernel: 'a', arguments: [], items: 10 };

describe('runProgram', () => {
  it('fills in numbers, registers and offsets', () => {
    const { calls, kernels } = recorder();
    const args = [7, 'slot', 'rate', 'scratch', { base: 'slot', offset: 64 }] as const;
    runProgram(kernels, [{ ...a, arguments: args }], registers, { ...inTurn(0, 1), barrier: 512 });
    expect(calls).toEqual([
      ['a', 7, 1000, 0.5, 2000, 1064, 0, 10],
      ['barrier', 512, 1],
    ]);
  });

  it('gives each thread memory of its own', () => {
    const { calls, kernels } = recorder();
    const args = [{ first: 4096, stride: 192 }];
    for (let thread = 0; thread < 3; thread++) {
      runProgram(kernels, [{ ...a, items: 3, arguments: args }], registers, inTurn(thread, 3));
    }
    expect(calls.filter(([name]) => name === 'a')).toEqual([
      ['a', 4096, 0, 1],
      ['a', 4288, 1, 2],
      ['a', 4480, 2, 3],
    ]);
  });

  it('meets after every call that is not independent of the next', () => {
    const { calls, kernels } = recorder();
    const program = [{ ...a, independent: true }, { ...a, kernel: 'b' }, a];
    runProgram(kernels, program, registers, { ...inTurn(1, 2), share: all });
    expect(calls.map(([name]) => name)).toEqual(['a', 'b', 'barrier', 'a', 'barrier']);
  });

  it('hands calls on to be shared out, with what is best taken together', () => {
    const { calls, kernels } = recorder();
    const shared: unknown[] = [];
    const share: Share = (items, grain, work) => {
      shared.push([items, grain]);
      work(2, 5);
    };
    runProgram(kernels, [a, { ...a, items: 12, grain: 4 }], registers, { ...inTurn(0, 1), share });
    expect(shared).toEqual([
      [10, 1],
      [12, 4],
    ]);
    expect(calls.filter(([name]) => name === 'a')).toEqual([
      ['a', 2, 5],
      ['a', 2, 5],
    ]);
  });

  it('meets before one thread comes further ahead than calls can be told apart', () => {
    const { calls, kernels } = recorder();
    const program = ahead(Array.from({ length: 3 * 64 }, () => a));
    runProgram(kernels, program, registers, { ...inTurn(0, 2), share: all });
    const names = calls.map(([name]) => name);
    const meetings = names.flatMap((name, i) => (name === 'barrier' ? [i] : []));
    // So many calls and a meeting, again and again; and one at the end.
    expect(meetings).toEqual([63, 127, 191, 195]);
  });
});

describe('marks of barriers', () => {
  const independent = (calls: readonly Call<Argument>[]): boolean[] =>
    calls.map((each) => each.independent ?? false);

  it('are behind the last of calls that go together', () => {
    expect(independent(together([a, a, a]))).toEqual([true, true, false]);
    expect(together([])).toEqual([]);
  });

  it('are left out behind calls that nobody waits for, but for the last of a program', () => {
    expect(independent(ahead([a, a]))).toEqual([true, true]);
    expect(independent(settled([...together([a, a]), ...ahead([a, a])]))).toEqual([true, false, true, false]);
  });
});
