/** Operators by themselves, and the patterns that exporters write: outputs beside those of ONNX Runtime. */
import { describe, expect, it } from 'vitest';
import type { OnnxModel, OnnxNode, OnnxTensor } from '../../src/formats/onnx/model.ts';
import { compared, integers, modelOf, node, randomTensor, tensor } from './onnxGraphs.ts';

const WEIGHTS: readonly OnnxTensor[] = [
  randomTensor('w', [8, 4, 3, 3]),
  randomTensor('bias', [8]),
  randomTensor('grouped', [8, 2, 3, 2]),
  randomTensor('depthwise', [8, 1, 3, 3]),
  randomTensor('matrix', [120, 7]),
  randomTensor('transposed', [7, 120]),
  randomTensor('m', [7]),
  randomTensor('many', [120]),
  randomTensor('joined', [168]),
  tensor(
    'apart',
    [168],
    Array.from({ length: 168 }, (_, i) => 0.5 + i / 60),
  ),
  randomTensor('tall', [192, 7]),
  tensor(
    'spread',
    [120],
    Array.from({ length: 120 }, (_, i) => 0.5 + i / 60),
  ),
  randomTensor('channels', [4]),
  randomTensor('square', [4, 4]),
  randomTensor('perChannel', [1, 4, 1, 1]),
  tensor('variance', [4], [0.5, 1, 2, 0.25]),
  tensor('zero', [], [0]),
  tensor('half', [], [0.5]),
  tensor('one', [], [1]),
  tensor('three', [], [3]),
  tensor('six', [], [6]),
  tensor('twenty', [], [20]),
  tensor('root2', [], [1.4142135381698608]),
  tensor('toTanh', [], [0.7978845834732056]),
  tensor('ofCube', [], [0.044714998453855515]),
  tensor('minus', [], [-1]),
  tensor('lowest', [], [-Infinity]),
  tensor('scales', [4], [1, 1, 2, 3]),
  tensor('twice', [4], [1, 1, 2, 2]),
  integers('spatial', [2, 3]),
  integers('last', [-1]),
  integers('pads', [0, 0, 1, 0, 0, 0, 2, 3]),
  integers('ones', [0, 0, 1, 0, 0, 0, 1, 1]),
  integers('begin', [1, 0]),
  integers('end', [-1, 9e15]),
  integers('rows', [-1, 120]),
  integers('keep', [0, -1]),
  integers('pixels', [0, 4, 30]),
  integers('wide', [0, 4, 1, 30]),
  integers('same', [0, 4, 6, 5]),
  integers('zero1', [0]),
];

const graph = (...nodes: readonly (string | OnnxNode)[]): OnnxModel =>
  modelOf(
    nodes.map((each) => (typeof each === 'string' ? node(each) : each)),
    WEIGHTS,
  );
/** Of another shape or version. */
const with_ = (model: OnnxModel, input: readonly (number | string)[], opset = 17): OnnxModel =>
  modelOf(model.graph.nodes, WEIGHTS, { input, opset });

/** As a converter to 16 bits leaves them: weights and constants are of 16 bits, and the Casts at both ends stand behind all. */
const halves: readonly (readonly [name: string, model: OnnxModel])[] = [
  ['GELU', ['Div h root2h > d', 'Erf d > e', 'Add e oneh > a', 'Mul h a > p', 'Mul p halfh > g']],
  [
    'GELU by tanh',
    [
      'Pow h threeh > c',
      'Mul c ofCubeh > k',
      'Add h k > s',
      'Mul s toTanhh > u',
      'Tanh u > t',
      'Add t oneh > a',
      'Mul h a > p',
      'Mul p halfh > g',
    ],
  ],
  ['Conv', ['Conv h wh > g']],
].map(([name, nodes]) => [
  name as string,
  graph(
    ...(nodes as string[]),
    node('Cast g > y', { to: 1 }),
    node('Cast x > h', { to: 10 }),
    ...['w', 'root2', 'one', 'three', 'half', 'ofCube', 'toTanh'].map((each) =>
      node(`Cast ${each}16 > ${each}h`, { to: 10 }),
    ),
  ),
]);

