import type { Program, Registers } from './program.ts';
import { copyOf, viewOf, type LocalRunner, type Region, type ThreadMemory } from './runner.ts';
import { ThreadGroup } from './threadGroup.ts';
import type { LoadedEngine, Tier } from './tier.ts';

/** Runs programs in threads that share one memory, also with the calling thread: as many as were planned for. */
export class Team implements LocalRunner {
  readonly tier: Tier;
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  readonly #group: ThreadGroup;
  #programs = 0;

  constructor(
    { tier, module }: LoadedEngine,
    memory: WebAssembly.Memory,
    { barrier, counters, threads }: ThreadMemory,
  ) {
    this.tier = tier;
    this.threads = threads;
    this.memory = memory;
    this.#group = new ThreadGroup(
      Array.from({ length: threads }, (_, thread) => ({
        module,
        memory,
        thread,
        threads,
        barrier,
        counters,
      })),
    );
  }

  get failure(): Error | undefined {
    return this.#group.failure;
  }

  define(program: Program): number {
    this.#group.post({ kind: 'define', id: this.#programs, program });
    return this.#programs++;
  }

  write(regions: readonly Region[], fill: (...parts: Uint8Array<ArrayBuffer>[]) => void): void {
    fill(...regions.map((region) => viewOf(this.memory, region)));
  }

  async run(program: number, registers: Registers, result?: Region): Promise<Uint8Array<ArrayBuffer>> {
    await this.#group.ask({ kind: 'run', id: program, registers });
    return copyOf(this.memory, result);
  }

  read(region: Region): Promise<Uint8Array<ArrayBuffer>> {
    // Threads that have failed may have been in the middle of a step.
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(viewOf(this.memory, region));
  }

  dispose(): Promise<void> {
    return this.#group.dispose();
  }
}
