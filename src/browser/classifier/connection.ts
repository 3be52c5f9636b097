/** Where the classifier runs: in a worker made of the page's own script, or in the page itself where there can be no such worker. */
import type { Fit } from '../../data/fitPicture.ts';
import { SimdnetError } from '../../errors.ts';
import { answer, Caller, RemoteError, type Port } from '../rpc.ts';
import { Classifier } from './classifier.ts';
import type { ClassifierCalls, Description } from './protocol.ts';

export interface Connection {
  readonly classifier: Pick<ClassifierCalls, 'classifyFile' | 'classifyFrame'>;
  readonly description: Description;
}

/** The end in the worker. */
export function serve(scope: Port): void {
  const classifier = new Classifier();
  const calls: ClassifierCalls = {
    load: (model, fit) => classifier.load(model, fit),
    classifyFile: (file) => classifier.classifyFile(file),
    classifyFrame: (frame) => classifier.classifyFrame(frame),
  };
  answer<ClassifierCalls>(scope, calls, describe);
}

/**
 * The end in the page: waits until the model is there.
 * @param script  the text of the page's script
 * @throws RemoteError, SimdnetError if the model cannot be loaded
 */
export async function connect(script: string, model: string, fit?: Fit): Promise<Connection> {
  try {
    return await connectToWorker(script, model, fit);
  } catch (error) {
    // That of the model would come again.
    if (error instanceof RemoteError) throw error;
    const classifier = new Classifier();
    const description = await classifier.load(model, fit);
    return {
      description,
      classifier: {
        classifyFile: (file) => painted().then(() => classifier.classifyFile(file)),
        classifyFrame: (frame) => painted().then(() => classifier.classifyFrame(frame)),
      },
    };
  }
}

async function connectToWorker(script: string, model: string, fit?: Fit): Promise<Connection> {
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
  const caller = new Caller<ClassifierCalls, never>(worker, () => undefined);
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    caller.fail(new Error(event.message || 'The worker cannot be started.'));
  });
  return {
    description: await caller.call('load', model, fit),
    classifier: {
      classifyFile: (file) => caller.call('classifyFile', file),
      classifyFrame: (frame) => caller.call('classifyFrame', frame),
    },
  };
}

/** Lets the page show what has changed, and take what was pressed. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

function describe(error: unknown): { name: string; message: string } {
  if (error instanceof SimdnetError) return { name: error.name, message: error.message };
  // How browsers say that a typed array or a WebAssembly memory could not be had.
  if (error instanceof RangeError)
    return {
      name: 'OutOfMemory',
      message: `There is not enough memory: close other tabs. (${error.message})`,
    };
  const message = error instanceof Error ? error.message : String(error);
  return { name: 'Error', message: `Something went wrong: ${message}` };
}