/** Those constants as 16 bits have them. */
const ROUNDED: readonly OnnxTensor[] = [
  { ...WEIGHTS[0]!, name: 'w16' },
  tensor('root216', [], [1.4140625]),
  tensor('one16', [], [1]),
  tensor('three16', [], [3]),
  tensor('half16', [], [0.5]),
  tensor('ofCube16', [], [0.044708251953125]),
  tensor('toTanh16', [], [0.7978515625]),
];

type Case = readonly [name: string, model: OnnxModel, layers: string];

const convolutions: readonly Case[] = [
  ['Conv', graph('Conv x w > y'), 'conv2d'],
  ['Conv with a bias', graph('Conv x w bias > y'), 'conv2d'],
  ['Conv with pads', graph(node('Conv x w > y', { pads: [2, 0, 1, 3], strides: [2, 1] })), 'conv2d'],
  ['Conv, dilated', graph(node('Conv x w > y', { pads: [2, 1, 2, 1], dilations: [2, 1] })), 'conv2d'],
  ['Conv, SAME_UPPER', graph(node('Conv x w > y', { auto_pad: 'SAME_UPPER', strides: [2, 2] })), 'conv2d'],
  ['Conv, SAME_LOWER', graph(node('Conv x w > y', { auto_pad: 'SAME_LOWER', strides: [2, 2] })), 'conv2d'],
  ['Conv, VALID', graph(node('Conv x w > y', { auto_pad: 'VALID' })), 'conv2d'],
  ['Conv in groups', graph(node('Conv x grouped bias > y', { group: 2 })), 'conv2d'],
  [
    'Conv of each channel, with a multiplier',
    graph(node('Conv x depthwise bias > y', { group: 4 })),
    'depthwiseConv2d',
  ],
  ['zeros in front', graph('Pad x pads > p', 'Conv p w > y'), 'conv2d'],
  ['a bias behind', graph('Conv x w > c', 'Add c column > y'), 'conv2d'],
  [
    'a normalization as arithmetic, channels last',
    graph(
      node('Conv x w > c'),
      node('Transpose c > t', { perm: [0, 2, 3, 1] }),
      'Sub t bias > s',
      'Mul s bias > p',
      'Add p bias > a',
      'Relu a > r',
      node('Transpose r > y', { perm: [0, 3, 1, 2] }),
    ),
    'conv2d',
  ],
  [
    'BatchNormalization',
    graph(node('BatchNormalization x channels channels channels variance > y', { epsilon: { float: 0.01 } })),
    'batchNormalization',
  ],
];

const pools: readonly Case[] = [
  ['MaxPool', graph(node('MaxPool x > y', { kernel_shape: [3, 2] })), 'maxPooling2d'],
  [
    'MaxPool with pads',
    graph(node('MaxPool x > y', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })),
    'maxPooling2d',
  ],
  [
    'MaxPool, ceil_mode',
    graph(node('MaxPool x > y', { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 })),
    'maxPooling2d',
  ],
  [
    'MaxPool, padded before',
    graph('Pad x ones lowest > p', node('MaxPool p > y', { kernel_shape: [3, 3] })),
    'maxPooling2d',
  ],
  [
    'AveragePool with pads',
    graph(node('AveragePool x > y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })),
    'averagePooling2d',
  ],
  [
    'AveragePool, pads counted',
    graph(node('AveragePool x > y', { kernel_shape: [3, 3], pads: [1, 0, 1, 2], count_include_pad: 1 })),
    'zeroPadding2d averagePooling2d',
  ],
  [
    'AveragePool, ceil_mode',
    graph(node('AveragePool x > y', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 })),
    'averagePooling2d',
  ],
  ['GlobalAveragePool', graph('GlobalAveragePool x > y'), 'globalAveragePooling2d'],
  ['GlobalMaxPool', graph('GlobalMaxPool x > p', 'Squeeze p spatial > y'), 'globalMaxPooling2d'],
  ['ReduceMean', graph(node('ReduceMean x > y', { axes: [-1, 2] })), 'globalAveragePooling2d'],
  [
    'ReduceMean, axes as an input',
    with_(graph(node('ReduceMean x spatial > y', { keepdims: 0 })), ['batch', 4, 6, 5], 18),
    'globalAveragePooling2d',
  ],
  [
    'the mean of each row, and of these',
    graph(
      node('ReduceMean x > r', { axes: [3], keepdims: 0 }),
      node('ReduceMean r > y', { axes: [2], keepdims: 0 }),
    ),
    'globalAveragePooling2d',
  ],
  [
    'the largest of each column, and of these',
    graph(node('ReduceMax x > r', { axes: [2] }), node('ReduceMax r > y', { axes: [3] })),
    'globalMaxPooling2d',
  ],
  [
    'the largest of the means of rows',
    graph(node('ReduceMean x > r', { axes: [3] }), node('ReduceMax r > y', { axes: [2] })),
    'averagePooling2d globalMaxPooling2d',
  ],
  [
    'the mean of pixels in a row',
    graph('Reshape x pixels > r', node('ReduceMean r > y', { axes: [-1], keepdims: 0 })),
    'globalAveragePooling2d',
  ],
  ['the mean of each column', graph(node('ReduceMean x > y', { axes: [2] })), 'averagePooling2d'],
  ['ReduceMax', graph(node('ReduceMax x > y', { axes: [2, 3], keepdims: 0 })), 'globalMaxPooling2d'],
];

