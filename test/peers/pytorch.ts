/**
 * Writes what pytorch.py compares: networks that simdnet knows, and small ones with every type of layer, as PyTorch has them, with what
 * simdnet predicts.
 *
 *     npx tsx --conditions=simdnet-source test/peers/pytorch.ts FOLDER [NAME…]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { channelsFirst } from '../../src/exchange/layout.ts';
import { exportPyTorch } from '../../src/exchange/pytorch/exportPyTorch.ts';
import { encodeSafetensors } from '../../src/formats/safetensors.ts';
import { NETWORKS } from '../../src/networks/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { layerTable } from '../exchange/layerTable.ts';
import { numbersLike, randomWeights } from '../exchange/randomWeights.ts';

const IMAGES = 2;

async function write(folder: string, name: string, layers: readonly LayerSpec[]): Promise<void> {
  const network = buildNetwork(layers);
  const weights = randomWeights(network);
  for (const file of exportPyTorch({ network, weights }, name)) {
    writeFileSync(join(folder, file.name), file.content);
  }
  const model = sequential([...layers], { tier: 'simd', threads: 1 });
  model.setWeights(weights);
  const [height, width, channels] = network.inputShape;
  const shape = [IMAGES, height, width, channels];
  const images = numbersLike(IMAGES * height * width * channels, 99);
  const output = await model.predict(images);
  await model.dispose();
  const tensors = Object.entries({ input: { shape, data: images }, output });
  const cases = tensors.map(([key, tensor]) => [key, { dtype: 'F32', ...channelsFirst(tensor) }] as const);
  writeFileSync(join(folder, `${name}.case.safetensors`), encodeSafetensors(new Map(cases)));
}

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error('Which folder?');
mkdirSync(folder, { recursive: true });
const known = NETWORKS.map(({ name, build, inputShape, classes }) => {
  return [`network_${name}`, build({ inputShape, classes, dropout: 0.1 })] as const;
});
for (const [name, layers] of [...layerTable, ...known]) {
  if (names.length === 0 || names.includes(name)) await write(folder, name, layers);
}
