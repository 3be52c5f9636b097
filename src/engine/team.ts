import { startWorker } from '#platform';
import { EngineError } from '../errors.ts';
import { runProgram, type Kernels, type Program } from './program.ts';
import type { LoadedEngine, Tier } from './tier.ts';
import type { TeamMessage, TeamWorker } from './worker.ts';

/** Arguments of one run: the batch's slot in memory, and the optimiser's step size. */
export interface RunArguments {
  readonly slot: number;
  readonly rate: number;
}

/** Whoever runs programs: a team of threads, or the calling thread alone. */
export interface Runner {
  readonly tier: Tier;
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  /** Makes a program known. @returns its number */
  define(program: Program): number;
  /** Runs a program after all those asked for before. @throws EngineError if the engine fails */
  run(program: number, args: RunArguments): Promise<void>;
  /** Ends the threads. Nothing can be run afterwards. */
  dispose(): Promise<void>;
}

/** Where the memory plan put what the threads themselves need. */
export interface ThreadMemory {
  /** The barrier's two i32. */
  readonly barrier: number;
  /** Each thread's scratch memory. */
  readonly scratch: readonly number[];
}

/** Runs programs at once, on the calling thread and in memory of its own: for small work, without start-up cost. */
export async function runInline(
  { tier, module }: LoadedEngine,
  memory: WebAssembly.Memory,
  { barrier, scratch }: ThreadMemory,
): Promise<Runner> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;
  const programs: Program[] = [];
  return {
    tier,
    threads: 1,
    memory,
    define: (program) => programs.push(program) - 1,
    run: (program, args) => {
      runProgram(kernels, programs[program]!, { ...args, scratch: scratch[0]! }, 0, 1, barrier);
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  };
}

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Runs programs in threads that share one memory: one thread for each scratch address. */
export class Team implements Runner {
  readonly tier: Tier;
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  readonly #workers: TeamWorker[];
  readonly #pending: Pending[] = [];
  #programs = 0;
  #failure: Error | undefined;

  constructor(
    { tier, module }: LoadedEngine,
    memory: WebAssembly.Memory,
    { barrier, scratch }: ThreadMemory,
  ) {
    this.tier = tier;
    this.threads = scratch.length;
    this.memory = memory;
    this.#workers = scratch.map((address, thread) =>
      startWorker({ module, memory, thread, threads: scratch.length, barrier, scratch: address }),
    );
    for (const worker of this.#workers) {
      worker.onFailure((error) => {
        this.#fail(error);
      });
    }
    this.#workers[0]!.onMessage(() => {
      this.#pending.shift()?.resolve();
      if (this.#pending.length === 0) this.#keepAlive(false);
    });
  }

  define(program: Program): number {
    this.#post({ kind: 'define', id: this.#programs, program });
    return this.#programs++;
  }

  run(program: number, { slot, rate }: RunArguments): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ resolve, reject }) === 1) this.#keepAlive(true);
      this.#post({ kind: 'run', id: program, slot, rate });
    });
  }

  async dispose(): Promise<void> {
    this.#fail(new EngineError('The model has been disposed of.'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #post(message: TeamMessage): void {
    for (const worker of this.#workers) worker.post(message);
  }

  #keepAlive(alive: boolean): void {
    this.#workers[0]!.keepAlive(alive);
  }

  /** One thread that fails leaves the others waiting for it: end them all, and every run that was asked for. */
  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure =
      error instanceof EngineError
        ? error
        : new EngineError(`The engine failed: ${error.message}`, { cause: error });
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
    for (const worker of this.#workers) void worker.terminate();
  }
}
