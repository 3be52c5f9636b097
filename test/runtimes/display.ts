/** A display that nobody sees, for browsers that have no headless mode. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export const XVFB = '/usr/bin/Xvfb';

export interface Display {
  /** For the variable DISPLAY. */
  readonly name: string;
  close(): void;
}

/** Starts Xvfb on the first display that is free. @throws Error if it does not start */
export async function openDisplay(): Promise<Display> {
  const screen = ['-screen', '0', '1024x768x24', '-nolisten', 'tcp'];
  // It writes the number of the display to file 3 as soon as it can be used.
  const server = spawn(XVFB, ['-displayfd', '3', ...screen], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit').then(([code]) => {
    throw new Error(`${XVFB} ended with code ${String(code)}.`);
  });
  const [number] = (await Promise.race([once(server.stdio[3] as Readable, 'data'), ended])) as [Buffer];
  ended.catch(() => undefined);
  return { name: `:${number.toString().trim()}`, close: () => void server.kill() };
}
