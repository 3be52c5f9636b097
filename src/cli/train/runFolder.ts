/** The folder of a training run. Every file in it appears whole or not at all. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SimdnetError } from '../../errors.ts';
import { makeFolder } from '../../files/makeFolder.ts';
import { sweep } from '../../files/sweep.ts';
import { writeFileAtomic } from '../../files/writeFile.ts';
import { historyToCsv } from '../../formats/csv.ts';
import type { HistoryData } from '../../formats/historyData.ts';
import type { Model } from '../../training/model.ts';
import { saveModel } from '../../training/modelOnDisk.ts';

export class RunFolder {
  readonly path: string;
  readonly modelPath: string;
  readonly plotPath: string;

  private constructor(path: string) {
    this.path = path;
    this.modelPath = join(path, 'model.safetensors');
    this.plotPath = join(path, 'accuracy.png');
  }

  /**
   * @param out  undefined for runs/<time>
   * @throws SimdnetError if the folder could not be written. Nothing is created yet.
   */
  static async plan(out: string | undefined, now: Date): Promise<RunFolder> {
    const path = out ?? (await freeName(join('runs', timestamp(now))));
    await mustBeWritable(path);
    return new RunFolder(path);
  }

  /** Creates the folder and writes the run's description, as the proof that it can be written. @throws SimdnetError */
  async create(description: object): Promise<void> {
    try {
      await makeFolder(this.path);
      await sweep(this.path);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
    await this.describe(description);
  }

  /** Writes run.json. @throws SimdnetError */
  async describe(description: object): Promise<void> {
    await writeFileAtomic(join(this.path, 'run.json'), `${JSON.stringify(description, null, 2)}\n`);
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

async function freeName(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path}-${n}`;
    if (!(await stat(candidate).catch(() => undefined))) return candidate;
  }
}

/** Looks at the folder, or at the nearest one above that exists. */
async function mustBeWritable(path: string): Promise<void> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      const found = await stat(folder);
      if (!found.isDirectory()) throw new SimdnetError(`${folder} is a file, not a folder`);
      await access(folder, constants.W_OK | constants.X_OK);
      return;
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code;
      // ENOTDIR: a part of the path further up is a file, which this comes to.
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unwritable(path, cause);
      if (dirname(folder) === folder) throw unwritable(path, cause);
    }
  }
}

function unwritable(path: string, cause: unknown): SimdnetError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SimdnetError(`The run cannot be saved in ${path}: ${reason}. Name another folder with --out.`, {
    cause,
  });
}
