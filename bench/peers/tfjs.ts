/** TensorFlow.js: the tutorial's network as a Layers model, on the backend that has been made the current one. */
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';
import { batch as batchOf, batchCount } from '../imageSet.ts';
import type { Padding } from '../../src/nn/shape.ts';
import { network, weights } from '../tutorialCase.ts';
import { inTurn, type Peer, type PeerOptions } from './peer.ts';

/**
 * It adds epsilon after the correction of the bias, Keras before: with this one the first update is the same, and the
 * following ones nearly.
 */
const EPSILON = 1e-7 / Math.sqrt(1 - 0.999);

export async function tfjs(backend: string, { batch }: PeerOptions): Promise<Peer> {
  if (!(await tf.setBackend(backend))) throw new Error(`its backend "${backend}" does not start`);
  const model = tutorialModel();
  const inputs = Array.from({ length: batchCount(batch) }, (_, index) => {
    const { images, labels } = batchOf(index, batch);
    return {
      images: tf.tensor4d(
        Float32Array.from(images, (each) => each / 255),
        [batch, ...network.inputShape],
      ),
      labels: tf.tensor2d(Float32Array.from(labels), [batch, 1]),
    };
  });
  const next = inTurn(inputs);
  return {
    predict: async (count) => {
      const results: Float32Array[] = [];
      for (const { images } of inputs.slice(0, count)) {
        const output = model.predictOnBatch(images) as tf.Tensor;
        results.push((await output.data()) as Float32Array);
        output.dispose();
      }
      return results;
    },
    train: async (count) => {
      const losses: number[] = [];
      for (const { images, labels } of next(count)) {
        losses.push((await model.trainOnBatch(images, labels)) as number);
      }
      return losses;
    },
    close: () => Promise.resolve(),
  };
}

/** @throws Error for sizes, which tfjs does not have */
function keras(padding: Padding): 'same' | 'valid' {
  if (typeof padding === 'string') return padding;
  throw new Error('tfjs has no padding by sizes.');
}

/** Options and layouts have the same names and order here and there. */
function tutorialModel(): Sequential {
  const model = sequential();
  for (const spec of network.specs) {
    const common = { name: spec.name!, ...(spec.inputShape ? { inputShape: [...spec.inputShape] } : {}) };
    if (spec.type === 'conv2d') {
      const { filters, activation } = spec;
      const padding = keras(spec.padding);
      const [kernelSize, strides] = [[...spec.kernelSize], [...spec.strides]] as [
        [number, number],
        [number, number],
      ];
      model.add(
        layers.conv2d({ ...common, filters, kernelSize, strides, padding, activation: activation as 'relu' }),
      );
    } else if (spec.type === 'maxPooling2d') {
      const [poolSize, strides] = [[...spec.poolSize], [...spec.strides]] as [
        [number, number],
        [number, number],
      ];
      model.add(layers.maxPooling2d({ ...common, poolSize, strides, padding: keras(spec.padding) }));
    } else if (spec.type === 'flatten') {
      model.add(layers.flatten(common));
    } else if (spec.type === 'dense') {
      model.add(layers.dense({ ...common, units: spec.units, activation: spec.activation as 'relu' }));
    }
  }
  model.compile({
    optimizer: tf.train.adam(1e-3, 0.9, 0.999, EPSILON),
    loss: 'sparseCategoricalCrossentropy',
  });
  model.setWeights(network.weights.map(({ name, shape }) => tf.tensor(weights.get(name)!.data, [...shape])));
  return model;
}
