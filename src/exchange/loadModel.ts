/** Models from files, whoever wrote them. */
import { dirname, join } from 'node:path';
import { readWhole } from '../files/readFile.ts';
import type { LayerSpec } from '../nn/spec.ts';
import type { Model } from '../training/model.ts';
import type { SequentialOptions } from '../training/options.ts';
import type { ExchangeFormatName } from './format.ts';
import { openModel } from './openModel.ts';

export interface LoadOptions extends SequentialOptions {
  /** Of which program the file is: 'onnx', 'keras', 'h5', 'tfjs' or 'pytorch'; by default what the file says. */
  format?: ExchangeFormatName | undefined;
  /** The layers that a PyTorch state_dict is for. */
  network?: readonly LayerSpec[] | undefined;
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
  return openModel(await readWhole(path), {
    ...options,
    ...(format && { format }),
    ...(network && { network }),
    fileName: path,
    readFile: (name) => readWhole(join(dirname(path), name)),
  });
}
