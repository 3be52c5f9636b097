/** PyTorch's state_dicts, for a network that has every kind of module and a flatten. */
import { exportPyTorch } from '../../../src/exchange/pytorch/exportPyTorch.ts';
import { importStateDict } from '../../../src/exchange/pytorch/importStateDict.ts';
import { buildNetwork } from '../../../src/nn/network.ts';
import { parseLayerSpec } from '../../../src/nn/spec.ts';
import { randomWeights } from '../../exchange/randomWeights.ts';
import { MB, type Target } from '../target.ts';
import { mutateSafetensors } from './safetensors.ts';

const layers = [
  { type: 'conv2d', filters: 4, kernelSize: 3, useBias: false, inputShape: [6, 6, 2] },
  { type: 'batchNormalization', name: 'stem.bn' },
  { type: 'depthwiseConv2d', kernelSize: 3 },
  { type: 'batchNormalization', scale: false },
  { type: 'separableConv2d', filters: 4, kernelSize: 1 },
  { type: 'flatten' },
  { type: 'batchNormalization', scale: false, center: false },
  { type: 'dense', units: 3 },
  { type: 'dense', units: 3 },
].map(parseLayerSpec);

const network = buildNetwork(layers);
const weights = randomWeights(network);
const corpus = exportPyTorch({ network, weights }, 'model').flatMap(({ content }) =>
  typeof content === 'string' ? [] : [content],
);

export const stateDict: Target = {
  name: 'state_dict',
  turns: 2,
  memory: { free: 32 * MB, perByte: 100 },
  make: (choices) => mutateSafetensors(corpus, choices),
  read: (bytes, fileName) => {
    const file = (): Promise<Uint8Array> => Promise.reject(new Error('it asks for no other file'));
    return importStateDict({ fileName, bytes, file, network: layers });
  },
};
