/** The entry point of a thread of the engine in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadMessage, ThreadSetup } from '../engine/thread.ts';
import { threadMain } from '../engine/threadMain.ts';

const port = parentPort!;
const receive = await threadMain(workerData as ThreadSetup, (reply) => {
  port.postMessage(reply, [reply.buffer]);
});
port.on('message', (message: ThreadMessage) => {
  receive(message);
});
