import type { Values } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import type { trainOptions } from './trainOptions.ts';

/** The options of `train`, read. */
export type TrainValues = Values<typeof trainOptions>;

/** The surroundings of a training. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Tells programs about something, if they want to know. */
  readonly emit: (event: string, data: object) => void;
}
