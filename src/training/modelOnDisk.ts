import { readWhole } from '../files/readFile.ts';
import { writeFileAtomic } from '../files/writeFile.ts';
import type { Tensor } from '../nn/parameters.ts';
import type { Model } from './model.ts';
import { decodeModel, decodeWeights, encodeModel } from './modelFile.ts';
import type { SequentialOptions } from './options.ts';

/** Saves a model, network and weights, as safetensors. @throws SimdnetError if the file cannot be written */
export async function saveModel(model: Model, path: string): Promise<void> {
  await writeFileAtomic(path, encodeModel(model));
}

/** Loads a model. @throws DataError if the file cannot be read, FormatError if it is damaged or does not fit */
export async function loadModel(path: string, options: SequentialOptions = {}): Promise<Model> {
  return decodeModel(await readWhole(path), path, options);
}

/** Loads weights only. @throws DataError if the file cannot be read, FormatError if it is damaged */
export async function loadWeights(path: string): Promise<Map<string, Tensor>> {
  return decodeWeights(await readWhole(path), path);
}
