/**
 * Writes what onnxModels.py checks: networks that simdnet knows, and small ones with every type of layer, as ONNX in both layouts, with
 * what simdnet predicts.
 *
 *     npx tsx --conditions=simdnet-source test/peers/onnx.ts FOLDER [NAME…]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { channelsFirst } from '../../src/exchange/layout.ts';
import { exportOnnx } from '../../src/exchange/onnx/export/exportOnnx.ts';
import { encodeSafetensors } from '../../src/formats/safetensors.ts';
import { networkPreset, NETWORKS } from '../../src/networks/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { LAYOUTS, size } from '../../src/nn/shape.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { layerTable } from '../exchange/layerTable.ts';
import { numbersLike, randomWeights } from '../exchange/randomWeights.ts';

const IMAGES = 2;

async function write(folder: string, name: string, layers: readonly LayerSpec[]): Promise<void> {
  const network = buildNetwork(layers);
  const weights = randomWeights(network);
  const model = sequential(layers, { tier: 'simd', threads: 1 });
  model.setWeights(weights);
  const shape = [IMAGES, ...network.inputShape];
  const input = { shape, data: numbersLike(size(shape), 99) };
  const output = await model.predict(input.data);
  await model.dispose();
  for (const layout of LAYOUTS) {
    const [file] = exportOnnx({ network, weights }, `${name}-${layout}`, { layout });
    writeFileSync(join(folder, file!.name), file!.content);
    const tensors = Object.entries({ input, output }).map(([key, tensor]) => {
      return [key, { dtype: 'F32', ...(layout === 'nchw' ? channelsFirst(tensor) : tensor) }] as const;
    });
    writeFileSync(join(folder, `${name}-${layout}.safetensors`), encodeSafetensors(new Map(tensors)));
  }
}

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error('Which folder?');
mkdirSync(folder, { recursive: true });
const known = NETWORKS.map(({ name }) => {
  const inputShape = [32, 32, 3];
  return [`network_${name}`, networkPreset(name, { inputShape, classes: 10 })] as const;
});
for (const [name, layers] of [...layerTable, ...known]) {
  if (names.length === 0 || names.includes(name)) await write(folder, name, layers);
}
