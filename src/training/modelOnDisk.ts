import { readWhole } from '../files/readFile.ts';
import { writeFileAtomic } from '../files/writeFile.ts';
import type { Tensor } from '../nn/parameters.ts';
import { decodeCheckpoint, isCheckpoint } from './checkpointFile.ts';
import type { Model } from './model.ts';
import { decodeWeights, encodeModel } from './modelFile.ts';

/** Saves a model, network and weights, as safetensors. @throws SimdnetError if the file cannot be written */
export async function saveModel(model: Model, path: string): Promise<void> {
  await writeFileAtomic(path, encodeModel(model));
}

/** Loads weights only, of a checkpoint too. @throws DataError if the file cannot be read, FormatError if it is damaged */
export async function loadWeights(path: string): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await readWhole(path);
  return isCheckpoint(bytes, path)
    ? (await decodeCheckpoint(bytes, path)).weights
    : decodeWeights(bytes, path);
}
