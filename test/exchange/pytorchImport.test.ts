import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { channelsLast } from '../../src/exchange/layout.ts';
import { exportPyTorch } from '../../src/exchange/pytorch/exportPyTorch.ts';
import { importStateDict } from '../../src/exchange/pytorch/importStateDict.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  type F32Tensor,
  type SafeTensor,
} from '../../src/formats/safetensors.ts';
import { NETWORKS } from '../../src/networks/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { size } from '../../src/nn/shape.ts';
import { parseLayerSpec, type LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { layersOfJson } from '../../src/training/modelJson.ts';
import { layerTable } from './layerTable.ts';
import { numbersLike, randomWeights } from './randomWeights.ts';

const folder = new URL('../fixtures/exchange/', import.meta.url);

function layersOfFile(name: string): LayerSpec[] {
  const json: unknown = JSON.parse(readFileSync(new URL(`${name}.network.json`, folder), 'utf8'));
  return layersOfJson(json, name);
}

const parsed = (layers: readonly object[]): LayerSpec[] =>
  layers.map((layer, i) => parseLayerSpec(i === 0 ? { inputShape: [6, 6, 2], ...layer } : layer));

function imported(bytes: Uint8Array, network: readonly LayerSpec[] | undefined) {
  const file = (): Promise<Uint8Array> => Promise.reject(new Error('no other file is needed'));
  return importStateDict({ fileName: 'weights.safetensors', bytes, file, network });
}

/** A file of tensors of these shapes, with numbers of their own. */
function fileOf(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const tensors = Object.entries(shapes).map(([name, shape], i): [string, SafeTensor] => [
    name,
    { dtype: 'F32', shape, data: numbersLike(size(shape), i) },
  ]);
  return encodeSafetensors(new Map(tensors));
}

const norm = (path: string, length: number) =>
  Object.fromEntries(
    ['weight', 'bias', 'running_mean', 'running_var'].map((name) => [`${path}.${name}`, [length]]),
  );

describe('what PyTorch saved', () => {
  for (const name of ['plain', 'residual', 'mobile']) {
    for (const tier of ['simd', 'relaxed'] as const) {
      it(`${name} gives its outputs, ${tier}`, async () => {
        const bytes = readFileSync(new URL(`${name}.torch.safetensors`, folder));
        const { layers, weights } = imported(bytes, layersOfFile(name));
        const { tensors } = decodeSafetensors(
          readFileSync(new URL(`${name}.onnx.safetensors`, folder)),
          name,
        );
        const { data: images } = channelsLast(tensors.get('input') as F32Tensor);
        const model = sequential(layers as LayerSpec[], { tier, threads: 1 });
        model.setWeights(weights);
        const output = await model.predict(images);
        await model.dispose();
        const expected = tensors.get('output')!.data as Float32Array;
        const differences = expected.map((value, i) => Math.abs(value - output.data[i]!));
        expect(output.data).toHaveLength(expected.length);
        expect(Math.max(...differences)).toBeLessThan(2e-6);
      });
    }
  }
});

describe('a round trip', () => {
  const presets = NETWORKS.map(({ name, build, inputShape, classes }) => {
    return [name, build({ inputShape, classes, dropout: 0 })] as const;
  });
  const networks = [...layerTable, ...presets.filter(([name]) => name === 'lenet')];

  it.each(networks)('of %s gives the same bits of its weights', (_, layers) => {
    const network = buildNetwork(layers);
    const weights = randomWeights(network);
    const file = exportPyTorch({ network, weights }, 'model').find(({ name }) =>
      name.endsWith('.safetensors'),
    )!;
    const back = imported(file.content as Uint8Array, layers).weights;
    expect([...back.keys()]).toEqual([...weights.keys()]);
    for (const [name, { shape, data }] of weights) {
      const { shape: backShape, data: backData } = back.get(name)!;
      expect(backShape).toEqual(shape);
      expect(Buffer.from(backData.buffer).equals(Buffer.from(data.buffer)), name).toBe(true);
    }
  });
});

describe('modules and layers', () => {
  const conv = (options: object = {}) => ({ type: 'conv2d', filters: 2, kernelSize: 1, ...options });
  /** Of each weight, which tensor of the file it is: they are told by their first numbers. */
  const sources = (bytes: Uint8Array, layers: readonly object[]): Record<string, string | undefined> => {
    const { tensors } = decodeSafetensors(bytes, 'file');
    const { weights } = imported(bytes, parsed(layers));
    const names = Array.from(weights, ([name, { data }]): [string, string | undefined] => [
      name,
      [...tensors].find(([, tensor]) => tensor.data[0] === data[0])?.[0],
    ]);
    return Object.fromEntries(names);
  };
  const bare = { useBias: false };

  it('are matched by name, with dots or "_", in whatever order', () => {
    const file = fileOf({ 'b.2.weight': [2, 2, 1, 1], 'a.weight': [2, 2, 1, 1], 'c.0.weight': [2, 2, 1, 1] });
    expect(
      sources(file, [conv({ ...bare, name: 'c_0' }), conv(bare), conv({ ...bare, name: 'b.2' })]),
    ).toEqual({
      'c_0/kernel': 'c.0.weight',
      'conv2d_1/kernel': 'a.weight',
      'b.2/kernel': 'b.2.weight',
    });
  });

  it('are matched by name without what all names begin with', () => {
    const file = fileOf({ 'net.a.weight': [2, 2, 1, 1], 'net.b.weight': [2, 2, 1, 1] });
    expect(sources(file, [conv({ ...bare, name: 'b' }), conv({ ...bare, name: 'a' })])).toEqual({
      'b/kernel': 'net.b.weight',
      'a/kernel': 'net.a.weight',
    });
  });

  it('are matched in order where names are only those that layers get by themselves', () => {
    const file = fileOf({ 'conv2d_1.weight': [2, 2, 1, 1], 'conv2d_2.weight': [2, 2, 1, 1] });
    const layers = [conv({ ...bare, name: 'conv2d' }), conv({ ...bare, name: 'conv2d_1' })];
    expect(sources(file, layers)).toEqual({
      'conv2d/kernel': 'conv2d_1.weight',
      'conv2d_1/kernel': 'conv2d_2.weight',
    });
  });

  it('count as people do in files that are sorted by name, and stand as they are in others', () => {
    const sorted = fileOf({ '10.weight': [2, 2, 1, 1], '2.weight': [2, 2, 1, 1] });
    const unsorted = fileOf({
      '2.weight': [2, 2, 1, 1],
      '10.weight': [2, 2, 1, 1],
      '1.weight': [2, 2, 1, 1],
    });
    expect(Object.values(sources(sorted, [conv(bare), conv(bare)]))).toEqual(['2.weight', '10.weight']);
    expect(Object.values(sources(unsorted, [conv(bare), conv(bare), conv(bare)]))).toEqual([
      '2.weight',
      '10.weight',
      '1.weight',
    ]);
  });

  it('are normalizations of what the convolution before belongs to', () => {
    const file = fileOf({
      ...norm('bn1', 2),
      'conv1.weight': [2, 2, 3, 3],
      ...norm('way.1', 2),
      'way.0.weight': [2, 2, 1, 1],
    });
    const normalization = { type: 'batchNormalization' };
    const layers = [
      conv(bare),
      { ...normalization, name: 'around' },
      conv({ ...bare, kernelSize: 3, padding: 'same', inputs: ['images'] }),
      { ...normalization, name: 'through' },
      { type: 'add', inputs: ['around', 'through'] },
    ];
    expect(sources(file, layers)).toMatchObject({
      'around/gamma': 'way.1.weight',
      'through/moving_variance': 'bn1.running_var',
    });
  });

  it('may be a linear layer and a convolution by 1×1 kernels', () => {
    const file = fileOf({ 'fc.weight': [5, 2, 1, 1], 'fc.bias': [5] });
    const layers = [{ type: 'globalAveragePooling2d' }, { type: 'dense', units: 5 }];
    expect(sources(file, layers)).toEqual({ 'dense/kernel': 'fc.weight', 'dense/bias': 'fc.bias' });
  });
});

describe('numbers', () => {
  const network = parsed([{ type: 'globalAveragePooling2d' }, { type: 'dense', units: 1, useBias: false }]);
  const kernelOf = (tensor: SafeTensor): number[] => [
    ...imported(encodeSafetensors(new Map([['fc.weight', tensor]])), network).weights.get('dense/kernel')!
      .data,
  ];
  const shape = [1, 2];

  it('of 64 bits are narrowed, of 16 bits widened', () => {
    expect(kernelOf({ dtype: 'F64', shape, data: Float64Array.of(0.1, -2) })).toEqual([Math.fround(0.1), -2]);
    expect(kernelOf({ dtype: 'F16', shape, data: Uint16Array.of(0x3c00, 0xc100) })).toEqual([1, -2.5]);
    expect(kernelOf({ dtype: 'BF16', shape, data: Uint16Array.of(0x3f80, 0xc020) })).toEqual([1, -2.5]);
  });

  it('that are whole are refused', () => {
    expect(() => kernelOf({ dtype: 'I32', shape, data: Int32Array.of(1, 2) })).toThrow(
      'weights.safetensors: the tensor "fc.weight" is I32; weights are F32, F64, F16 or BF16.',
    );
  });

  it('of how many batches there were are ignored', () => {
    const tensors = new Map<string, SafeTensor>([
      ['fc.weight', { dtype: 'F32', shape, data: Float32Array.of(1, 2) }],
      ['fc.num_batches_tracked', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) }],
    ]);
    expect(imported(encodeSafetensors(tensors), network).weights.size).toBe(1);
  });
});

