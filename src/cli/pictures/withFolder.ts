import { OptionError } from '../../errors.ts';
import { DATASETS } from '../datasets.ts';
import { folderName } from './folderOptions.ts';

/**
 * The options of a command that may be given a folder: it is then the dataset.
 * @throws OptionError if there are several, or another dataset is named too
 */
export function withFolder<T extends { readonly dataset: string | undefined }>(
  values: T,
  operands: readonly string[],
  given: ReadonlySet<string>,
): { values: T; given: ReadonlySet<string> } {
  const [path] = operands;
  if (path === undefined) return { values, given };
  if (operands.length > 1) throw new OptionError('Name one folder of pictures.');
  if (path === '') throw new OptionError('The folder of pictures must not be empty.');
  if (DATASETS.some(({ name }) => name === path))
    throw new OptionError(
      `${path} is a dataset, not a folder: give --dataset ${path}, or ./${path} for a folder.`,
    );
  if (given.has('dataset')) throw new OptionError(`Name the folder ${path} or give --dataset, not both.`);
  return { values: { ...values, dataset: folderName(path) }, given: new Set([...given, 'dataset']) };
}
