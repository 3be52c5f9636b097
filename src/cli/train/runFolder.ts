/** The folder of a training run. Every file in it appears whole or not at all. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SimdnetError } from '../../errors.ts';
import { ClaimedFolder } from '../../files/claimedFolder.ts';
import { makeFolder } from '../../files/makeFolder.ts';
import { sweep } from '../../files/sweep.ts';
import { whyUnwritable, writeFileAtomic } from '../../files/writeFile.ts';
import { historyToCsv } from '../../formats/csv.ts';
import type { HistoryData } from '../../formats/historyData.ts';
import type { Model } from '../../training/model.ts';
import { saveModel } from '../../training/modelOnDisk.ts';
import { unwritableFolder } from '../unwritableFolder.ts';
import { CheckpointFolder } from './checkpointFolder.ts';

export class RunFolder {
  readonly path: string;
  readonly modelPath: string;
  readonly plotPath: string;
  readonly checkpoints: CheckpointFolder;
  readonly #claimed: ClaimedFolder;
  /** Whether run.json tells of a run that has not begun. */
  #announced = false;

  private constructor(claimed: ClaimedFolder) {
    const { path } = claimed;
    this.path = path;
    this.modelPath = join(path, 'model.safetensors');
    this.plotPath = join(path, 'accuracy.png');
    this.checkpoints = new CheckpointFolder(join(path, 'checkpoints'));
    this.#claimed = claimed;
  }

  /**
   * A folder for a run of its own, which no other process can have at the same time.
   * @param out  undefined for runs/<time>
   * @throws SimdnetError if the folder cannot be written, or another process works in it
   */
  static async claim(out: string | undefined, now: Date): Promise<RunFolder> {
    const name = out ?? join('runs', timestamp(now));
    try {
      const created = await makeFolder(out ?? dirname(name));
      const path = out ?? (await makeNew(name));
      return new RunFolder(new ClaimedFolder(path, out === undefined ? [...created, path] : created));
    } catch (cause) {
      if (cause instanceof SimdnetError) throw cause;
      throw unwritableFolder('The run', name, cause, '--out');
    }
  }

  /** The folder of a run that is to go on. @throws SimdnetError if another process works in it */
  static reclaim(path: string): RunFolder {
    try {
      return new RunFolder(new ClaimedFolder(path, []));
    } catch (cause) {
      if (cause instanceof SimdnetError) throw cause;
      throw new SimdnetError(`cannot write in ${path}: ${whyUnwritable(cause, path, true)}`, { cause });
    }
  }

  /** Removes the lock that a process left which was killed when all was done. */
  static async tidy(path: string): Promise<void> {
    try {
      await RunFolder.reclaim(path).release();
    } catch {
      // It is in use, or cannot be written to: the lock of a process that is gone does no harm.
    }
  }

  get #record(): string {
    return join(this.path, 'run.json');
  }

  /** Tells of a run before it begins, so that it can be gone on with even then; but not instead of an earlier one. @throws SimdnetError */
  async announce(description: object): Promise<void> {
    if (existsSync(this.#record)) return;
    this.#announced = true;
    await this.describe(description);
  }

  /** Lets other processes have it. What was created is removed again if nothing was written. */
  async release(): Promise<void> {
    if (this.#announced) await rm(this.#record, { force: true }).catch(() => undefined);
    await this.#claimed.release();
  }

  /** Makes room for a new run where an earlier one may have been. @throws SimdnetError */
  async begin(description: object): Promise<void> {
    try {
      await sweep(this.path);
      await this.checkpoints.clear();
      await rm(join(this.path, 'best.safetensors'), { force: true });
    } catch (cause) {
      throw unwritableFolder('The run', this.path, cause, '--out');
    }
    await this.describe(description);
    this.#announced = false;
  }

  /** Writes run.json. @throws SimdnetError */
  async describe(description: object): Promise<void> {
    await writeFileAtomic(this.#record, `${JSON.stringify(description, null, 2)}\n`);
  }

  /** Saves the model and, if any epoch is complete, the history. @throws SimdnetError */
  async save(model: Model, history: HistoryData): Promise<void> {
    await saveModel(model, this.modelPath);
    if (history.epoch.length === 0) return;
    await writeFileAtomic(join(this.path, 'history.json'), `${JSON.stringify(history, null, 2)}\n`);
    await writeFileAtomic(join(this.path, 'history.csv'), historyToCsv(history));
  }

  /** Draws the history. @throws SimdnetError */
  async plot(history: HistoryData): Promise<void> {
    const { plotHistory } = await import('../../plot/historyPlot.ts');
    await writeFileAtomic(this.plotPath, await plotHistory(history));
  }
}

/** Such as 2026-01-31T09-05-00, local time: a colon in a file's name would not do on every system. */
export function timestamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  return `${date}T${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('-')}`;
}

/** Creates a folder that was not there: the first of `path`, `path-2`, … */
async function makeNew(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path}-${n}`;
    try {
      await mkdir(candidate);
      return candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
