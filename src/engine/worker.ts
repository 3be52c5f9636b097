/** One thread of a team: it instantiates the engine on the shared memory and runs the programs it is sent. */
import { runProgram, type Kernels, type Program } from './program.ts';

export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
  /** The address of the team's barrier. */
  readonly barrier: number;
  /** The address of this thread's scratch memory. */
  readonly scratch: number;
}

export type TeamMessage =
  | { readonly kind: 'define'; readonly id: number; readonly program: Program }
  | { readonly kind: 'run'; readonly id: number; readonly slot: number; readonly rate: number };

/** Sent by the first thread only, when all have finished a run. */
export type TeamReply = 'done';

/** A thread as seen from the main one; the platform provides it. */
export interface TeamWorker {
  post(message: TeamMessage): void;
  onMessage(listener: (reply: TeamReply) => void): void;
  onFailure(listener: (error: Error) => void): void;
  /** Whether the process may not end while this thread lives. */
  keepAlive(alive: boolean): void;
  terminate(): Promise<void>;
}

/** Sets the thread up. @returns what to do with each message */
export async function serve(
  { module, memory, thread, threads, barrier, scratch }: WorkerSetup,
  reply: (message: TeamReply) => void,
): Promise<(message: TeamMessage) => void> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;
  const programs = new Map<number, Program>();
  return (message) => {
    if (message.kind === 'define') {
      programs.set(message.id, message.program);
      return;
    }
    const { slot, rate } = message;
    runProgram(kernels, programs.get(message.id)!, { slot, rate, scratch }, thread, threads, barrier);
    if (thread === 0) reply('done');
  };
}
