/** Ways to make a model. */
import { OptionError } from '../errors.ts';
import { specsOfKerasConfig } from '../nn/kerasConfig.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import { lossOfKeras } from '../nn/losses/registry.ts';
import { assignNames } from '../nn/network.ts';
import { optimizerOfKeras } from '../nn/optimizers/fromKeras.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { layersBetween, type SymbolicTensor } from '../nn/symbolic.ts';
import { builtModel } from './builtModel.ts';
import { Model } from './model.ts';
import { partsOfJson } from './modelJson.ts';
import type { SequentialOptions } from './options.ts';

/** Builds a model. @throws OptionError if the layers do not fit each other, or an option is out of range */
export function sequential(layers: readonly LayerSpec[], options: SequentialOptions = {}): Model {
  return new Model(layers, options);
}

/** What a model of layers applied to each other goes from and to. */
export interface ModelOptions extends SequentialOptions {
  /** The images: what {@link input} gave. */
  inputs: SymbolicTensor;
  /** The output of the last layer. */
  outputs: SymbolicTensor;
}

/**
 * Builds a model of layers that were applied to each other.
 * @throws OptionError if the layers do not fit each other, there is more than one input or output, or an option is out of
 *   range
 */
export function model({ inputs, outputs, ...options }: ModelOptions): Model {
  for (const [name, given] of Object.entries({ inputs, outputs })) {
    if (Array.isArray(given)) {
      throw new OptionError(`model: ${name} must be one tensor: a model has one input and one output.`);
    }
  }
  if (!isTensor(inputs) || !inputs.shape) {
    throw new OptionError('model: inputs must be what input() gave: the images.');
  }
  if (!isTensor(outputs)) throw new OptionError("model: outputs must be what a layer's apply gave.");
  const [first, ...others] = layersBetween(inputs, outputs, assignNames);
  if (!first) throw new OptionError('model: there is no layer between inputs and outputs.');
  return new Model(
    [{ ...first, inputShape: inputs.shape } as LayerSpec, ...(others as LayerSpec[])],
    options,
  );
}

/**
 * A model from the JSON of one, parsed: what {@link Model.toJSON} gives. Its weights are fresh.
 * @throws FormatError naming the layer that is wrong; OptionError for an option that is out of range
 */
export function modelFromJSON(json: unknown, options: SequentialOptions = {}): Model {
  const what = "The model's JSON";
  return builtModel(what, partsOfJson(json, what), options);
}

/**
 * A model from Keras' own JSON of one, parsed: what `model.to_json()` gives in Python. Its weights are fresh; those of Keras
 * fit into `setWeights` by their paths, such as "conv2d_1/kernel".
 * @throws FormatError naming the layer or the setting that is not supported; OptionError for an option that is out of range
 */
export function fromKerasConfig(json: unknown, options: SequentialOptions = {}): Model {
  return builtModel('The Keras model', { layers: specsOfKerasConfig(json) as LayerSpec[] }, options);
}

/** A loss from what Keras writes of one, parsed. @throws FormatError if there is none like it here */
export function lossFromKerasConfig(json: unknown): LossConfig {
  return lossOfKeras(json);
}

/** An optimizer from what Keras writes of one, parsed. @throws FormatError if there is none like it here */
export function optimizerFromKerasConfig(json: unknown): OptimizerConfig {
  return optimizerOfKeras(json);
}

function isTensor(given: unknown): given is SymbolicTensor {
  return typeof given === 'object' && given !== null && 'inputs' in given && 'layer' in given;
}
