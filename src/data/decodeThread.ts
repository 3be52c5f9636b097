/** The entry point of a thread that decodes pictures. */
import { parentPort } from 'node:worker_threads';
import { decodeFiles } from './decodeFiles.ts';
import type { DecodeReply, DecodeRequest } from './decodingThreads.ts';

const port = parentPort!;

// One request after the other: more at once would only take more memory.
let last: Promise<void> = Promise.resolve();
port.on('message', ({ id, paths, size, options }: DecodeRequest) => {
  last = last.then(async () => {
    const decoded = await decodeFiles(paths, size, options);
    port.postMessage({ id, decoded } satisfies DecodeReply, [decoded.pixels.buffer]);
  });
});
