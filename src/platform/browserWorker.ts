/** The entry point of a team's thread in a browser: the first message sets it up, the others say what to do. */
import { serve, type TeamMessage, type WorkerSetup } from '../engine/worker.ts';
import { EngineError } from '../errors.ts';
import type { WorkerReply } from './browser.ts';

/** What there is of a dedicated worker's global scope; TypeScript's DOM describes that of a page. */
interface WorkerScope {
  postMessage(message: WorkerReply, transfer?: readonly ArrayBuffer[]): void;
  onmessage: ((event: MessageEvent<WorkerSetup | TeamMessage>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
let receive: Promise<(message: TeamMessage) => void> | undefined;

scope.onmessage = ({ data }) => {
  if (!receive) {
    receive = serve(data as WorkerSetup, (reply) => {
      scope.postMessage({ reply }, [reply.buffer]);
    });
  } else
    receive = receive.then((handle) => {
      handle(data as TeamMessage);
      return handle;
    });
  // A promise that is rejected in a worker is not heard of outside; and a class does not survive being posted.
  receive.catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ failure: message, known: error instanceof EngineError });
  });
};