const dense: readonly Case[] = [
  ['Gemm behind Flatten', graph('Flatten x > f', 'Gemm f matrix m > y'), 'flatten dense'],
  [
    'Gemm, all that it has',
    graph(
      'Flatten x > f',
      node('Gemm f transposed m > y', { transB: 1, alpha: { float: 0.5 }, beta: { float: -2 } }),
    ),
    'flatten dense',
  ],
  [
    'BatchNormalization behind Flatten',
    graph('Flatten x > f', 'BatchNormalization f many many many spread > n', 'Gemm n matrix m > y'),
    'flatten batchNormalization dense',
  ],
  [
    'Gemm behind a Concat of Flattens',
    graph(
      node('MaxPool x > p', { kernel_shape: [2, 2], strides: [2, 2] }),
      'Flatten p > f',
      'Flatten x > g',
      node('Concat f g f > j', { axis: 1 }),
      'Relu j > q',
      'Mul q joined > k',
      'BatchNormalization k joined joined joined apart > n',
      node('Concat n f > l', { axis: 1 }),
      'Gemm l tall > y',
    ),
    '',
  ],
  ['MatMul and Add', graph('Reshape x rows > f', 'MatMul f matrix > p', 'Add p m > y'), 'flatten dense'],
  [
    'MatMul of pixels',
    graph(
      node('Transpose x > t', { perm: [0, 2, 3, 1] }),
      'MatMul t square > d',
      node('ReduceMean d > y', { axes: [1, 2] }),
    ),
    'dense globalAveragePooling2d',
  ],
  ['vectors', with_(graph('Gemm x matrix > d', 'Softmax d > y'), ['batch', 120]), 'flatten dense'],
  [
    'a shape that is computed',
    graph(
      'Shape x > s',
      'Gather s zero1 > n',
      node('Concat n last > t', { axis: 0 }),
      'Reshape x t > f',
      'Gemm f matrix > y',
    ),
    'flatten dense',
  ],
  ['a fixed batch', with_(graph('Reshape x rows > f', 'Gemm f matrix > y'), [3, 4, 6, 5]), 'flatten dense'],
];

