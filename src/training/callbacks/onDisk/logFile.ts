/** What the loggers of epochs have in common: a text file with a line for each. */
import { OptionError } from '../../../errors.ts';
import { GrowingFile } from '../../../files/growingFile.ts';
import { quoted } from '../../../quoted.ts';
import type { Callbacks, CallbackState } from '../../callbacks.ts';
import type { EpochLogs } from '../../history.ts';
import { keptNumber } from '../monitor.ts';

/** The lines of a file, each ended. */
export interface Lines {
  /** In front of all others. */
  readonly head: (metrics: readonly string[]) => string;
  readonly epoch: (epoch: number, logs: EpochLogs, metrics: readonly string[]) => string;
}

export class LogFile implements Callbacks {
  readonly name: string;
  readonly #file: GrowingFile;
  readonly #append: boolean;
  readonly #lines: Lines;
  #metrics: readonly string[] = [];

  constructor(name: string, path: string, append: boolean, lines: Lines) {
    this.name = name;
    this.#file = new GrowingFile(mustBePath(name, 'filename', path));
    this.#append = append;
    this.#lines = lines;
  }

  async onTrainBegin(metrics: readonly string[]): Promise<void> {
    this.#metrics = metrics;
    await this.#file.prepare(this.#append);
  }

  async onEpochEnd(epoch: number, logs: EpochLogs): Promise<void> {
    const { head, epoch: line } = this.#lines;
    const utf8 = new TextEncoder();
    await this.#file.add(utf8.encode(line(epoch, logs, this.#metrics)), utf8.encode(head(this.#metrics)));
  }

  getState(): CallbackState {
    return { values: { bytes: this.#file.bytes } };
  }

  setState(state: CallbackState): void {
    this.#file.continueAt(keptNumber(state, 'bytes') ?? 0);
  }
}

/** @throws OptionError if it is no path */
export function mustBePath(what: string, option: string, path: unknown): string {
  if (typeof path === 'string' && path !== '') return path;
  throw new OptionError(`${what}: ${option} must be a path, not ${quoted(path)}.`);
}
