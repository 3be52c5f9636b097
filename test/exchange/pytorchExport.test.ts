import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { activationExpression } from '../../src/exchange/pytorch/layers/activation.ts';
import { torchLayer } from '../../src/exchange/pytorch/layers/registry.ts';
import { exportPyTorch } from '../../src/exchange/pytorch/exportPyTorch.ts';
import { decodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';
import { NETWORKS } from '../../src/networks/registry.ts';
import { ACTIVATIONS } from '../../src/nn/activations/registry.ts';
import { layerTypes } from '../../src/nn/layers/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { parseLayerSpec, type LayerSpec } from '../../src/nn/spec.ts';
import { layerTable } from './layerTable.ts';
import { randomWeights } from './randomWeights.ts';

interface Exported {
  readonly python: string;
  readonly tensors: ReadonlyMap<string, SafeTensor>;
}

function exported(layers: readonly LayerSpec[], classNames?: readonly string[]): Exported {
  const network = buildNetwork(layers);
  const files = exportPyTorch({ network, weights: randomWeights(network), classNames }, 'small');
  expect(files.map(({ name }) => name)).toEqual(['small.py', 'small.safetensors']);
  const [python, weights] = files.map(({ content }) => content) as [string, Uint8Array];
  return { python, tensors: decodeSafetensors(weights, 'small.safetensors').tensors };
}

const parsed = (layers: readonly object[]): LayerSpec[] =>
  layers.map((layer, i) => parseLayerSpec(i === 0 ? { inputShape: [9, 8, 3], ...layer } : layer));

describe('the class', () => {
  it('is what people would write', () => {
    const layers = parsed([
      { type: 'rescaling', scale: 2, offset: -1 },
      {
        type: 'conv2d',
        name: 'stem',
        filters: 8,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        useBias: false,
      },
      { type: 'batchNormalization', name: 'stem.bn', momentum: 0.95 },
      { type: 'reLU', name: 'stem_relu' },
      { type: 'depthwiseConv2d', kernelSize: [3, 5], padding: 'same', activation: 'silu' },
      { type: 'add', inputs: ['stem_relu', 'depthwise_conv2d'] },
      { type: 'maxPooling2d' },
      { type: 'flatten' },
      { type: 'dropout', rate: 0.5 },
      { type: 'dense', units: 2, activation: 'softmax' },
    ]);
    expect(exported(layers, ['cat', 'dog "Rex"']).python)
      .toBe(`"""A network of simdnet as a PyTorch module. The weights are beside it:

    from safetensors.torch import load_file
    from small import Network

    network = Network()
    network.load_state_dict(load_file("small.safetensors"))
    network.eval()
    outputs = network(images)

Images are float32, [batch, 3, 9, 8]; of bytes, divide by 255.
Outputs are [batch, 2].
"""

import torch
import torch.nn.functional as F
from torch import nn

CLASS_NAMES = [
    "cat",
    "dog \\"Rex\\"",
]


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, bias=False)
        self.stem_bn = nn.BatchNorm2d(8, eps=0.001, momentum=0.05)
        self.depthwise_conv2d = nn.Conv2d(8, 8, (3, 5), padding=(1, 2), groups=8)
        self.dropout = nn.Dropout(0.5)
        self.dense = nn.Linear(32, 2)

    def forward(self, x):
        x = x * 2 - 1
        x = F.pad(x, (0, 1, 1, 1))
        x = self.stem(x)
        x = self.stem_bn(x)
        stem_relu = F.relu(x)
        x = F.silu(self.depthwise_conv2d(stem_relu))
        x = stem_relu + x
        x = F.max_pool2d(x, 2)
        x = torch.flatten(x, 1)
        x = self.dropout(x)
        x = F.softmax(self.dense(x), dim=1)
        return x
`);
  });

  const presets = NETWORKS.map(({ name, build, inputShape, classes }) => {
    return [name, build({ inputShape, classes, dropout: 0.1 })] as const;
  }).filter(([name]) => name !== 'mobilenetv2' && name !== 'resnet18');

  it.each([...layerTable, ...presets])('of %s has short lines, and a module for each tensor', (_, layers) => {
    const { python, tensors } = exported(layers);
    expect(Math.max(...python.split('\n').map(({ length }) => length))).toBeLessThan(100);
    const attributes = Array.from(
      python.matchAll(/^ {8}self\.(\w+) = nn\.(?!Dropout)/gm),
      ([, name]) => name!,
    );
    const modules = new Set(Array.from(tensors.keys(), (name) => name.slice(0, name.lastIndexOf('.'))));
    expect(attributes).toEqual([...modules]);
  });
});

describe('the table of layers', () => {
  it('has every type that there is', () => {
    const types = [...layerTable.values()].flat().map(({ type }) => type);
    expect(layerTypes().filter((type) => !types.includes(type as LayerSpec['type']))).toEqual([]);
  });

  it('knows every activation, and refuses others', () => {
    for (const name of ACTIVATIONS)
      expect(typeof activationExpression(name)).toBe(name === 'linear' ? 'undefined' : 'function');
    expect(() => activationExpression('mish')).toThrow(OptionError);
  });

  it('refuses other types of layers', () => {
    expect(() => torchLayer('lstm')).toThrow(
      'A layer of type "lstm" is not known in PyTorch; there are conv2d, ',
    );
  });
});

describe('the tensors', () => {
  it('count batches, so that strict loading finds all', () => {
    const { tensors } = exported(parsed([{ type: 'batchNormalization' }]));
    expect([...tensors.keys()]).toEqual(
      ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'].map(
        (each) => `batch_normalization.${each}`,
      ),
    );
    expect(tensors.get('batch_normalization.num_batches_tracked')).toEqual({
      dtype: 'I64',
      shape: [],
      data: BigInt64Array.of(0n),
    });
  });

  it('of a dense layer behind a flatten have the channels first', () => {
    const layers = parsed([
      { type: 'flatten', inputShape: [1, 2, 3] },
      { type: 'dense', units: 1 },
    ]);
    const network = buildNetwork(layers);
    // Numbered by pixel and channel.
    const kernel = { shape: [6, 1], data: Float32Array.of(0, 1, 2, 10, 11, 12) };
    const weights = new Map([...randomWeights(network), ['dense/kernel', kernel]]);
    const [, file] = exportPyTorch({ network, weights }, 'small');
    const { tensors } = decodeSafetensors(file!.content as Uint8Array, 'small');
    expect([...(tensors.get('dense.weight')!.data as Float32Array)]).toEqual([0, 10, 1, 11, 2, 12]);
  });

  it('of convolutions are [outputs, inputs, height, width]', () => {
    const layers = parsed([
      { type: 'conv2d', filters: 2, kernelSize: [1, 2], inputShape: [4, 4, 1], useBias: false },
    ]);
    const network = buildNetwork(layers);
    const kernel = { shape: [1, 2, 1, 2], data: Float32Array.of(1, 2, 3, 4) };
    const [, file] = exportPyTorch({ network, weights: new Map([['conv2d/kernel', kernel]]) }, 'small');
    expect(decodeSafetensors(file!.content as Uint8Array, 'small').tensors.get('conv2d.weight')).toEqual({
      dtype: 'F32',
      shape: [2, 1, 1, 2],
      data: Float32Array.of(1, 3, 2, 4),
    });
  });

  it('of depthwise convolutions are [channels · multiplier, 1, height, width]', () => {
    const options = { kernelSize: [1, 2], depthMultiplier: 2, useBias: false, inputShape: [4, 4, 2] };
    const network = buildNetwork(parsed([{ type: 'depthwiseConv2d', ...options }]));
    // Numbered by column, channel and which of the channel's.
    const kernel = { shape: [1, 2, 2, 2], data: Float32Array.of(0, 1, 10, 11, 100, 101, 110, 111) };
    const weights = new Map([['depthwise_conv2d/kernel', kernel]]);
    const [, file] = exportPyTorch({ network, weights }, 'small');
    expect(
      decodeSafetensors(file!.content as Uint8Array, 'small').tensors.get('depthwise_conv2d.weight'),
    ).toEqual({
      dtype: 'F32',
      shape: [4, 1, 1, 2],
      data: Float32Array.of(0, 100, 1, 101, 10, 110, 11, 111),
    });
  });
});