const activations: readonly Case[] = [
  ...['Relu', 'Sigmoid', 'Tanh', 'Softplus', 'Elu', 'Selu', 'LeakyRelu', 'HardSigmoid', 'HardSwish'].map(
    (op): Case => [op, graph(`${op} x > y`), ''],
  ),
  ['Elu with an alpha', graph(node('Elu x > y', { alpha: { float: 0.5 } })), ''],
  ['Celu', graph('Celu x > y'), 'activation'],
  ['Celu with an alpha', graph(node('Celu x > y', { alpha: { float: 0.5 } })), ''],
  ['Mish', with_(graph('Mish x > y'), ['batch', 4, 6, 5], 18), 'activation activation multiply'],
  [
    'softplus that is its input above a threshold',
    graph('Softplus x > s', 'Greater x twenty > g', 'Where g x s > y'),
    'activation',
  ],
  [
    'softplus of six times its input',
    graph('Mul x six > b', 'Softplus b > s', 'Div s six > d', 'Greater b twenty > g', 'Where g x d > y'),
    'rescaling activation rescaling',
  ],
  ['Softmax of channels', graph(node('Softmax x > y', { axis: 1 })), 'activation'],
  [
    'Softmax of an older version',
    with_(graph('GlobalAveragePool x > p', 'Softmax p > y'), ['batch', 4, 6, 5], 11),
    'globalAveragePooling2d activation flatten',
  ],
  ['Clip to ReLU6', graph('Clip x zero six > y'), 'activation'],
  ['Clip to ReLU', graph('Clip x zero > y'), 'activation'],
  ['Clip to a bound', graph('Clip x zero half > y'), 'reLU'],
  ['Clip between bounds', graph('Clip x minus half > y'), 'rescaling reLU rescaling'],
  ['Clip from above', graph('Clip x - half > y'), 'rescaling activation rescaling'],
  ['Max', graph('Max zero x > y'), 'activation'],
  ['SiLU', graph('Sigmoid x > s', 'Mul s x > y'), 'activation'],
  [
    'hard-swish',
    graph('Add x three > a', 'Clip a zero six > c', 'Mul x c > p', 'Div p six > y'),
    'activation',
  ],
  [
    'hard-swish, in another order',
    graph('Add three x > a', 'Clip a zero six > c', 'Div c six > s', 'Mul s x > y'),
    'activation',
  ],
  [
    'hard-swish with Reshapes that change nothing',
    graph('Add x three > a', 'Reshape a same > r', 'Clip r zero six > c', 'Mul x c > p', 'Div p six > y'),
    'activation',
  ],
  [
    'no hard-swish, for a Reshape is between',
    graph(
      'Add x three > a',
      'Reshape a wide > r',
      'Clip r zero six > c',
      node('MaxPool c > y', { kernel_shape: [1, 2] }),
    ),
    'rescaling activation reshape maxPooling2d',
  ],
  [
    'GELU',
    graph('Div x root2 > d', 'Erf d > e', 'Add e one > a', 'Mul x a > p', 'Mul p half > y'),
    'activation',
  ],
  [
    'GELU, in another order',
    graph('Div x root2 > d', 'Erf d > e', 'Add one e > a', 'Mul half x > h', 'Mul a h > y'),
    'activation',
  ],
  [
    'GELU by tanh',
    graph(
      'Mul x x > q',
      'Mul q x > c',
      'Mul c ofCube > k',
      'Add x k > s',
      'Mul s toTanh > u',
      'Tanh u > t',
      'Add t one > a',
      'Mul x half > h',
      'Mul h a > y',
    ),
    'activation',
  ],
  [
    'GELU by tanh, with a power',
    graph(
      'Pow x three > c',
      'Mul ofCube c > k',
      'Add x k > s',
      'Mul toTanh s > u',
      'Tanh u > t',
      'Add one t > a',
      'Mul x a > p',
      'Mul half p > y',
    ),
    'activation',
  ],
];

const others: readonly Case[] = [
  ['Add of a number', graph('Add x three > y'), 'rescaling'],
  ['a number less images', graph('Sub three x > y'), 'rescaling'],
  ['channels', graph('Sub x perChannel > a', 'Mul a perChannel > b', 'Div b perChannel > y'), 'rescaling'],
  ['Neg', graph('Neg x > y'), 'rescaling'],
  ['Add', graph('Relu x > a', 'Tanh x > b', 'Add a b > y'), 'activation activation add'],
  ['Sub', graph('Relu x > a', 'Sub a x > y'), 'activation subtract'],
  ['Sum', graph('Relu x > a', 'Tanh x > b', 'Sum a b x > y'), 'activation activation add'],
  ['a gate', graph('GlobalAveragePool x > g', 'Mul g x > y'), 'globalAveragePooling2d multiply'],
  ['Concat', graph('Relu x > a', node('Concat a x > y', { axis: 1 })), 'activation concatenate'],
  ['Concat of rows', graph('Relu x > a', node('Concat a x > y', { axis: -2 })), 'activation concatenate'],
  [
    'Concat of one channel and others',
    graph(node('Conv x one1 > c'), node('Concat c x > y', { axis: 1 })),
    'conv2d concatenate',
  ],
  ['Pad', graph('Pad x pads > y'), 'zeroPadding2d'],
  ['Slice', graph('Slice x begin end spatial > y'), 'cropping2d'],
  ['Slice of all', graph('Slice x zero1 end1 zero1 > a', 'Relu a > y'), 'activation'],
  [
    'Resize',
    graph(
      node('Resize x - scales > y', { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }),
    ),
    'upSampling2d',
  ],
  ['Resize as it is by default', graph('Resize x - twice > y'), 'upSampling2d'],
  ['Dropout', graph('Dropout x half > a', 'Relu a > y'), 'dropout activation'],
  ['Cast', graph(node('Cast x > a', { to: 1 }), 'Identity a > b', 'Relu b > y'), 'activation'],
  [
    'dimensions that come and go',
    graph('GlobalMaxPool x > g', 'Flatten g > f', 'Unsqueeze f spatial > u', 'Mul x u > y'),
    'globalMaxPooling2d multiply',
  ],
];

