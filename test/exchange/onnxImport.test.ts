import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import {
  importBytes,
  importModel,
  integers,
  modelOf,
  node,
  predicted,
  randomTensor,
  tensor,
} from './onnxGraphs.ts';

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/exchange/${name}`, import.meta.url));
}

const FILES = ['plain', 'residual', 'mobile'].flatMap((name) => [
  [`${name}.onnx`, name],
  [`${name}-dynamo.onnx`, name],
]);

describe.each(['simd', 'relaxed'] as const)('files that PyTorch wrote, in the tier %s', (tier) => {
  it.each(FILES)('%s', async (file, name) => {
    const { tensors } = decodeSafetensors(fixture(`${name}.onnx.safetensors`), name);
    const input = tensors.get('input')!;
    const imported = await importBytes(fixture(file), file);
    expect(imported.layout).toBe('nchw');
    const { data } = await predicted(
      imported,
      { shape: input.shape, data: input.data as Float32Array },
      tier,
    );
    const expected = tensors.get('output')!.data as Float32Array;
    expect(data).toHaveLength(expected.length);
    const difference = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i]!)), 0);
    expect(difference).toBeLessThan(2e-6);
  });
});

describe('the imported network', () => {
  it('has layers named after modules, with activations and padding as their options', async () => {
    const { layers } = await importBytes(fixture('residual-dynamo.onnx'));
    expect(layers.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'conv2d m.0',
      'maxPooling2d max_pool2d',
      'conv2d m.4.m.0',
      'conv2d m.4.m.3',
      'add add_45',
      'activation relu_2',
      'conv2d m.5.m.0',
      'conv2d m.5.m.3',
      'conv2d m.5.s.0',
      'add add_91',
      'activation relu_4',
      'globalAveragePooling2d mean',
      'dense m.8',
    ]);
    expect(layers[0]).toMatchObject({
      activation: 'relu',
      padding: [
        [3, 3],
        [3, 3],
      ],
    });
    expect(layers[2]).toMatchObject({ activation: 'relu', padding: 'same' });
    expect(layers.at(-1)).toMatchObject({ activation: 'softmax' });
  });

  it('has no layers for what only leads to what is not asked for', async () => {
    const { layers } = await importModel(
      modelOf([node('Sigmoid x > unused'), node('Loop x > unknown'), node('Relu x > y')]),
    );
    expect(layers).toMatchObject([{ type: 'activation', activation: 'relu' }]);
  });

  it('names layers that would have the same name, or that of the images, differently', async () => {
    const same = { ...node('Relu x > a'), name: '/images/Relu' };
    const { layers } = await importModel(
      modelOf([same, { ...node('Relu a > b'), name: 'images' }, { ...node('Tanh b > y'), name: 'images' }]),
    );
    expect(layers.map(({ name }) => name)).toEqual(['images_1', 'images_2', 'images_3']);
  });

  it.each([
    [['N', 4, 6, 5], [node('Conv x w > y')], 'nchw'],
    [['N', 6, 5, 4], [node('Transpose x > t', { perm: [0, 3, 1, 2] }), node('Conv t w > y')], 'nhwc'],
    [['N', 32, 32, 3], [node('Flatten x > y')], 'nhwc'],
    [['N', 1, 8, 1], [node('Flatten x > y')], 'nchw'],
    [['N', 7], [node('Relu x > y')], 'nhwc'],
  ] as const)('of images %j has the layout %s', async (input, nodes, layout) => {
    const imported = await importModel(modelOf(nodes, [randomTensor('w', [2, 4, 3, 3])], { input }));
    expect(imported.layout).toBe(layout);
  });
});

describe("classes' names", () => {
  const withNames = (names: string) =>
    modelOf([node('GlobalMaxPool x > y')], [], { more: { metadata: new Map([['class_names', names]]) } });

  it('are those in the metadata', async () => {
    const { classNames } = await importModel(withNames('["a", "b", "c", "d"]'));
    expect(classNames).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each(['["a", "b"]', '["a", "a", "c", "d"]', '["a", "b", "c", 4]', '{"a": 1}', '[', ''])(
    'are not there if they are %j',
    async (names) => {
      expect((await importModel(withNames(names))).classNames).toBeUndefined();
    },
  );
});

describe('what is refused', () => {
  const weights = [
    randomTensor('w', [2, 4, 3, 3]),
    randomTensor('m', [4, 4]),
    integers('axes', [1]),
    tensor('one', [], [1]),
    tensor('thirty', [], [30]),
  ];
  const model = (...nodes: readonly string[]) =>
    modelOf(
      nodes.map((each) => node(each)),
      weights,
    );

  const joined = (last: string) => {
    const parts = [node('Flatten x > f'), node('Concat f f > j', { axis: 1 }), node(last)];
    return modelOf(parts, [integers('halves', [0, 2, 120])]);
  };

  it.each([
    [model('InstanceNormalization x m m > y'), /"y" \(InstanceNormalization\).*BatchNormalization/],
    [model('ConvTranspose x w > y'), /\(ConvTranspose\): the operator is not supported; use Resize/],
    [
      model('Rellu x > y'),
      /\(Rellu\): the operator is not supported; docs\/exchange.md lists those that are/,
    ],
    [model('Log x > y'), /\(Log\): the operator is not supported; behind a softmax, export/],
    [model('DynamicQuantizeLinear x > y'), /before it is quantized/],
    [model('Softplus x > s', 'Greater x one > g', 'Where g x s > y'), /only supported as a part of softplus/],
    [
      model('Mul x thirty > b', 'Softplus b > s', 'Greater b thirty > g', 'Where g x s > y'),
      /only supported as a part of softplus/,
    ],
    [model('Conv x w > a', 'Erf a > y'), /"y" \(Erf\): it is only supported as a part of GELU/],
    [model('Flatten x > y'), /"y" \(output\): it takes values in another order than channels-last/],
    [model('Flatten x > a', 'Flatten a > b', 'Add b b > y'), /another order/],
    [joined('Identity j > y'), /another order/],
    [joined('Add j j > y'), /another order/],
    [joined('Reshape j halves > y'), /each image must be reshaped by itself/],
    [model('Shape x > y'), /"y" does not depend on its input/],
    [model('Relu z > y'), /takes "z", which no node makes/],
    [model('Relu y > y'), /"y" needs its own output/],
    [model('Relu x > a', 'Add a c > b', 'Relu b > c', 'Relu c > y'), /"[bc]" needs its own output/],
    [model('Relu x > y', 'Tanh x > y'), /"y" is made twice/],
    [model('Relu x > a'), /no node makes its output "y"/],
    [model('Identity x > y'), /its output is its input/],
    [model('Conv x x > y'), /"x" is computed from the image, and must be a constant/],
    [model('Conv x > y'), /its weights are \[\]/],
    [model('MatMul m x > y'), /"m" must depend on the image, but is a constant/],
    [model('Softmax x > y'), /axis 3 is not supported/],
    [model('ReduceMean x axes > y'), /it reduces axes \[1\]/],
    [model('MaxPool x > y'), /it has no kernel_shape/],
    [
      modelOf([node('Relu x > y')], [], { input: ['N', 3, 'height', 'width'] }),
      /\[N, 3, height, width\]; only/,
    ],
    [modelOf([node('Relu x > y')], [], { input: ['N', 3, 4] }), /it must be images/],
    [
      modelOf([node('Reshape x s > y')], [integers('s', [1, -1])]),
      /to \[1, -1\] is not supported: each image must be reshaped by itself/,
    ],
    [
      modelOf([node('MaxPool x > y z', { kernel_shape: [2, 2], dilations: [2, 1] })]),
      /dilations are not supp/,
    ],
    [
      modelOf([node('Flatten x > a'), node('Gemm a m > y', { transA: 1 })], weights),
      /transA is not supported/,
    ],
    [
      modelOf([node('Pad x p > y', { mode: 'reflect' })], [integers('p', [0, 0, 1, 1, 0, 0, 1, 1])]),
      /reflect/,
    ],
    [modelOf([node('Pad x p > y')], [integers('p', [0, 1, 0, 0, 0, 0, 0, 0])]), /not along channels/],
    [
      modelOf(
        [node('Sigmoid x > s'), node('Transpose s > t', { perm: [0, 1, 3, 2] }), node('Mul x t > y')],
        [],
        {
          input: ['N', 4, 5, 5],
        },
      ),
      /"y" \(Mul\): it takes values in another order/,
    ],
    [modelOf([node('LeakyRelu x > y', { alpha: 'much' })]), /its alpha is no float/],
    [modelOf([{ ...node('Gelu x > y'), domain: 'com.microsoft' }]), /of the domain "com.microsoft"/],
  ])('%#', async (graph, message) => {
    const error = await importModel(graph).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain('some.onnx');
  });

  it.each([1, 9, 10, 25])('opset %i, whose operators may mean something else', async (opset) => {
    const error = await importModel(modelOf([node('Slice x > s'), node('Relu s > y')], [], { opset })).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toBe(
      `some.onnx uses the operators of opset ${opset}; only opset 11 to 24 are read: export it with opset 17.`,
    );
  });

  it.each([11, 24])('but opset %i is read', async (opset) => {
    const { layers } = await importModel(modelOf([node('Relu x > y')], [], { opset }));
    expect(layers).toHaveLength(1);
  });

  it('several inputs or outputs, by their names', async () => {
    const { graph, ...rest } = model('Add x z > y');
    const z = { name: 'z', type: 'float32', shape: ['N', 4, 6, 5] } as const;
    await expect(importModel({ ...rest, graph: { ...graph, inputs: [...graph.inputs, z] } })).rejects.toThrow(
      /has 2 inputs \("x", "z"\); a network has one, the images\.$/,
    );
    const open = { ...modelOf([node('Conv x z > y')]).graph, inputs: [...graph.inputs, z] };
    await expect(importModel({ ...rest, graph: open })).rejects.toThrow(
      'a network has one, the images. Its weights are not in the file: export it with them, with export_params=True.',
    );
    const aux = { ...z, name: 'aux' };
    await expect(
      importModel({ ...rest, graph: { ...graph, outputs: [...graph.outputs, aux] } }),
    ).rejects.toThrow('has 2 outputs ("y", "aux")');
  });

  it('constants that grow beyond what the size of the file explains', async () => {
    const doubled = Array.from({ length: 40 }, (_, i) => node(`Concat c${i} c${i} > c${i + 1}`, { axis: 0 }));
    await expect(
      importModel(modelOf([...doubled, node('Add x c40 > y')], [randomTensor('c0', [2])])),
    ).rejects.toThrow('more constants than its size explains');
    await expect(
      importModel(modelOf([node('ConstantOfShape s > c'), node('Add x c > y')], [integers('s', [1e9, 1e9])])),
    ).rejects.toThrow('more constants than its size explains');
  });

  it('functions that use themselves', async () => {
    const call = { ...node('F x > y'), domain: 'own' };
    const used = { name: 'F', domain: 'own', inputs: ['x'], outputs: ['y'], attributes: [] };
    const twice = [
      { ...call, outputs: ['z'] },
      { ...call, inputs: ['z'] },
    ];
    await expect(
      importModel(modelOf([call], [], { more: { functions: [{ ...used, nodes: twice }] } })),
    ).rejects.toThrow('its function "F" uses itself');
  });
});
