/** Models that other programs wrote. */
import { DataError, FormatError, OptionError } from '../errors.ts';
import { besideName } from '../formats/besideName.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { Model } from '../training/model.ts';
import type { SequentialOptions } from '../training/options.ts';
import { pixelScaleOf } from './pixelScale.ts';
import { usualLoss } from './usualLoss.ts';
import { exchangeFormat, formatOf, type ExchangeFormatName } from './format.ts';
import type { Imported, Source } from './imported.ts';

export interface ImportOptions extends SequentialOptions {
  /** 'onnx', 'keras', 'h5', 'tfjs' or 'pytorch'; by default what the bytes and the file's name say. */
  format?: ExchangeFormatName | undefined;
  /** For messages, and for its extension. */
  fileName?: string;
  /**
   * Reads a file beside it: the shards of a tfjs model, or what an ONNX model keeps outside. The name is a relative path that does
   * not leave the folder.
   */
  readFile?: ((name: string) => Promise<Uint8Array>) | undefined;
  /** The layers that a PyTorch state_dict is for, since it has weights only. */
  network?: readonly LayerSpec[] | undefined;
  /** Whether it is compiled, so that its training goes on, if the file says how it was trained; true by default, as in Keras. */
  compile?: boolean | undefined;
}

/**
 * A model from the bytes of a file that another program wrote: an ordinary one, which takes images [height, width, channels]. If the
 * file says how it was trained, and there are the same optimizer and loss here, it is compiled and the optimizer goes on from where it
 * was. If it scales its images down itself, bytes are given to it as they are: see `pixelScale`.
 * @throws FormatError naming the operator or layer that is not supported, or what is wrong with the file; DataError if a file beside it
 *   cannot be read; OptionError for an option that is out of range
 */
export async function importModel(bytes: Uint8Array, options: ImportOptions = {}): Promise<Model> {
  const { format, fileName = 'The model', readFile, network, compile = true, ...rest } = options;
  const { load } = exchangeFormat(format ?? formatOf(bytes, fileName));
  const read = await load();
  const source: Source = { fileName, bytes, network, file: (name) => besideFile(name, fileName, readFile) };
  const imported = await read(source);
  const model = modelOf(imported, fileName, rest);
  if (compile) goOn(model, imported, fileName);
  return model;
}

function modelOf(imported: Imported, fileName: string, options: SequentialOptions): Model {
  const { layers, weights, layout, classNames } = imported;
  const pixelScale = options.pixelScale ?? imported.pixelScale ?? pixelScaleOf(layers);
  let model: Model;
  try {
    const named = options.classNames ?? classNames;
    model = new Model(layers as readonly LayerSpec[], {
      layout,
      ...options,
      pixelScale,
      ...(named && { classNames: named }),
    });
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${fileName}: its network cannot be built. ${error.message}`, { cause: error });
  }
  model.setWeights(weights, fileName);
  return model;
}

/** Has the model go on with its training; one that was trained towards what is not known here, or does not fit it, is left as it is. */
function goOn(model: Model, { optimizer, loss, metrics = [] }: Imported, fileName: string): void {
  if (!optimizer || loss === null) return;
  const { config, iterations, variables } = optimizer;
  try {
    model.compile({ optimizer: config, loss: loss ?? usualLoss(model.network), metrics });
  } catch (error) {
    if (error instanceof OptionError) return;
    throw error;
  }
  // Before its first step an optimizer keeps nothing but zeros.
  if (iterations > 0) model.setOptimizerVariables(variables, iterations, fileName);
}

/** @throws DataError if there is none, or its name leads elsewhere */
async function besideFile(
  name: string,
  fileName: string,
  readFile: ImportOptions['readFile'],
): Promise<Uint8Array> {
  const beside = besideName(name);
  if (beside === undefined)
    throw new DataError(
      `${fileName} asks for ${JSON.stringify(name)}, which is not beside it: only files in its folder are read`,
    );
  if (!readFile)
    throw new DataError(
      `${fileName} needs ${JSON.stringify(name)}, which stands beside it: give importModel the option readFile`,
    );
  return readFile(beside);
}
