/**
 * A program is a list of kernel calls that a team of threads runs together: each thread does its share of each call,
 * and they meet at a barrier before the next. It is plain data, so that it can be posted to the threads once and then
 * run as often as needed.
 */
import type { Pointer } from './pointer.ts';
import { CALLS_UNDER_WAY, type Share } from './sharing.ts';

/**
 * Numbers that differ from run to run: the address of the batch's slot, the optimiser's step size with all corrections,
 * the learning rate, how much of the averages of weights is kept, and how many steps have been taken. `scratch` differs from
 * thread to thread.
 */
export type Register = 'slot' | 'scratch' | 'rate' | 'learningRate' | 'average' | 'lookahead' | 'step';

/** An argument whose value is known when the program runs. */
export type Argument =
  | number
  | Register
  /** An offset (in bytes) from the address in a register. */
  | { readonly base: Register; readonly offset: number }
  /** Memory of each thread's own: that of the first, and how many bytes further on the next thread's is. */
  | { readonly first: number; readonly stride: number };

/** A call of a kernel. @typeParam A  what its arguments can be: pointers too, until they are resolved */
export interface Call<A> {
  /** What the call is for, such as "conv2d_1 dFilter"; profiles are grouped by it. */
  readonly label: string;
  readonly kernel: string;
  readonly arguments: readonly A[];
  /** How many items of work there are to share out: the kernel is given [begin, end) of them. */
  readonly items: number;
  /** How many of them, from a multiple of it on, are best taken together, since they share some preparation; 1 by default. */
  readonly grain?: number;
  /** True if the next call reads nothing that this one writes, and the other way round: no barrier in between. */
  readonly independent?: boolean;
}

/** A call as a plan has it: some of its addresses are not known yet. */
export type Instruction = Call<Argument | Pointer>;

export type Program = readonly Call<Argument>[];

/** What the registers hold in a run; those that no call asks for may be left out. */
export type Registers = Readonly<Partial<Record<Register, number>>>;

/** The kernels of one instance of the engine: see assembly/index.ts. */
export type Kernels = Readonly<Record<string, (...args: number[]) => number>>;

/** A thread of a team, as it runs programs. */
export interface Member {
  readonly thread: number;
  readonly threads: number;
  /** The address of the barrier where they meet. */
  readonly barrier: number;
  /** How calls are shared out. */
  readonly share: Share;
}

/** Runs one thread's part of a program. */
export function runProgram(
  kernels: Kernels,
  program: Program,
  registers: Registers,
  { thread, threads, barrier, share }: Member,
): void {
  let underWay = 0;
  for (const { kernel, arguments: args, items, grain = 1, independent } of program) {
    const values = args.map((argument) => {
      if (typeof argument === 'number') return argument;
      if (typeof argument === 'string') return registers[argument]!;
      if ('stride' in argument) return argument.first + thread * argument.stride;
      return registers[argument.base]! + argument.offset;
    });
    const run = kernels[kernel]!;
    share(items, grain, (begin, end) => run(...values, begin, end));
    underWay++;
    if (independent && underWay < CALLS_UNDER_WAY - 1) continue;
    kernels.barrier!(barrier, threads);
    underWay = 0;
  }
  // The next program may follow at once.
  if (underWay > 0) kernels.barrier!(barrier, threads);
}

/** Marks calls that do not touch each other's results: the threads meet only after the last. */
export function together<A>(calls: readonly Call<A>[]): readonly Call<A>[] {
  return calls.map((call, i) => (i < calls.length - 1 ? { ...call, independent: true } : call));
}

/** Marks calls whose results nobody needs before the next barrier. */
export function ahead<A>(calls: readonly Call<A>[]): readonly Call<A>[] {
  return calls.map((call) => ({ ...call, independent: true }));
}

/** The calls with a barrier behind the last of them. */
export function settled<A>(calls: readonly Call<A>[]): Call<A>[] {
  return calls.map((call, i) => (i === calls.length - 1 ? { ...call, independent: false } : call));
}
