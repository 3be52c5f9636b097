import type { Program, Registers } from './program.ts';
import type { Region, Runner, ThreadMemory } from './runner.ts';
import { ThreadGroup } from './threadGroup.ts';
import type { LoadedEngine, Tier } from './tier.ts';

/**
 * Runs programs in one thread with memory of its own, for where threads cannot share any. What goes in is posted ahead
 * of the run that needs it, and what comes out is posted back with its answer.
 */
export class UnsharedRunner implements Runner {
  readonly tier: Tier;
  readonly threads = 1;
  readonly memory = undefined;
  readonly #thread: ThreadGroup;
  #programs = 0;

  private constructor(tier: Tier, thread: ThreadGroup) {
    this.tier = tier;
    this.#thread = thread;
  }

  /**
   * Starts the thread, and waits until it has its memory.
   * @param bytes  the size of the memory
   * @throws EngineError if the thread cannot be started, or has no memory left
   */
  static async start(
    { tier, module }: LoadedEngine,
    bytes: number,
    { barrier, counters }: ThreadMemory,
  ): Promise<UnsharedRunner> {
    const thread = new ThreadGroup([{ module, memory: bytes, thread: 0, threads: 1, barrier, counters }]);
    const runner = new UnsharedRunner(tier, thread);
    await runner.read({ address: 0, bytes: 0 });
    return runner;
  }

  get failure(): Error | undefined {
    return this.#thread.failure;
  }

  define(program: Program): number {
    this.#thread.post({ kind: 'define', id: this.#programs, program });
    return this.#programs++;
  }

  write(regions: readonly Region[], fill: (...parts: Uint8Array<ArrayBuffer>[]) => void): void {
    const parts = regions.map(({ bytes }) => new Uint8Array(bytes));
    fill(...parts);
    regions.forEach(({ address }, i) => {
      const bytes = parts[i]!;
      this.#thread.post({ kind: 'write', address, bytes }, [bytes.buffer]);
    });
  }

  run(program: number, registers: Registers, result?: Region): Promise<Uint8Array<ArrayBuffer>> {
    return this.#thread.ask({ kind: 'run', id: program, registers, result });
  }

  read(result: Region): Promise<Uint8Array<ArrayBuffer>> {
    return this.#thread.ask({ kind: 'read', result });
  }

  dispose(): Promise<void> {
    return this.#thread.dispose();
  }
}
