/** A model of any kind, from the bytes of a file: simdnet's own, a checkpoint, or one of another program. */
import { FormatError } from '../errors.ts';
import { decodeSafetensors, type SafetensorsFile } from '../formats/safetensors.ts';
import { checkpointOfSafetensors, isCheckpoint } from '../training/checkpointFile.ts';
import type { Model } from '../training/model.ts';
import { modelOfSafetensors } from '../training/modelFile.ts';
import { modelOfCheckpoint, type CheckpointOptions } from '../training/modelOfCheckpoint.ts';
import { formatOf } from './format.ts';
import type { ImportOptions } from './importModel.ts';
import { hasNetwork, isOwn } from './own.ts';

/**
 * Of a checkpoint, the model as it was then, compiled as it was.
 * @throws as `importModel`
 */
export async function openModel(
  bytes: Uint8Array,
  { format: given, network, readFile, fileName = 'The model', compile, ...options }: ImportOptions,
): Promise<Model> {
  const format = given ?? formatOf(bytes, fileName);
  if (network && format !== 'pytorch') throw hasNetwork(fileName);
  if (format === 'pytorch' && !network) return ofSafetensors(bytes, fileName, { ...options, compile });
  const { importModel } = await import('./importModel.ts');
  return importModel(bytes, { ...options, format, fileName, readFile, network, compile });
}

async function ofSafetensors(
  bytes: Uint8Array,
  fileName: string,
  { compile, ...options }: CheckpointOptions,
): Promise<Model> {
  const file = decodeSafetensors(bytes, fileName);
  mustBeOwn(file, fileName);
  if (!isCheckpoint(file)) return modelOfSafetensors(file, fileName, options);
  const checkpoint = await checkpointOfSafetensors(file, bytes, fileName);
  return modelOfCheckpoint(checkpoint, fileName, { ...options, compile });
}

/** @throws FormatError for the weights of a PyTorch model, which need a network */
function mustBeOwn(file: SafetensorsFile, fileName: string): void {
  if (isOwn(file) || ![...file.tensors.keys()].some((name) => name.endsWith('.weight'))) return;
  throw new FormatError(
    `${fileName} has the weights of a PyTorch model, not its layers: give them by --network FILE.json, or as the option network.`,
  );
}
