/** Networks as layers models of TensorFlow.js. */
import { encodeTfjsModel, type TfjsTensor } from '../../formats/tfjs/encode.ts';
import type { Layer } from '../../nn/layers/layer.ts';
import { weightName } from '../../nn/layers/layer.ts';
import type { ExportedFile, ExportedNetwork } from '../exported.ts';
import { kerasModelOf } from '../keras/config.ts';
import { exportOptimizer } from './exportOptimizer.ts';
import { networkOfTfjs } from './substitutes.ts';
import { topologyOf } from './topology.ts';
import { tfjsWeightName } from './weightNames.ts';

/**
 * `model.json`, or another name, and its shards, for `tf.loadLayersModel`. The images are [height, width, channels].
 *
 * What tfjs does not have is made of several of its layers where they give the same; layers that augment images, which do nothing outside
 * training, are left out. In `userDefinedMetadata` stand the pixel scale and the names of classes, as `pixelScale` and `classNames`.
 * An optimizer or a loss that it does not have stays behind, with all of the training.
 * @throws OptionError naming the layer that tfjs has none like
 */
export function exportTfjs(
  { network: given, weights, classNames, training }: ExportedNetwork,
  name = 'model',
): readonly ExportedFile[] {
  const network = networkOfTfjs(given);
  const { config, layers } = kerasModelOf(network, { version: 2 });
  const optimizer = training && exportOptimizer(training, network, layers);
  const tensors = layers.flatMap((layer) => tensorsOf(layer, weights));
  return encodeTfjsModel(
    {
      modelTopology: topologyOf(config),
      ...(optimizer && { trainingConfig: optimizer.trainingConfig }),
      userDefinedMetadata: { pixelScale: given.pixelScale, ...(classNames && { classNames }) },
    },
    [...tensors, ...(optimizer?.tensors ?? [])],
    name,
  );
}

function tensorsOf(layer: Layer, weights: ExportedNetwork['weights']): TfjsTensor[] {
  return layer.weights.map(({ name, shape }) => ({
    name: tfjsWeightName(layer, name),
    shape,
    dtype: 'float32',
    data: weights.get(weightName(layer.name, name))!.data,
  }));
}
