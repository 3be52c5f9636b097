/** The run that a model is of, by where its file is. */
import { basename, dirname, resolve } from 'node:path';
import { codeUnitOrder } from '../codeUnitOrder.ts';
import { isObject } from '../isObject.ts';
import { taskOf } from './datasets.ts';
import { isFolderName } from './pictures/folderOptions.ts';
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

/** What the classes of a model are called by the run beside it, by index; undefined if that is not known. */
export async function classNamesBeside(model: string): Promise<readonly string[] | undefined> {
  const run = await runBeside(model);
  const dataset = run?.record.options.dataset;
  if (!run || typeof dataset !== 'string') return undefined;
  // The folder may have changed since.
  if (isFolderName(dataset)) return classesOfPictures(run.record);
  const { dataDir } = run.record.options;
  const choice = { dataset, dataDir: typeof dataDir === 'string' ? dataDir : undefined };
  return taskOf(choice).then(
    ({ classNames }) => classNames,
    () => undefined,
  );
}

function classesOfPictures({ pictures }: StoredRecord): readonly string[] | undefined {
  const classes = pictures?.classes;
  // As classes are numbered: objects have names that are numbers first.
  return isObject(classes) ? Object.keys(classes).sort(codeUnitOrder) : undefined;
}
