import { dirname, join } from 'node:path';
import type { ExchangeFormatName } from '../exchange/format.ts';
import { readWhole } from '../files/readFile.ts';
import { writeFileAtomic } from '../files/writeFile.ts';
import type { Tensor } from '../nn/parameters.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { decodeCheckpoint, isCheckpoint } from './checkpointFile.ts';
import type { Model } from './model.ts';
import { decodeWeights, encodeModel } from './modelFile.ts';
import type { SequentialOptions } from './options.ts';

export interface LoadOptions extends SequentialOptions {
  /** Of which program the file is: 'onnx', 'keras', 'h5', 'tfjs' or 'pytorch'; by default what the file says. */
  format?: ExchangeFormatName | undefined;
  /** The layers that a PyTorch state_dict is for. */
  network?: readonly LayerSpec[] | undefined;
}

/** Saves a model, network and weights, as safetensors. @throws SimdnetError if the file cannot be written */
export async function saveModel(model: Model, path: string): Promise<void> {
  await writeFileAtomic(path, encodeModel(model));
}

/**
 * Loads a model that simdnet saved, or another program: see `importModel`. Of a checkpoint, the model as it was then, without names of
 * classes.
 * @throws DataError if the file cannot be read, FormatError if it is damaged or does not fit
 */
export async function loadModel(
  path: string,
  { format, network, ...options }: LoadOptions = {},
): Promise<Model> {
  const bytes = await readWhole(path);
  const { openModel } = await import('../exchange/openModel.ts');
  return openModel(bytes, {
    ...options,
    ...(format && { format }),
    ...(network && { network }),
    fileName: path,
    readFile: (name) => readWhole(join(dirname(path), name)),
  });
}

/** Loads weights only, of a checkpoint too. @throws DataError if the file cannot be read, FormatError if it is damaged */
export async function loadWeights(path: string): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await readWhole(path);
  return isCheckpoint(bytes, path)
    ? (await decodeCheckpoint(bytes, path)).weights
    : decodeWeights(bytes, path);
}
