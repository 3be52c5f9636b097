/** The entry point of a thread that reads and decodes pictures. */
import { parentPort } from 'node:worker_threads';
import { decodeFiles, type DecodeReply, type DecodeRequest } from './decodeFiles.ts';

const port = parentPort!;

port.on('message', (requests: readonly DecodeRequest[]) => {
  void decodeFiles(requests).then((replies) => {
    port.postMessage(replies satisfies DecodeReply[], replies.flatMap(pixelsOf));
  });
});

function pixelsOf(reply: DecodeReply): ArrayBuffer[] {
  return 'decoded' in reply && reply.decoded.pixels ? [reply.decoded.pixels.buffer] : [];
}
