/** Models from files, whoever wrote them. */
import { dirname, join } from 'node:path';
import { readWhole } from '../files/readFile.ts';
import type { Model } from '../training/model.ts';
import type { ImportOptions } from './importModel.ts';
import { openModel } from './openModel.ts';

/** What is beside a file is known by its path. */
export type LoadOptions = Omit<ImportOptions, 'fileName' | 'readFile'>;

/**
 * Loads a model that simdnet saved, or another program: see `importModel`. Of a checkpoint, the model as it was then,
 * compiled as it was.
 * @throws DataError if the file cannot be read, FormatError if it is damaged or does not fit
 */
export async function loadModel(path: string, options: LoadOptions = {}): Promise<Model> {
  return openModel(await readWhole(path), {
    ...options,
    fileName: path,
    readFile: (name) => readWhole(join(dirname(path), name)),
  });
}
