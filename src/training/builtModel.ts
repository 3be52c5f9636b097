import { FormatError, OptionError } from '../errors.ts';
import { buildNetwork } from '../nn/network.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { Model } from './model.ts';
import { checkClassNames, checkModelOptions, type SequentialOptions } from './options.ts';

/** What a file says of a model, but for its weights. */
export interface ModelParts extends Pick<
  SequentialOptions,
  'classNames' | 'imageFit' | 'layout' | 'pixelScale' | 'seed'
> {
  readonly layers: readonly LayerSpec[];
}

/**
 * A model of what was read. What the caller gives counts more.
 * @param what  is read, for messages: "model.onnx: its network"
 * @throws OptionError for what the caller gives; FormatError if what was read makes no model, whatever is given
 */
export function builtModel(
  what: string,
  { layers, ...parts }: ModelParts,
  options: SequentialOptions,
): Model {
  checkModelOptions(options);
  try {
    const { outputShape } = buildNetwork(layers);
    if (!options.classNames) checkClassNames(parts.classNames, outputShape);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${what} cannot be built. ${error.message}`, { cause: error });
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return new Model(layers, { ...parts, ...Object.fromEntries(given) });
}
