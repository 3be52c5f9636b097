import { runProgram, type Kernels, type Program } from './program.ts';
import { all } from './sharing.ts';
import { copyOf, viewOf, type LocalRunner, type ThreadMemory } from './runner.ts';
import type { LoadedEngine } from './tier.ts';

/** Runs programs at once, on the calling thread and in memory of its own: for small work, without start-up cost. */
export async function runInline(
  { tier, module }: LoadedEngine,
  memory: WebAssembly.Memory,
  { barrier }: ThreadMemory,
): Promise<LocalRunner> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;
  const programs: Program[] = [];
  return {
    tier,
    threads: 1,
    memory,
    failure: undefined,
    define: (program) => programs.push(program) - 1,
    write: (regions, fill) => {
      fill(...regions.map((region) => viewOf(memory, region)));
    },
    run: (program, registers, result) => {
      runProgram(kernels, programs[program]!, registers, { thread: 0, threads: 1, barrier, share: all });
      return Promise.resolve(copyOf(memory, result));
    },
    read: (region) => Promise.resolve(viewOf(memory, region)),
    dispose: () => Promise.resolve(),
  };
}
