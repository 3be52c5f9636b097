/** Models from files, whoever wrote them. */
import { dirname, join } from 'node:path';
import { DataError } from '../errors.ts';
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
    readFile: (name) => readBeside(path, name),
  });
}

/** @throws DataError saying whose the file is */
async function readBeside(model: string, name: string): Promise<Uint8Array> {
  try {
    return await readWhole(join(dirname(model), name));
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(`${model} keeps a part of itself in ${name}, beside it: ${cause.message}`, { cause });
  }
}
