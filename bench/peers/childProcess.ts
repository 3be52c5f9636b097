/** The parent's side of a peer's process. */
import { fork, type ChildProcess } from 'node:child_process';
import { imageSource } from '../images.ts';
import type { ChildReply, ChildRequest, Kind, Outputs } from './child.ts';
import type { RosterEntry } from './roster.ts';

/** The slowest training step takes seconds an image. */
const PATIENCE = 10 * 60 * 1000;

export class PeerProcess {
  readonly entry: RosterEntry;
  readonly #child: ChildProcess;

  constructor(entry: RosterEntry) {
    this.entry = entry;
    // The same flags as this process has, which make it run TypeScript. What peers print does not belong in a report.
    this.#child = fork(new URL('child.ts', import.meta.url), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  }

  /** Sets the peer up. @throws Error with the reason if it cannot be used */
  async open(checkSteps: number): Promise<Outputs> {
    const reply = await this.#ask({
      ask: 'open',
      entry: this.entry,
      images: imageSource(),
      checkSteps,
    });
    if (reply.reply !== 'outputs') throw new Error('it answered something else');
    return reply;
  }

  /** @returns how long it took, in seconds, on the peer's own clock */
  async run(kind: Kind, batches: number): Promise<number> {
    const reply = await this.#ask({ ask: 'run', kind, batches });
    if (reply.reply !== 'seconds') throw new Error('it answered something else');
    return reply.seconds;
  }

  close(): void {
    this.#child.kill();
  }

  #ask(request: ChildRequest): Promise<ChildReply> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        act();
      };
      const fail = (reason: string): void => {
        settle(() => {
          reject(new Error(reason));
        });
      };
      const onMessage = (reply: ChildReply): void => {
        if (reply.reply === 'failure') fail(reply.reason);
        else
          settle(() => {
            resolve(reply);
          });
      };
      const onExit = (code: number | null, signal: string | null): void => {
        fail(`its process ended (${signal ?? `exit code ${code ?? '?'}`})`);
      };
      const timer = setTimeout(() => {
        fail(`no answer within ${PATIENCE / 60_000} minutes`);
      }, PATIENCE);
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
      this.#child.send(request);
    });
  }
}
