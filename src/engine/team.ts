import type { Program } from './program.ts';
import {
  copyOf,
  viewOf,
  type LocalRunner,
  type Region,
  type RunArguments,
  type ThreadMemory,
} from './runner.ts';
import { ThreadGroup } from './threadGroup.ts';
import type { LoadedEngine, Tier } from './tier.ts';

/** Runs programs in threads that share one memory, also with the calling thread: one thread for each scratch address. */
export class Team implements LocalRunner {
  readonly tier: Tier;
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  readonly #threads: ThreadGroup;
  #programs = 0;

  constructor(
    { tier, module }: LoadedEngine,
    memory: WebAssembly.Memory,
    { barrier, scratch }: ThreadMemory,
  ) {
    this.tier = tier;
    this.threads = scratch.length;
    this.memory = memory;
    this.#threads = new ThreadGroup(
      scratch.map((address, thread) => {
        return { module, memory, thread, threads: scratch.length, barrier, scratch: address };
      }),
    );
  }

  define(program: Program): number {
    this.#threads.post({ kind: 'define', id: this.#programs, program });
    return this.#programs++;
  }

  write(regions: readonly Region[], fill: (...parts: Uint8Array<ArrayBuffer>[]) => void): void {
    fill(...regions.map((region) => viewOf(this.memory, region)));
  }

  async run(
    program: number,
    { slot, rate }: RunArguments,
    result?: Region,
  ): Promise<Uint8Array<ArrayBuffer>> {
    await this.#threads.ask({ kind: 'run', id: program, slot, rate });
    return copyOf(this.memory, result);
  }

  read(region: Region): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(copyOf(this.memory, region));
  }

  dispose(): Promise<void> {
    return this.#threads.dispose();
  }
}
