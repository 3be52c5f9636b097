/** Files of Keras 2, where some things were computed otherwise. */
import { expect, it } from 'vitest';
import { kerasConfigOf } from '../../src/exchange/keras/config.ts';
import { importModel } from '../../src/exchange/importModel.ts';
import { encodeHdf5 } from '../../src/formats/hdf5/encode.ts';
import { emptyGroup, type H5Group } from '../../src/formats/hdf5/hdf5.ts';
import { dense, flatten } from '../../src/nn/spec.ts';
import { buildNetwork } from '../../src/nn/network.ts';

/** A file with the weights of a dense layer. */
function fileOf(kerasVersion: string): Uint8Array<ArrayBuffer> {
  const network = buildNetwork([
    flatten({ inputShape: [1, 1, 2] }),
    dense({ units: 2, activation: 'hard_sigmoid' }),
  ]);
  const root = emptyGroup();
  root.attributes.set('keras_version', kerasVersion);
  root.attributes.set('model_config', JSON.stringify(kerasConfigOf(network, { version: 2 })));
  const [weights, layer, inner] = [emptyGroup(), emptyGroup(), emptyGroup()] as [H5Group, H5Group, H5Group];
  root.groups.set('model_weights', weights);
  weights.attributes.set('layer_names', ['dense']);
  weights.groups.set('dense', layer);
  layer.attributes.set('weight_names', ['dense/kernel:0', 'dense/bias:0']);
  layer.groups.set('dense', inner);
  const identity = { attributes: new Map(), shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) };
  inner.datasets.set('kernel:0', identity);
  inner.datasets.set('bias:0', { attributes: new Map(), shape: [2], data: new Float32Array(2) });
  return encodeHdf5(root);
}

it.each([
  ['2.9.0', 0.2],
  ['3.15.0', 1 / 6],
])('hard_sigmoid of Keras %s rises by %d', async (version, slope) => {
  const model = await importModel(fileOf(version), { tier: 'simd', threads: 1, fileName: 'a.h5' });
  const { data } = await model.predict(Float32Array.of(1, -2));
  expect(data[0]).toBeCloseTo(0.5 + slope, 6);
  expect(data[1]).toBeCloseTo(0.5 - 2 * slope, 6);
});
