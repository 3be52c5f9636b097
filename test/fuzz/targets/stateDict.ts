/** PyTorch's state_dicts, for a network that has every kind of module and a flatten. */
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../../src/formats/safetensors.ts';
import { exportPyTorch } from '../../../src/exchange/pytorch/exportPyTorch.ts';
import { importStateDict } from '../../../src/exchange/pytorch/importStateDict.ts';
import { buildNetwork } from '../../../src/nn/network.ts';
import { parseLayerSpec } from '../../../src/nn/spec.ts';
import { randomWeights } from '../../exchange/randomWeights.ts';
import type { Choices } from '../choices.ts';
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
  make: (choices) => (choices.oneIn(2) ? mutateSafetensors(corpus, choices) : otherTensors(choices)),
  read: (bytes, fileName) => {
    const file = (): Promise<Uint8Array> => Promise.reject(new Error('it asks for no other file'));
    return importStateDict({ fileName, bytes, file, network: layers });
  },
};

/** A whole file whose tensors have other names, shapes and types, or are gone. */
function otherTensors(choices: Choices): Uint8Array {
  const entries = [...decodeSafetensors(corpus[0]!, 'corpus').tensors];
  for (let i = choices.amount(4); i > 0; i--) {
    const at = choices.below(entries.length);
    const [name, tensor] = entries[at]!;
    const [other] = choices.of(entries);
    const { shape } = tensor;
    const changed: readonly [string, SafeTensor][] = choices.of([
      [],
      [
        [
          choices.of([other, `${name}.${other}`, `net.${name}`, name.slice(name.indexOf('.') + 1), '']),
          tensor,
        ],
      ],
      [[name, { ...tensor, shape: shape.toReversed() }]],
      [[name, { ...tensor, shape: choices.of([[...shape, 1], [1, ...shape], shape.slice(1)]) }]],
      [[name, { dtype: 'F16', shape: [2, 2, 1, 1], data: new Uint16Array(4) }]],
      [[name, { dtype: choices.of(['BF16', 'F16']), shape, data: new Uint16Array(tensor.data.length) }]],
      [
        [
          name,
          {
            dtype: 'F64',
            shape,
            data: new Float64Array(tensor.data.length).fill(choices.of([0.1, NaN, 1e300])),
          },
        ],
      ],
    ]);
    entries.splice(at, 1, ...changed);
    if (entries.length === 0) break;
  }
  const fitting = entries.filter(([, { shape, data }]) => shape.reduce((a, b) => a * b, 1) === data.length);
  return encodeSafetensors(new Map(fitting));
}
