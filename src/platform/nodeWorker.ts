/** The entry point of a team's thread in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import { serve, type TeamMessage, type WorkerSetup } from '../engine/worker.ts';

const port = parentPort!;
const receive = await serve(workerData as WorkerSetup, (reply) => {
  port.postMessage(reply, [reply.buffer]);
});
port.on('message', (message: TeamMessage) => {
  receive(message);
});