/** What is computed when a file is read, up to a constant c; then it is added to each channel. */
const folded: readonly Case[] = (
  [
    ['CastLike an image', [node('Cast two > i', { to: 7 }), 'CastLike i x > f', 'Expand f four > c']],
    ['Mod of signed numbers', [node('Mod channels half > c', { fmod: 1 })]],
    ['Pow', ['Abs channels > p', 'Pow p half > c']],
    ['Max of several', ['Max channels zero half variance > c']],
    ['Min of several', ['Min channels zero half variance > c']],
    ['Sum of several', ['Sum channels variance half > c']],
    ['Clip', ['Clip channels zero half > c']],
    ...['Exp', 'Sigmoid', 'Tanh', 'Relu', 'Sign'].map((op) => [op, [`${op} channels > c`]] as const),
    ['Log', ['Log variance > c']],
    ['Round', ['Mul variance three > p', 'Sub p six > d', 'Round d > c']],
    ['Tile', ['Tile pair twos > c']],
    ['Trilu', [node('Trilu square > t', { upper: 0 }), 'Gather t zero1 > u', 'Squeeze u zero1 > c']],
    ['Trilu above', ['Trilu square one1d > t', 'ReduceSum t zero1 > u', 'Squeeze u zero1 > c']],
    [
      'Xor',
      ['Greater channels zero > g', 'Less variance one > l', 'Xor g l > b', node('Cast b > c', { to: 1 })],
    ],
    ['ReduceSum', [node('ReduceSum square last > c', { keepdims: 0 })]],
    ...['ReduceProd', 'ReduceMax', 'ReduceMin', 'ReduceMean', 'ReduceL2', 'ReduceSumSquare'].map(
      (op) => [op, [node(`${op} square > c`, { axes: [0], keepdims: 0 })]] as const,
    ),
    ['a reduction of all', [node('ReduceMean square > m0', { keepdims: 0 }), 'Expand m0 four > c']],
  ] as readonly (readonly [string, readonly (string | OnnxNode)[]])[]
).map(([name, nodes]): Case => {
  const wide = node('Reshape c toChannels > r');
  return [name, graph(...nodes, wide, 'Add x r > a', 'Relu a > y'), 'rescaling activation'];
});

const MORE: readonly OnnxTensor[] = [
  randomTensor('one1', [1, 4, 1, 1]),
  integers('end1', [9e15]),
  tensor('pair', [2], [0.5, -3]),
  integers('two', [2]),
  integers('twos', [2]),
  integers('four', [4]),
  { ...integers('one1d', [1]), shape: [] },
  integers('toChannels', [1, 4, 1, 1]),
];

describe.each([
  ['convolutions', convolutions],
  ['poolings', pools],
  ['dense layers', dense],
  ['activations', activations],
  ['others', others],
  ['constants', folded],
])('%s', (_, cases) => {
  it.each(cases)('%s', async (_name, model, layers) => {
    const initializers = [...WEIGHTS, ...MORE, { ...WEIGHTS[1]!, name: 'column', shape: [8, 1, 1] }];
    const { imported, difference } = await compared({
      ...model,
      graph: { ...model.graph, initializers },
    });
    expect(difference).toBeLessThan(1e-6);
    if (layers) expect(imported.layers.map(({ type }) => type).join(' ')).toBe(layers);
  });
});

describe('nodes in no order, in 16 bits', () => {
  it.each(halves)('%s', async (_, model) => {
    const initializers = [...WEIGHTS, ...ROUNDED];
    const { imported, difference } = await compared({ ...model, graph: { ...model.graph, initializers } });
    expect(imported.layers).toHaveLength(1);
    // 2⁻¹¹ for each of the image, the weights and the output, and as much again for what is in between.
    expect(difference).toBeLessThan(6 * 2 ** -11);
  });
});
