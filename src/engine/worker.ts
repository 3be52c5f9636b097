/** One thread of a team: it instantiates the engine on its memory and does what it is told. */
import { createMemory } from './arena.ts';
import { runProgram, type Kernels, type Program, type Registers } from './program.ts';
import { copyOf, type Region } from './runner.ts';

export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  /** The memory that it shares with others; or the size of that which it is to make for itself, in bytes. */
  readonly memory: WebAssembly.Memory | number;
  readonly thread: number;
  readonly threads: number;
  /** The address of the team's barrier. */
  readonly barrier: number;
}

/** Carried out in the order in which they come. */
export type TeamMessage =
  | { readonly kind: 'define'; readonly id: number; readonly program: Program }
  | { readonly kind: 'write'; readonly address: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly registers: Registers;
      readonly result?: Region | undefined;
    }
  | { readonly kind: 'read'; readonly result: Region };

/** Sent by the first thread only, when all have finished a run or it has read: the result that was asked for. */
export type TeamReply = Uint8Array<ArrayBuffer>;

/** A thread as seen from the main one; the platform provides it. */
export interface TeamWorker {
  /** @param transfer  what the other side gets for good, instead of a copy */
  post(message: TeamMessage, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (reply: TeamReply) => void): void;
  onFailure(listener: (error: Error) => void): void;
  /** Whether the process may not end while this thread lives. */
  keepAlive(alive: boolean): void;
  terminate(): Promise<void>;
}

/**
 * Sets the thread up.
 * @param reply  sends the result, whose memory need not be kept
 * @returns what to do with each message
 * @throws EngineError if there is no memory left
 */
export async function serve(
  setup: WorkerSetup,
  reply: (result: TeamReply) => void,
): Promise<(message: TeamMessage) => void> {
  const { module, thread, threads, barrier } = setup;
  const memory = typeof setup.memory === 'number' ? createMemory(setup.memory, false) : setup.memory;
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;
  const programs = new Map<number, Program>();
  return (message) => {
    switch (message.kind) {
      case 'define':
        programs.set(message.id, message.program);
        return;
      case 'write':
        new Uint8Array(memory.buffer).set(message.bytes, message.address);
        return;
      case 'run': {
        const { id, registers } = message;
        runProgram(kernels, programs.get(id)!, registers, thread, threads, barrier);
      }
    }
    if (thread === 0) reply(copyOf(memory, message.result));
  };
}
