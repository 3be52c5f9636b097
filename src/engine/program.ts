/**
 * A program is a list of kernel calls that a team of threads runs together: each thread does its share of each call,
 * and they meet at a barrier before the next. It is plain data, so that it can be posted to the threads once and then
 * run as often as needed.
 */

/** Arguments that differ from run to run or from thread to thread, filled in when the program runs. */
export type Register = 'slot' | 'rate' | 'scratch';

/** An argument: a number, a register, or an offset (in bytes) from the address in a register. */
export type Argument = number | Register | { readonly base: Register; readonly offset: number };

export type Registers = Record<Register, number>;

export interface Instruction {
  /** What the call is for, such as "conv2d_1 dFilter"; profiles are grouped by it. */
  readonly label: string;
  readonly kernel: string;
  readonly arguments: readonly Argument[];
  /** How many items of work there are to share out: the kernel is given [begin, end) of them. */
  readonly items: number;
  /** True if the next call reads nothing that this one writes, and the other way round: no barrier in between. */
  readonly independent?: boolean;
}

export type Program = readonly Instruction[];

/** The kernels of one instance of the engine: see assembly/index.ts. */
export type Kernels = Readonly<Record<string, (...args: number[]) => number>>;

/** Runs one thread's part of a program. */
export function runProgram(
  kernels: Kernels,
  program: Program,
  registers: Registers,
  thread: number,
  threads: number,
  barrier: number,
): void {
  for (const { kernel, arguments: args, items, independent } of program) {
    const begin = Math.floor((items * thread) / threads);
    const end = Math.floor((items * (thread + 1)) / threads);
    const values = args.map((argument) => {
      if (typeof argument === 'number') return argument;
      if (typeof argument === 'string') return registers[argument];
      return registers[argument.base] + argument.offset;
    });
    kernels[kernel]!(...values, begin, end);
    if (!independent) kernels.barrier!(barrier, threads);
  }
}
