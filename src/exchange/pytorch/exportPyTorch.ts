/**
 * A network for PyTorch: its weights as a file that `load_state_dict` takes, and the class that they are for, as source text.
 * Images are [batch, channels, height, width] there.
 */
import { encodeSafetensors, type SafeTensor } from '../../formats/safetensors.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { Shape } from '../../nn/shape.ts';
import type { ExportedFile, ExportedNetwork } from '../exported.ts';
import { toTorch } from './permutation.ts';
import { imagesVariable, pythonParts } from './pythonClass.ts';
import { attributeOf, torchNetwork, type TorchNode } from './torchNetwork.ts';

/**
 * The files NAME.py, which has the class `Network`, and NAME.safetensors.
 * @param name  what they are called; Python can import what is letters, digits and "_"
 * @throws OptionError if a layer cannot be written for PyTorch
 */
export function exportPyTorch(model: ExportedNetwork, name: string): readonly ExportedFile[] {
  const nodes = torchNetwork(model.network);
  return [
    { name: `${name}.py`, content: pythonText(model, nodes, name) },
    { name: `${name}.safetensors`, content: encodeSafetensors(stateDict(nodes, model.weights)) },
  ];
}

/** In the order of the layers, which is that in which the class has them. */
function stateDict(
  nodes: readonly TorchNode[],
  weights: ReadonlyMap<string, Tensor>,
): Map<string, SafeTensor> {
  const tensors = new Map<string, SafeTensor>();
  for (const node of nodes) {
    for (const { suffix, kind, parameters } of node.modules) {
      const path = attributeOf(node, suffix);
      for (const parameter of parameters) {
        const { name, shape, view, weight } = parameter;
        const data =
          typeof weight === 'number'
            ? new Float32Array(view[0]!).fill(weight)
            : toTorch(weights.get(`${node.layer.name}/${weight}`)!.data, parameter);
        tensors.set(`${path}.${name}`, { dtype: 'F32', shape, data });
      }
      // How many batches there were: PyTorch misses it if it is not there, and makes nothing of it.
      if (kind === 'normalization') {
        tensors.set(`${path}.num_batches_tracked`, { dtype: 'I64', shape: [], data: new BigInt64Array(1) });
      }
    }
  }
  return tensors;
}

function pythonText(
  { network, classNames }: ExportedNetwork,
  nodes: readonly TorchNode[],
  name: string,
): string {
  const { helpers, init, forward } = pythonParts(nodes);
  const [height, width, channels] = network.inputShape;
  const ofBytes = network.pixelScale === 255 ? 'from 0 to 255, as bytes are' : 'of bytes, divide by 255';
  const lines = [
    '"""A network of simdnet as a PyTorch module. The weights are beside it:',
    '',
    '    from safetensors.torch import load_file',
    `    from ${name} import Network`,
    '',
    '    network = Network()',
    `    network.load_state_dict(load_file("${name}.safetensors"))`,
    '    network.eval()',
    '    outputs = network(images)',
    '',
    `Images are float32, [batch, ${[channels, height, width].join(', ')}]; ${ofBytes}.`,
    `Outputs are [batch, ${channelsFirst(network.outputShape).join(', ')}].`,
    '"""',
    '',
    'import torch',
    'import torch.nn.functional as F',
    'from torch import nn',
    ...(classNames
      ? ['', `CLASS_NAMES = [`, ...classNames.map((each) => `    ${JSON.stringify(each)},`), ']']
      : []),
    ...helpers.flatMap((helper) => ['', '', helper]),
    '',
    '',
    'class Network(nn.Module):',
    '    def __init__(self):',
    '        super().__init__()',
    ...init,
    '',
    `    def forward(self, ${imagesVariable(nodes)}):`,
    ...forward,
  ];
  return `${lines.join('\n')}\n`;
}

function channelsFirst(shape: Shape): Shape {
  return [shape.at(-1)!, ...shape.slice(0, -1)];
}
