/** The run that a model is of, by where its file is. */
import { basename, dirname, resolve } from 'node:path';
import { readRun, type StoredRecord } from './train/storedRun.ts';

export interface RunBeside {
  readonly folder: string;
  readonly record: StoredRecord;
}

/**
 * The run whose run.json is beside a model, or, of a checkpoint in the folder `checkpoints` of a run, beside that folder.
 * @param model  the path of its file
 * @returns undefined if there is none: a model may be anywhere, and what is beside it anything
 */
export async function runBeside(model: string): Promise<RunBeside | undefined> {
  const folder = dirname(resolve(model));
  const folders = basename(folder) === 'checkpoints' ? [folder, dirname(folder)] : [folder];
  for (const each of folders) {
    const record = await readRun(each).catch(() => undefined);
    if (record) return { folder: each, record };
  }
  return undefined;
}