describe('what does not fit', () => {
  const conv = { type: 'conv2d', filters: 4, kernelSize: 3 };
  const one = { 'c.weight': [4, 2, 3, 3], 'c.bias': [4] };
  const batch = { type: 'batchNormalization' };
  const cases: [string, Parameters<typeof fileOf>[0], readonly object[], string][] = [
    [
      'another shape',
      { ...one, 'c.weight': [4, 2, 5, 5] },
      [conv],
      'layer "conv2d" (conv2d) takes weight [4, 2, 3, 3], bias [4], but the module "c" has weight [4, 2, 5, 5], bias [4]: change "conv2d"',
    ],
    [
      'a layer whose name is that of another module',
      { ...one, 'd.weight': [4, 4, 1, 1], 'd.bias': [4] },
      [{ ...conv, name: 'd' }],
      'layer "d" (conv2d) takes weight [4, 2, 3, 3], bias [4], but the module "d" has weight [4, 4, 1, 1], bias [4]',
    ],
    ['a bias too many', one, [{ ...conv, useBias: false }], 'leave useBias: false out.'],
    ['no bias', { 'c.weight': [4, 2, 3, 3] }, [conv], 'give the layer useBias: false.'],
    [
      'a normalization without scale',
      { 'n.running_mean': [2], 'n.running_var': [2] },
      [batch],
      'but the module "n" has running_mean [2], running_var [2]: give the layer scale: false and center: false.',
    ],
    [
      'a normalization with scale',
      norm('n', 2),
      [{ ...batch, scale: false, center: false }],
      'leave scale and center out.',
    ],
    [
      'a weight that the layer lacks',
      norm('n', 2),
      [{ ...batch, scale: false }],
      'layer "batch_normalization" (batchNormalization) has no weight for the tensor "n.weight", whose values are not all 1: give it scale: true.',
    ],
    [
      'a module too many',
      { ...one, 'd.weight': [4, 4, 3, 3] },
      [conv],
      'no layer is left for the module "d" with weight [4, 4, 3, 3]',
    ],
    [
      'modules too few',
      { ...one },
      [conv, { ...conv, filters: 2 }],
      'layer "conv2d_1" (conv2d) takes weight [2, 4, 3, 3], bias [2], but all modules of this kind in the file are taken by other layers.',
    ],
    [
      'not as many of a kind',
      { 'a.weight': [2, 2, 3, 3], 'b.weight': [2, 2, 3, 3], 'c.weight': [2, 2, 3, 3] },
      [1, 2].map(() => ({ ...conv, filters: 2, useBias: false })),
      'there are 2 layers that take weight [2, 2, 3, 3], from layer "conv2d" (conv2d) on, but 3 modules that have it, from the module "a" on.',
    ],
    [
      'another kind of module',
      { 'ln.weight': [4], 'ln.bias': [4] },
      [conv],
      'the tensor "ln.weight" of shape [4] is of no module that can be read: there are convolutions',
    ],
    ['another name', { 'c.weight_v': [4] }, [conv], 'the tensor "c.weight_v" of shape [4] is of no module'],
  ];

  it.each(cases)('is named: %s', (_, shapes, layers, message) => {
    const read = (): unknown => imported(fileOf(shapes), parsed(layers));
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^weights\.safetensors: /);
  });

  it('is a file of torch.save', () => {
    expect(() => imported(Uint8Array.of(0x50, 0x4b, 3, 4), parsed([conv]))).toThrow(/torch\.save.*save_file/);
  });

  it('is no network', () => {
    expect(() => imported(fileOf(one), undefined)).toThrow(OptionError);
    expect(() => imported(fileOf(one), undefined)).toThrow(/--network/);
  });
});
