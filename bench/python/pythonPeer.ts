/** PyTorch or Keras, in a process of the Python that has it. It answers line by line, in JSON: see networks.py. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Network } from '../../src/nn/network.ts';
import type { Kind } from '../peers/child.ts';

export const FRAMEWORKS = ['torch', 'keras'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

interface Reply {
  readonly failure?: string;
  readonly name?: string;
  readonly parameters?: number;
  readonly seconds?: number;
  readonly layout?: string | null;
}

/** What PyTorch's training can be like besides plain gradient descent on the cross-entropy. */
export interface PythonTraining {
  /** Nesterov's. */
  readonly momentum?: number;
  readonly labelSmoothing?: number;
}

/** What some batches took. */
export interface PythonRun {
  readonly seconds: number;
  /** The layout that images and weights have in memory, where there is a choice. */
  readonly layout?: string;
}

export class PythonPeer {
  /** With its version. */
  readonly name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(name: string, process: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>) {
    this.name = name;
    this.#process = process;
    this.#lines = lines;
  }

  /** @param python  the path of the interpreter. @throws Error with the reason if it has no such framework */
  static async start(python: string, framework: Framework, threads: number): Promise<PythonPeer> {
    const script = fileURLToPath(new URL('networks.py', import.meta.url));
    const child = spawn(python, [script, framework, String(threads)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    });
    // What frameworks print there does not belong in a report.
    child.stderr.resume();
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
    });
    const lines: Interface = createInterface({ input: child.stdout });
    const iterator = lines[Symbol.asyncIterator]();
    const { name } = await Promise.race([failed, nextReply(iterator)]);
    return new PythonPeer(name!, child, iterator);
  }

  /** Builds a network with fresh weights. @throws Error with the reason if it cannot, or has other parameters */
  async open(network: Network, batch: number, threads: number, training: PythonTraining = {}): Promise<void> {
    const { specs, inputShape, outputShape, inputs, parameterCount } = network;
    const layers = specs.map((spec, i) => ({ ...spec, inputs: inputs[i] }));
    const { parameters } = await this.#ask({
      ask: 'open',
      ...{ layers, inputShape, classes: outputShape[0], batch, threads, ...training },
    });
    if (parameters === parameterCount) return;
    throw new Error(`it has ${String(parameters)} parameters, not ${parameterCount}`);
  }

  async run(kind: Kind, batches: number): Promise<PythonRun> {
    const { seconds, layout } = await this.#ask({ ask: 'run', kind, batches });
    return { seconds: seconds!, ...(layout ? { layout } : {}) };
  }

  close(): void {
    this.#process.kill();
  }

  async #ask(request: object): Promise<Reply> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    return nextReply(this.#lines);
  }
}

/** @throws Error with the reason that it gives, or if it has ended */
async function nextReply(lines: AsyncIterator<string>): Promise<Reply> {
  for (;;) {
    const next = await lines.next();
    if (next.done) throw new Error('its process ended');
    const { value } = next;
    // Frameworks may print lines of their own.
    if (!value.startsWith('{')) continue;
    const reply = JSON.parse(value) as Reply;
    if (reply.failure !== undefined) throw new Error(reply.failure);
    return reply;
  }
}
