/** The entry point of a thread of the engine in a browser: the first message sets it up, the others say what to do. */
import type { ThreadMessage, ThreadSetup } from '../engine/thread.ts';
import { threadMain } from '../engine/threadMain.ts';
import { EngineError } from '../errors.ts';
import type { WorkerReply } from './browser.ts';

/** What there is of a dedicated worker's global scope; TypeScript's DOM describes that of a page. */
interface WorkerScope {
  postMessage(message: WorkerReply, transfer?: readonly ArrayBuffer[]): void;
  onmessage: ((event: MessageEvent<ThreadSetup | ThreadMessage>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
let receive: Promise<(message: ThreadMessage) => void> | undefined;

scope.onmessage = ({ data }) => {
  if (!receive) {
    receive = threadMain(data as ThreadSetup, (reply) => {
      scope.postMessage({ reply }, [reply.buffer]);
    });
  } else
    receive = receive.then((handle) => {
      handle(data as ThreadMessage);
      return handle;
    });
  // A promise that is rejected in a worker is not heard of outside; and a class does not survive being posted.
  receive.catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ failure: message, known: error instanceof EngineError });
  });
};
