import { readWhole } from '../files/readFile.ts';
import { writeFileAtomic } from '../files/writeFile.ts';
import { decodeSafetensors } from '../formats/safetensors.ts';
import type { Tensor } from '../nn/parameters.ts';
import { checkpointOfSafetensors, isCheckpoint } from './checkpointFile.ts';
import type { Model } from './model.ts';
import { encodeModel, weightsOfSafetensors } from './modelFile.ts';

/** Saves a model, network and weights, as safetensors. @throws SimdnetError if the file cannot be written */
export async function saveModel(model: Model, path: string): Promise<void> {
  await writeFileAtomic(path, encodeModel(model));
}

/** Loads weights only, of a checkpoint too. @throws DataError if the file cannot be read, FormatError if it is damaged */
export async function loadWeights(path: string): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await readWhole(path);
  const file = decodeSafetensors(bytes, path);
  return isCheckpoint(file)
    ? (await checkpointOfSafetensors(file, bytes, path)).weights
    : weightsOfSafetensors(file, path);
}
