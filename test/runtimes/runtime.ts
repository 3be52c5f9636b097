import type { Outcome, Task } from './program.ts';

/** Something that runs JavaScript and WebAssembly. */
export interface Runtime {
  readonly name: string;
  /** What it takes to install it, if it is not there. */
  missing(): string | undefined;
  /** Does the tasks one after the other, and ends what it started. @throws Error if the runtime itself fails */
  run(tasks: readonly Task[]): Promise<Report>;
}

export interface Report {
  readonly version: string;
  /** Of JavaScript. */
  readonly engine: string;
  /** One for each task. */
  readonly outcomes: readonly Outcome[];
  /** What it had to be told, if anything. */
  readonly note?: string;
}

/** How long a runtime may take, in milliseconds: a machine may have other things to do. */
export const TIME_LIMIT = 300_000;
