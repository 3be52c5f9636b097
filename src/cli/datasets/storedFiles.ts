/** What the datasets that are kept in files have in common. */
import type { StoredDataset } from '../../data/stored.ts';
import { DataError, OptionError } from '../../errors.ts';
import type { DatasetChoice, DatasetDefinition, DatasetTask, LoadOptions } from './definition.ts';

/** Files that were found. */
export interface FoundFiles {
  readonly stored: StoredDataset;
  /** Where they are, for people. */
  readonly source: string;
}

interface FilesDefinition extends Omit<DatasetDefinition, 'task' | 'loadSplit' | 'loadTest'> {
  /** What is to be learnt, if it is known without the files. */
  readonly task?: DatasetTask;
  /** Where training images and test images would be. */
  readonly trainPlace: string;
  readonly testPlace: string;
  readonly open: (choice: DatasetChoice, options: LoadOptions) => Promise<FoundFiles>;
}

export function filesDataset(definition: FilesDefinition): DatasetDefinition {
  const { task, trainPlace, testPlace, open, ...rest } = definition;
  return {
    ...rest,
    task: async (choice) => task ?? taskOf(choice, (await open(choice, {})).stored),
    loadSplit: async (choice, options) => {
      const { stored, source } = await open(choice, options);
      const { parts, files, read } = stored;
      if (!parts.has('train'))
        throw new OptionError(`There is nothing to train on: no ${trainPlace} in ${source}.`);
      // The small ones first, so that a damaged one is found out at once.
      const test = parts.has('test') ? await read('test') : undefined;
      const validation = parts.has('validation') ? await read('validation') : undefined;
      return { train: await read('train'), validation, test, source, testPlace, files };
    },
    loadTest: async (choice, options) => {
      const { stored, source } = await open(choice, options);
      if (!stored.parts.has('test'))
        throw new DataError(`${testPlace} is missing from ${source}: there are no test images`);
      return { test: await stored.read('test'), source };
    },
  };
}

function taskOf({ dataset }: DatasetChoice, { inputShape, classNames }: StoredDataset): DatasetTask {
  return { name: dataset, inputShape, classes: classNames.length, classNames };
}
