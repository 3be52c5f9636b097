/** Writing a `.keras` file, which Keras 3 loads: a zip with the model's JSON and its weights, which are an HDF5 file. */
import { OptionError } from '../../errors.ts';
import { encodeHdf5 } from '../../formats/hdf5/encode.ts';
import { emptyGroup, type H5Dataset, type H5Group } from '../../formats/hdf5/hdf5.ts';
import { encodeZip } from '../../formats/zip.ts';
import { baseNameOf } from '../../nn/layers/definition.ts';
import { weightName } from '../../nn/layers/layer.ts';
import type { NamedWeight, Network } from '../../nn/network.ts';
import { size } from '../../nn/shape.ts';
import { rateAt } from '../../nn/schedules/registry.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { ExportedFile, ExportedNetwork, ExportedTraining } from '../exported.ts';
import { compileConfigOf, hasRateVariable } from './compile.ts';
import { kerasModelOf, type KerasModel } from './config.ts';
import { weightsInKerasOrder } from './model.ts';
import { isSharedOptimizer, optimizerSlots } from './optimizer.ts';

/** The version of Keras whose files these are like. */
const KERAS_VERSION = '3.15.1';

/**
 * The network as `keras.models.load_model` takes it. If its training goes along, Keras goes on with it, provided that it has the
 * optimizer, which it does but for Muon. Keras has no multipliers of learning rates, no weights spared from decay in its files and no
 * Lookahead, so these stay behind. Layers that augment images and that Keras does not have are left out.
 * @throws OptionError if a weight is missing
 */
export function exportKeras(exported: ExportedNetwork, name = 'model'): readonly ExportedFile[] {
  const model = kerasModelOf(exported.network);
  const training =
    exported.training && isSharedOptimizer(exported.training.optimizer) ? exported.training : undefined;
  const config = {
    ...model.config,
    compile_config: training ? compileConfigOf(exported, training) : null,
  };
  const content = encodeZip(
    new Map([
      ['metadata.json', textBytes({ keras_version: KERAS_VERSION })],
      ['config.json', textBytes(config)],
      ['model.weights.h5', encodeHdf5(weightsFile(exported, model, training))],
    ]),
  );
  return [{ name: `${name}.keras`, content }];
}

function textBytes(json: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(json));
}

function weightsFile(
  { network, weights }: ExportedNetwork,
  model: KerasModel,
  training: ExportedTraining | undefined,
): H5Group {
  const layers = emptyGroup();
  const counts = new Map<string, number>();
  for (const layer of model.layers) {
    const kind = baseNameOf(layer.type);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const arrays = weightsInKerasOrder(layer).map(({ name }) =>
      datasetOf(tensorIn(weights, weightName(layer.name, name))),
    );
    layers.groups.set(count === 0 ? kind : `${kind}_${count}`, groupOf(layer.name, arrays));
  }
  if (!model.isSequential) layers.groups.set('input_layer', groupOf(model.input, []));
  const root = groupOf(model.isSequential ? 'sequential' : 'functional', []);
  root.groups.set('layers', layers);
  if (training) {
    const arrays = optimizerArrays(training, trainedWeights(network, model));
    root.groups.set('optimizer', groupOf(training.optimizer.name, arrays));
  }
  return root;
}

/** What Keras keeps of a thing: its arrays by their numbers, and its name. */
function groupOf(name: string, arrays: readonly H5Dataset[]): H5Group {
  const variables = emptyGroup();
  variables.attributes.set('name', name);
  arrays.forEach((array, i) => variables.datasets.set(String(i), array));
  const group = emptyGroup();
  group.groups.set('vars', variables);
  return group;
}

function optimizerArrays(
  { optimizer, iterations, variables }: ExportedTraining,
  trained: readonly NamedWeight[],
): H5Dataset[] {
  const rate = Float32Array.of(rateAt(optimizer.learningRate, iterations));
  const scalar = (data: H5Dataset['data']): H5Dataset => ({ attributes: new Map(), shape: [], data });
  return [
    scalar(BigInt64Array.of(BigInt(iterations))),
    ...(hasRateVariable(optimizer) ? [scalar(rate)] : []),
    ...optimizerSlots(optimizer, trained).map(({ weight: { name, shape }, variable }) => {
      const key = `${name}/${variable}`;
      // Before the first step there is nothing but zeros, which need not be given.
      const isZero = iterations === 0 && !variables.has(key);
      return datasetOf(isZero ? { shape, data: new Float32Array(size(shape)) } : tensorIn(variables, key));
    }),
  ];
}

function datasetOf({ shape, data }: Tensor): H5Dataset {
  return { attributes: new Map(), shape, data };
}

function tensorIn(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor) return tensor;
  throw new OptionError(`The network cannot be exported: "${name}" is not among what was given.`);
}

function trainedWeights({ weights }: Network, { layers }: KerasModel): NamedWeight[] {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  return layers.flatMap((layer) =>
    weightsInKerasOrder(layer)
      .map(({ name }) => byName.get(weightName(layer.name, name))!)
      .filter(({ trained }) => trained),
  );
}
