/** A network that nobody would train, made of what only moves data, and of depthwise convolutions, which nearly do. */
import { activation, reLU } from '../src/nn/layers/activation.ts';
import { batchNormalization } from '../src/nn/layers/batchNormalization.ts';
import { concatenate } from '../src/nn/layers/concatenate.ts';
import { globalAveragePooling2d } from '../src/nn/layers/globalAveragePooling2d.ts';
import { add } from '../src/nn/layers/merge.ts';
import { depthwiseConv2d } from '../src/nn/layers/depthwiseConv2d.ts';
import { dropout } from '../src/nn/layers/dropout.ts';
import { averagePooling2d } from '../src/nn/layers/averagePooling2d.ts';
import { upSampling2d } from '../src/nn/layers/upSampling2d.ts';
import { buildNetwork, type Network } from '../src/nn/network.ts';
import { sgd } from '../src/nn/optimizers/sgd.ts';
import { initializeParameters } from '../src/nn/parameters.ts';
import { conv2d, dense, maxPooling2d } from '../src/nn/spec.ts';
import { input } from '../src/nn/symbolic.ts';
import { layersOf, through } from '../src/networks/preset.ts';
import { randomBatches } from './networkCase.ts';
import type { Subject } from './profile.ts';

/** Enough of them that no tensor of 32×32 pixels of a batch stays in a cache. */
const CHANNELS = 32;

const BATCH = 64;

function movingNetwork(): Network {
  const images = input({ shape: [32, 32, 3] });
  const begin = through(
    images,
    conv2d({ filters: CHANNELS, kernelSize: 1, useBias: false }),
    batchNormalization(),
    reLU({ name: 'relu' }),
    depthwiseConv2d({ name: 'depthwise', kernelSize: 3, padding: 'same', useBias: false }),
    batchNormalization({ name: 'normalization_relu6' }),
    reLU({ name: 'relu6', maxValue: 6 }),
  );
  const middle = through(
    begin,
    activation({ name: 'gelu', activation: 'gelu' }),
    activation({ name: 'tanh', activation: 'tanh' }),
    dropout({ rate: 0.25 }),
  );
  const end = through(
    add().apply([begin, middle]),
    maxPooling2d({ name: 'overlapping', poolSize: 3, strides: 2, padding: 'same' }),
    averagePooling2d(),
    upSampling2d({ size: 2 }),
    maxPooling2d({ name: 'pooling' }),
    depthwiseConv2d({ name: 'strided', kernelSize: 3, strides: 2, padding: 'same' }),
    activation({ name: 'swish', activation: 'swish' }),
  );
  const both = concatenate().apply([end, activation({ name: 'sigmoid', activation: 'sigmoid' }).apply(end)]);
  return buildNetwork(
    layersOf(images, through(both, globalAveragePooling2d(), dense({ units: 10, activation: 'softmax' }))),
  );
}

export function movingSubject(): Subject {
  const network = movingNetwork();
  const batches = randomBatches(network, BATCH, 4);
  return {
    network,
    batch: BATCH,
    optimizer: sgd(),
    state: {
      parameters: initializeParameters(network, 0),
      optimizer: { variables: [], steps: 0 },
    },
    images: (step) => batches[step % batches.length]!,
  };
}
