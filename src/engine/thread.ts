/** A thread of the engine as those see it who start it: what it is given, what it is told, and what it answers. */
import type { Program, Registers } from './program.ts';
import type { Region } from './runner.ts';

export interface ThreadSetup {
  readonly module: WebAssembly.Module;
  /** The memory that it shares with others; or the size of that which it is to make for itself, in bytes. */
  readonly memory: WebAssembly.Memory | number;
  readonly thread: number;
  readonly threads: number;
  /** The address of the barrier where the threads meet. */
  readonly barrier: number;
  /** And of the counters by which they share calls out: see sharing.ts. */
  readonly counters: number;
}

/** Carried out in the order in which they come. */
export type ThreadMessage =
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
export type ThreadReply = Uint8Array<ArrayBuffer>;

/** The platform provides it. */
export interface Thread {
  /** @param transfer  what the other side gets for good, instead of a copy */
  post(message: ThreadMessage, transfer?: readonly ArrayBuffer[]): void;
  /** Whether the process may not end while this thread lives. */
  keepAlive(alive: boolean): void;
  terminate(): Promise<void>;
}
