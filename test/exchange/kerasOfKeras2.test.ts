/** Files of Keras 2, where some things were computed otherwise. */
import { describe, expect, it } from 'vitest';
import { kerasConfigOf } from '../../src/exchange/keras/config.ts';
import { exportKeras } from '../../src/exchange/keras/export.ts';
import { importModel } from '../../src/exchange/importModel.ts';
import { encodeHdf5 } from '../../src/formats/hdf5/encode.ts';
import { emptyGroup, type H5Group } from '../../src/formats/hdf5/hdf5.ts';
import { decodeZip, encodeZip } from '../../src/formats/zip.ts';
import { dense, flatten } from '../../src/nn/spec.ts';
import { buildNetwork } from '../../src/nn/network.ts';

const layers = [flatten({ inputShape: [1, 1, 2] }), dense({ units: 2, activation: 'hard_sigmoid' })];

/** A file with the weights of a dense layer. */
function fileOf(kerasVersion: string): Uint8Array<ArrayBuffer> {
  const network = buildNetwork(layers);
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

/** The same in the newer format, which tf.keras has since 2.12. */
function zipOf(kerasVersion: string): Uint8Array<ArrayBuffer> {
  const network = buildNetwork(layers);
  const identity = { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) };
  const bias = { shape: [2], data: new Float32Array(2) };
  const weights = new Map([
    ['dense/kernel', identity],
    ['dense/bias', bias],
  ]);
  const [file] = exportKeras({ network, weights });
  const text = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
  return encodeZip(
    new Map([
      ...decodeZip(file!.content as Uint8Array, 'a.keras'),
      ['metadata.json', text({ keras_version: kerasVersion })],
      ['config.json', text(kerasConfigOf(network, { version: 2 }))],
    ]),
  );
}

describe.each([
  ['a.h5', '2.9.0', 0.2, fileOf],
  ['a.h5', '3.15.0', 1 / 6, fileOf],
  ['a.keras', '2.15.0', 0.2, zipOf],
  ['a.keras', '3.15.0', 1 / 6, zipOf],
])('hard_sigmoid in %s of Keras %s', (fileName, version, slope, bytesOf) => {
  it(`rises by ${slope}`, async () => {
    const model = await importModel(bytesOf(version), { tier: 'simd', threads: 1, fileName });
    const { data } = await model.predict(Float32Array.of(1, -2));
    expect(data[0]).toBeCloseTo(0.5 + slope, 6);
    expect(data[1]).toBeCloseTo(0.5 - 2 * slope, 6);
  });
});
