/** Models that other programs wrote. */
import { readModel } from '#exchange';
import { OptionError } from '../errors.ts';
import { builtModel } from '../training/builtModel.ts';
import type { Model } from '../training/model.ts';
import { partsOfJson } from '../training/modelJson.ts';
import { checkModelOptions, type SequentialOptions } from '../training/options.ts';
import { quoted } from '../quoted.ts';
import type { Imported, SourceOptions } from './imported.ts';
import { usualLoss } from './usualLoss.ts';

export interface ImportOptions extends SequentialOptions, SourceOptions {
  /** Whether it is compiled, so that its training goes on, if the file says how it was trained; true by default, as in Keras. */
  compile?: boolean | undefined;
}

/**
 * A model from the bytes of a file that another program wrote: an ordinary one, which takes images [height, width, channels]. If the
 * file says how it was trained, and there are the same optimizer and loss here, it is compiled and the optimizer goes on from where it
 * was. If it scales its images down itself, bytes are given to it as they are: see `pixelScale`.
 * @param bytes  a Uint8Array, or an ArrayBuffer
 * @throws FormatError naming the operator or layer that is not supported, or what is wrong with the file; DataError if a file beside it
 *   cannot be read; OptionError for an option that is out of range; EngineError in a browser that cannot fetch `exchange.js`
 */
export async function importModel(
  bytes: Uint8Array | ArrayBuffer,
  options: ImportOptions = {},
): Promise<Model> {
  const { format, fileName = 'The model', readFile, network, compile = true, ...rest } = options;
  checkModelOptions(rest);
  const imported = await readModel(bytesOf(bytes), { format, fileName, readFile, network });
  const parts = partsOfJson(imported, `${fileName}: its network`);
  const { classNames } = imported;
  const model = builtModel(`${fileName}: its network`, { ...parts, classNames }, rest);
  model.setWeights(imported.weights, fileName);
  if (compile) goOn(model, imported, fileName);
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

/** @throws OptionError for anything else, such as the name of a file */
function bytesOf(given: unknown): Uint8Array {
  if (given instanceof Uint8Array) return given;
  if (given instanceof ArrayBuffer) return new Uint8Array(given);
  throw new OptionError(
    `importModel takes the bytes of a file, a Uint8Array or an ArrayBuffer, not ${typeof given === 'string' ? `the text ${quoted(given)}: loadModel takes a path` : quoted(given)}.`,
  );
}
