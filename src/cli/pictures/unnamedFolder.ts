/** A model that has learnt from a folder of pictures, where none is named. */
import { OptionError } from '../../errors.ts';
import type { Model } from '../../training/model.ts';
import { taskOf, type DatasetChoice } from '../datasets.ts';
import { mustFit } from '../fits.ts';
import { optionsBeside } from './optionsBeside.ts';

/**
 * Whether a model fits a dataset that was not named, but is the default.
 * @param path  of the model's file
 * @param remedy  what to do with the pictures of a folder, such as "simdnet evaluate"
 * @throws OptionError if it does not: if it is for pictures, asking for a folder of them
 */
export async function mustFitDefault(
  { network, imageFit }: Model,
  path: string,
  choice: DatasetChoice,
  remedy: string,
): Promise<void> {
  const task = await taskOf(choice);
  try {
    mustFit(network, task, path);
  } catch (cause) {
    const { folder } = await optionsBeside(path);
    if (!(cause instanceof OptionError) || (folder === undefined && imageFit === undefined)) throw cause;
    const origin = folder === undefined ? 'a folder of pictures' : `the pictures of ${folder}`;
    throw new OptionError(
      `${path} was trained on ${origin}, not on ${task.name}: name the folder, as in "${remedy} ${folder ?? 'FOLDER'} --model ${path}".`,
      { cause },
    );
  }
}
