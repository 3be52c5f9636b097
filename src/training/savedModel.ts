import type { Fit } from '../data/fitPicture.ts';
import { FormatError, OptionError } from '../errors.ts';
import type { PixelScale } from '../nn/pixelScale.ts';
import type { Layout } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { Model } from './model.ts';
import { checkModelOptions, type SequentialOptions } from './options.ts';

/** What a file says of a model besides its weights. */
export interface SavedModel {
  readonly layers: readonly LayerSpec[];
  readonly seed?: number | undefined;
  readonly classNames?: readonly string[] | undefined;
  readonly imageFit?: Fit | undefined;
  readonly layout?: Layout | undefined;
  readonly pixelScale?: PixelScale | undefined;
}

/**
 * The model, with fresh weights.
 * @param what  what is built, for messages: "a.onnx: its network"
 * @param options  what is given counts more than what the file says
 * @throws FormatError if the layers do not fit each other; OptionError for an option that is not known
 */
export function modelSaved({ layers, ...own }: SavedModel, what: string, options: SequentialOptions): Model {
  checkModelOptions(options);
  try {
    return new Model(layers, { ...defined(own), ...defined(options) });
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${what} cannot be built. ${error.message}`, { cause: error });
  }
}

/** Without what is undefined. */
function defined(options: object): SequentialOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
