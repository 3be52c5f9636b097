/** What runs inside a thread of the engine; the platform's entry points call it. */
import { createMemory } from './arena.ts';
import { runProgram, type Kernels, type Member, type Program } from './program.ts';
import { copyOf } from './runner.ts';
import { all, shareInTeam } from './sharing.ts';
import type { ThreadMessage, ThreadReply, ThreadSetup } from './thread.ts';

/**
 * Instantiates the engine on the thread's memory.
 * @param reply  sends the result, whose memory need not be kept
 * @returns what to do with each message
 * @throws EngineError if there is no memory left
 */
export async function threadMain(
  setup: ThreadSetup,
  reply: (result: ThreadReply) => void,
): Promise<(message: ThreadMessage) => void> {
  const { module, thread, threads, barrier, counters } = setup;
  const memory = typeof setup.memory === 'number' ? createMemory(setup.memory, false) : setup.memory;
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;
  const share = threads === 1 ? all : shareInTeam(memory, counters, thread, threads);
  const member: Member = { thread, threads, barrier, share };
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
        runProgram(kernels, programs.get(id)!, registers, member);
      }
    }
    if (thread === 0) reply(copyOf(memory, message.result));
  };
}
