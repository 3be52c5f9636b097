import { dirname, join } from 'node:path';
import { FormatError } from '../errors.ts';
import type { ExchangeFormatName } from '../exchange/format.ts';
import { readWhole } from '../files/readFile.ts';
import { writeFileAtomic } from '../files/writeFile.ts';
import { decodeSafetensors } from '../formats/safetensors.ts';
import type { Tensor } from '../nn/parameters.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { decodeCheckpoint, isCheckpoint } from './checkpointFile.ts';
import { modelFromJSON } from './factories.ts';
import type { Model } from './model.ts';
import { decodeModel, decodeWeights, encodeModel } from './modelFile.ts';
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
  { format: given, network, ...options }: LoadOptions = {},
): Promise<Model> {
  const bytes = await readWhole(path);
  const { formatOf } = await import('../exchange/format.ts');
  const format = given ?? (network ? 'pytorch' : formatOf(bytes, path));
  if (format === 'pytorch' && !network) return ofSafetensors(bytes, path, options);
  const { importModel } = await import('../exchange/importModel.ts');
  return importModel(bytes, {
    ...options,
    ...(network && { network }),
    format,
    fileName: path,
    readFile: (name) => readWhole(join(dirname(path), name)),
  });
}

async function ofSafetensors(bytes: Uint8Array, path: string, options: SequentialOptions): Promise<Model> {
  mustBeOwn(bytes, path);
  if (!isCheckpoint(bytes, path)) return decodeModel(bytes, path, options);
  const { network, weights } = await decodeCheckpoint(bytes, path);
  const model = modelFromJSON(network, options);
  model.setWeights(weights, path);
  return model;
}

/** @throws FormatError for the weights of a PyTorch model, which need a network */
function mustBeOwn(bytes: Uint8Array, path: string): void {
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const isOwn = Object.keys(metadata).some((key) => key.startsWith('simdnet.'));
  if (isOwn || ![...tensors.keys()].some((name) => name.endsWith('.weight'))) return;
  throw new FormatError(
    `${path} has the weights of a PyTorch model, not its layers: give them by --network FILE.json, or as the option network.`,
  );
}

/** Loads weights only, of a checkpoint too. @throws DataError if the file cannot be read, FormatError if it is damaged */
export async function loadWeights(path: string): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await readWhole(path);
  return isCheckpoint(bytes, path)
    ? (await decodeCheckpoint(bytes, path)).weights
    : decodeWeights(bytes, path);
}
