import { readWhole } from '../files/readFile.ts';
import { writeFileAtomic } from '../files/writeFile.ts';
import type { Tensor } from '../nn/parameters.ts';
import { decodeCheckpoint, isCheckpoint } from './checkpointFile.ts';
import { modelFromJSON } from './factories.ts';
import type { Model } from './model.ts';
import { decodeModel, decodeWeights, encodeModel } from './modelFile.ts';
import type { SequentialOptions } from './options.ts';

/** Saves a model, network and weights, as safetensors. @throws SimdnetError if the file cannot be written */
export async function saveModel(model: Model, path: string): Promise<void> {
  await writeFileAtomic(path, encodeModel(model));
}

/**
 * Loads a model; of a checkpoint, the model as it was then, without names of classes.
 * @throws DataError if the file cannot be read, FormatError if it is damaged or does not fit
 */
export async function loadModel(path: string, options: SequentialOptions = {}): Promise<Model> {
  const bytes = await readWhole(path);
  if (!isCheckpoint(bytes, path)) return decodeModel(bytes, path, options);
  const { network, weights } = await decodeCheckpoint(bytes, path);
  const model = modelFromJSON(network, options);
  model.setWeights(weights, path);
  return model;
}

/** Loads weights only, of a checkpoint too. @throws DataError if the file cannot be read, FormatError if it is damaged */
export async function loadWeights(path: string): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await readWhole(path);
  return isCheckpoint(bytes, path)
    ? (await decodeCheckpoint(bytes, path)).weights
    : decodeWeights(bytes, path);
}
