import { runProgram, type Kernels, type Program, type Registers } from './program.ts';
import { copyOf, viewOf, type Region, type Runner, type ThreadMemory } from './runner.ts';
import type { LoadedEngine, Tier } from './tier.ts';
import { Workers } from './workers.ts';

/** A runner whose memory the calling thread can reach. */
export interface LocalRunner extends Runner {
  readonly memory: WebAssembly.Memory;
}

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
    define: (program) => programs.push(program) - 1,
    write: (regions, fill) => {
      fill(...regions.map((region) => viewOf(memory, region)));
    },
    run: (program, registers, result) => {
      runProgram(kernels, programs[program]!, registers, 0, 1, barrier);
      return Promise.resolve(copyOf(memory, result));
    },
    read: (region) => Promise.resolve(copyOf(memory, region)),
    dispose: () => Promise.resolve(),
  };
}

/** Runs programs in threads that share one memory, also with the calling thread: as many as were planned for. */
export class Team implements LocalRunner {
  readonly tier: Tier;
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  readonly #workers: Workers;
  #programs = 0;

  constructor(
    { tier, module }: LoadedEngine,
    memory: WebAssembly.Memory,
    { barrier, threads }: ThreadMemory,
  ) {
    this.tier = tier;
    this.threads = threads;
    this.memory = memory;
    this.#workers = new Workers(
      Array.from({ length: threads }, (_, thread) => ({ module, memory, thread, threads, barrier })),
    );
  }

  define(program: Program): number {
    this.#workers.post({ kind: 'define', id: this.#programs, program });
    return this.#programs++;
  }

  write(regions: readonly Region[], fill: (...parts: Uint8Array<ArrayBuffer>[]) => void): void {
    fill(...regions.map((region) => viewOf(this.memory, region)));
  }

  async run(
    program: number,
    registers: Registers,
    result?: Region,
  ): Promise<Uint8Array<ArrayBuffer>> {
    await this.#workers.ask({ kind: 'run', id: program, registers });
    return copyOf(this.memory, result);
  }

  read(region: Region): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(copyOf(this.memory, region));
  }

  dispose(): Promise<void> {
    return this.#workers.dispose();
  }
}
