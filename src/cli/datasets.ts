/** The datasets that the commands work on: one line each. */
import { resolve } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import { slice } from '../data/slice.ts';
import { OptionError } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { nearest } from '../suggest.ts';
import { npzDataset, safetensorsDataset } from './datasets/arrays.ts';
import { cifar10Dataset } from './datasets/cifar10.ts';
import { cifar100Dataset } from './datasets/cifar100.ts';
import type {
  DatasetChoice,
  DatasetDefinition,
  DatasetTask,
  LoadedSplit,
  LoadedTest,
  LoadOptions,
  TestedModel,
} from './datasets/definition.ts';
import { idxDataset } from './datasets/idx.ts';
import { folderDataset } from './datasets/folder.ts';
import { fashionMnistDataset, mnistDataset } from './datasets/mnist.ts';
import { shapesDataset } from './datasets/shapes.ts';
import { mustFit } from './fits.ts';
import { optional, text, withDefault, type Check } from './options.ts';
import { isFolderName, mustHaveNoFolderOptions } from './pictures/folderOptions.ts';

export type { DatasetChoice, LoadedSplit };

/** The datasets that there are, in the order of the help. */
export const DATASETS: readonly DatasetDefinition[] = [
  cifar10Dataset,
  cifar100Dataset,
  mnistDataset,
  fashionMnistDataset,
  shapesDataset,
  idxDataset,
  npzDataset,
  safetensorsDataset,
  folderDataset,
];

/** What the help lists, such as "mnist" and "npz:FILE". */
const USAGES = DATASETS.map(({ name, path }) => (path ? `${name}:${path.placeholder}` : name));

const LIST = `${USAGES.slice(0, -1).join(', ')} or ${USAGES.at(-1)!}`;

/** A dataset by its name; one that is a path as "name:path", with the whole path, which means the same in any folder. */
const datasetName: Check<string> = (value, option) => {
  const named = DATASETS.find(({ name, path }) => (path ? value.startsWith(`${name}:`) : value === name));
  const path = named?.path ? value.slice(named.name.length + 1) : value;
  const found = named ?? DATASETS.find((each) => each.path?.matches(value));
  if (found && path !== '') return found.path ? `${found.name}:${resolve(path)}` : found.name;
  const meant = nearest(
    value,
    DATASETS.filter((each) => !each.path).map(({ name }) => name),
  );
  throw new OptionError(
    `--${option} must be ${LIST}, not ${quoted(value)}.${meant ? ` Did you mean ${meant}?` : ''}`,
  );
};

const DESCRIPTION = `${DATASETS.map(({ describe }, i) => `${USAGES[i]!} (${describe})`).join(', ')}.`;

/** The options that choose a dataset. */
export const datasetOptions = {
  dataset: withDefault('Data:', DESCRIPTION, datasetName, 'cifar10'),
  'data-dir': optional(
    'Data:',
    'The folder of the files.',
    text,
    'CIFAR10_DIR and the like, or else the cache',
  ),
};

/** The same, where there need not be one. */
export const optionalDatasetOptions = {
  ...datasetOptions,
  dataset: optional('Data:', DESCRIPTION, datasetName, 'none'),
};

/** What `--dataset` chose. */
export function definitionOf({ dataset }: Pick<DatasetChoice, 'dataset'>): DatasetDefinition {
  const name = dataset.split(':')[0]!;
  return DATASETS.find((each) => each.name === name)!;
}

/** @throws OptionError if the options do not go together */
export function checkChoice(choice: DatasetChoice): void {
  definitionOf(choice).check(choice);
  if (!isFolderName(choice.dataset)) mustHaveNoFolderOptions(choice);
}

/** The training images and, if there are any, the test images. @throws OptionError, DataError, FormatError */
export async function loadSplit(choice: DatasetChoice, options: LoadOptions): Promise<LoadedSplit> {
  return definitionOf(choice).loadSplit(choice, options);
}

/** What a model is tested with. @throws OptionError if it does not fit; DataError, FormatError */
export async function loadTest(
  choice: DatasetChoice,
  model: TestedModel,
  options: LoadOptions,
): Promise<LoadedTest> {
  const { loadTestFor, loadTest: load, task } = definitionOf(choice);
  if (loadTestFor) return loadTestFor(choice, model, options);
  mustFit(model.network, await task(choice, options), model.path);
  return load!(choice, options);
}

/** One test image, [1, height, width, channels]. @throws OptionError if there is no such image; DataError, FormatError */
export async function loadTestImage(choice: DatasetChoice, index: number): Promise<Dataset> {
  const { loadTestImage: loadOne, loadTest: loadAll } = definitionOf(choice);
  if (loadOne) return loadOne(choice, index);
  mustHaveTestImages(choice);
  const { test } = await loadAll!(choice, {});
  if (index >= 0 && index < test.count) return slice(test, index, index + 1);
  throw new OptionError(
    `There is no test image ${index}: --index must be from 0 to ${test.count - 1}, since there are ${test.count}.`,
  );
}

/** @throws OptionError for a dataset of which none can be named by an index */
export function mustHaveTestImages(choice: DatasetChoice): void {
  const { name, loadTest: all, loadTestImage: one } = definitionOf(choice);
  if (all ?? one) return;
  throw new OptionError(`Name pictures instead of the ${name} ${choice.dataset.slice(name.length + 1)}.`);
}

/** What is to be learnt, as far as possible without reading anything. @throws DataError, FormatError */
export async function taskOf(choice: DatasetChoice, options: LoadOptions = {}): Promise<DatasetTask> {
  return definitionOf(choice).task(choice, options);
}

/** The choice with all that decides which images there will be. @throws DataError */
export async function settled<T extends DatasetChoice>(choice: T, options: LoadOptions): Promise<T> {
  const settle = definitionOf(choice).settle;
  return settle ? { ...choice, ...(await settle(choice, options)) } : choice;
}
