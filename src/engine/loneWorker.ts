import type { Program, Registers } from './program.ts';
import type { Region, Runner, ThreadMemory } from './runner.ts';
import type { LoadedEngine, Tier } from './tier.ts';
import { Workers } from './workers.ts';

/**
 * Runs programs in one thread with memory of its own, for where threads cannot share any. What goes in is posted ahead
 * of the run that needs it, and what comes out is posted back with its answer.
 */
export class LoneWorker implements Runner {
  readonly tier: Tier;
  readonly threads = 1;
  readonly memory = undefined;
  readonly #workers: Workers;
  #programs = 0;

  private constructor(tier: Tier, workers: Workers) {
    this.tier = tier;
    this.#workers = workers;
  }

  /**
   * Starts the thread, and waits until it has its memory.
   * @param bytes  the size of the memory
   * @throws EngineError if the thread cannot be started, or has no memory left
   */
  static async start(
    { tier, module }: LoadedEngine,
    bytes: number,
    { barrier }: ThreadMemory,
  ): Promise<LoneWorker> {
    const workers = new Workers([
      { module, memory: bytes, thread: 0, threads: 1, barrier },
    ]);
    const worker = new LoneWorker(tier, workers);
    await worker.read({ address: 0, bytes: 0 });
    return worker;
  }

  define(program: Program): number {
    this.#workers.post({ kind: 'define', id: this.#programs, program });
    return this.#programs++;
  }

  write(regions: readonly Region[], fill: (...parts: Uint8Array<ArrayBuffer>[]) => void): void {
    const parts = regions.map(({ bytes }) => new Uint8Array(bytes));
    fill(...parts);
    regions.forEach(({ address }, i) => {
      const bytes = parts[i]!;
      this.#workers.post({ kind: 'write', address, bytes }, [bytes.buffer]);
    });
  }

  run(program: number, registers: Registers, result?: Region): Promise<Uint8Array<ArrayBuffer>> {
    return this.#workers.ask({ kind: 'run', id: program, registers, result });
  }

  read(result: Region): Promise<Uint8Array<ArrayBuffer>> {
    return this.#workers.ask({ kind: 'read', result });
  }

  dispose(): Promise<void> {
    return this.#workers.dispose();
  }
}
