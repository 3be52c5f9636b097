/** The operators of ONNX that each layer is. */
import type { LeakyReLUData, ReLUData } from '../../src/nn/layers/activation.ts';
import type { Conv2dData } from '../../src/nn/layers/conv2d.ts';
import type { DepthwiseConv2dData } from '../../src/nn/layers/depthwiseConv2d.ts';
import type { RescalingData } from '../../src/nn/layers/rescaling.ts';
import type { ZeroPadding2dData } from '../../src/nn/layers/zeroPadding2d.ts';
import type { Layer } from '../../src/nn/layers/layer.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import { windowGeometry, type Padding, type Pair } from '../../src/nn/shape.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { hwcToChwRows, hwioToOihw } from './layouts.ts';
import type { OnnxGraph } from './onnx.ts';
import { float, int, integers, ints, tensor, type Message } from './protobuf.ts';

export interface LayerWriting {
  readonly graph: OnnxGraph;
  readonly spec: LayerSpec;
  readonly layer: Layer;
  /** The layers whose outputs it takes. */
  readonly inputs: readonly string[];
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** @returns the name of the layer's output; `inputs` are names in the graph */
type Write = (writing: LayerWriting, inputs: readonly string[]) => string;

const WRITERS: Readonly<Record<string, Write>> = {
  conv2d: (writing, inputs) => {
    const { dilationRate = [1, 1], groups = 1 } = writing.spec as Conv2dData;
    const kernel = hwioToOihw(weight(writing, 'kernel')!);
    return convolution(writing, inputs, kernel, dilationRate, groups);
  },
  depthwiseConv2d: (writing, inputs) => {
    const { dilationRate = [1, 1] } = writing.spec as DepthwiseConv2dData;
    const {
      shape: [height, width, channels, multiplier],
      data,
    } = weight(writing, 'kernel')!;
    const kernel = hwioToOihw({ shape: [height!, width!, 1, channels! * multiplier!], data });
    return convolution(writing, inputs, kernel, dilationRate, channels!);
  },
  dense: (writing, inputs) => {
    const { graph, layer } = writing;
    const kernel = weight(writing, 'kernel')!;
    const flattened = graph.flattened.get(inputs[0]!);
    const rows = flattened ? hwcToChwRows(kernel, flattened) : kernel;
    const constants = [constant(writing, 'kernel', rows), ...optional(writing, 'bias')];
    return activated(
      graph,
      layer.name,
      activationOf(writing.spec),
      graph.add('Gemm', [...inputs, ...constants]),
    );
  },
  flatten: ({ graph, layer }, inputs) => {
    const name = graph.add('Flatten', inputs);
    if (layer.inputShapes[0]!.length === 3) graph.flattened.set(name, layer.inputShapes[0]!);
    return name;
  },
  maxPooling2d: (writing, inputs) => writing.graph.add('MaxPool', inputs, poolingAttributes(writing)),
  averagePooling2d: (writing, inputs) => writing.graph.add('AveragePool', inputs, poolingAttributes(writing)),
  globalAveragePooling2d: ({ graph }, inputs) =>
    graph.add('Flatten', [graph.add('GlobalAveragePool', inputs)]),
  batchNormalization: (writing, inputs) => {
    const { graph, spec, layer } = writing;
    if (graph.flattened.has(inputs[0]!)) unsupported(layer);
    const channels = layer.outputShape.at(-1)!;
    const filled = (value: number): Tensor => ({
      shape: [channels],
      data: new Float32Array(channels).fill(value),
    });
    const constants = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) =>
      constant(writing, name, weight(writing, name) ?? filled(name === 'gamma' ? 1 : 0)),
    );
    const { epsilon } = spec as { epsilon: number };
    return graph.add('BatchNormalization', [...inputs, ...constants], [float('epsilon', epsilon)]);
  },
  add: ({ graph }, inputs) => graph.add(inputs.length === 2 ? 'Add' : 'Sum', inputs),
  subtract: ({ graph }, inputs) => graph.add('Sub', inputs),
  concatenate: ({ graph, spec, layer }, inputs) => {
    const { axis = -1 } = spec as { axis?: number };
    if (axis !== -1 && axis !== layer.outputShape.length) unsupported(layer);
    return graph.add('Concat', inputs, [int('axis', 1)]);
  },
  activation: ({ graph, spec, layer }, inputs) =>
    activated(graph, layer.name, activationOf(spec), inputs[0]!),
  reLU: ({ graph, spec, layer }, inputs) => {
    const { maxValue, negativeSlope, threshold } = spec as ReLUData;
    if (negativeSlope !== 0 || threshold !== 0) unsupported(layer);
    return maxValue === null ? graph.add('Relu', inputs) : clipped(graph, layer.name, inputs[0]!, maxValue);
  },
  leakyReLU: ({ graph, spec }, inputs) =>
    graph.add('LeakyRelu', inputs, [float('alpha', (spec as LeakyReLUData).negativeSlope)]),
  rescaling: ({ graph, spec, layer }, inputs) => {
    const { scale, offset } = spec as RescalingData;
    if (typeof scale !== 'number' || offset !== 0) unsupported(layer);
    return graph.add('Mul', [...inputs, scalar(graph, layer.name, 'scale', scale)]);
  },
  softmax: ({ graph, layer }, inputs) => activated(graph, layer.name, 'softmax', inputs[0]!),
  dropout: (_, inputs) => inputs[0]!,
  zeroPadding2d: ({ graph, spec, layer }, inputs) => {
    const { padding } = spec as ZeroPadding2dData;
    const [[top, bottom], [left, right]] = padding;
    const pads = graph.constant(`${layer.name}/pads`, (name) =>
      integers(name, [0, 0, top, left, 0, 0, bottom, right]),
    );
    return graph.add('Pad', [...inputs, pads]);
  },
};

/** @throws Error for a layer that has no writer */
export function writeLayer(writing: LayerWriting): void {
  const { graph, layer } = writing;
  const inputs = writing.inputs.map((input) => graph.nameOf(input));
  const output = (WRITERS[layer.type] ?? unsupported(layer))(writing, inputs);
  const flattened = graph.flattened.get(inputs[0]!);
  if (flattened && layer.type !== 'dense') graph.flattened.set(output, flattened);
  graph.setName(layer.name, output);
}

const ACTIVATIONS: Readonly<Record<string, readonly [op: string, ...attributes: Message]>> = {
  relu: ['Relu'],
  sigmoid: ['Sigmoid'],
  tanh: ['Tanh'],
  softplus: ['Softplus'],
  softsign: ['Softsign'],
  softmax: ['Softmax', int('axis', 1)],
};

function activated(graph: OnnxGraph, layer: string, activation: string, input: string): string {
  if (activation === 'linear') return input;
  if (activation === 'relu6') return clipped(graph, layer, input, 6);
  if (activation === 'gelu') return gelu(graph, layer, input);
  const found = ACTIVATIONS[activation];
  if (!found) throw new Error(`The activation ${activation} is not written to ONNX.`);
  const [op, ...attributes] = found;
  return graph.add(op, [input], attributes);
}

function clipped(graph: OnnxGraph, layer: string, input: string, ceiling: number): string {
  return graph.add('Clip', [
    input,
    scalar(graph, layer, 'floor', 0),
    scalar(graph, layer, 'ceiling', ceiling),
  ]);
}

/** x · (1 + erf(x / √2)) / 2, in the order in which runtimes make one operator of it. */
function gelu(graph: OnnxGraph, layer: string, input: string): string {
  const number = (name: string, value: number): string => scalar(graph, layer, name, value);
  const inner = graph.add('Erf', [graph.add('Div', [input, number('root', Math.SQRT2)])]);
  const product = graph.add('Mul', [input, graph.add('Add', [inner, number('one', 1)])]);
  return graph.add('Mul', [product, number('half', 0.5)]);
}

function scalar(graph: OnnxGraph, layer: string, name: string, value: number): string {
  return graph.constant(`${layer}/${name}`, (named) =>
    tensor(named, { shape: [], data: Float32Array.of(value) }),
  );
}

function convolution(
  writing: LayerWriting,
  inputs: readonly string[],
  kernel: Tensor,
  dilations: Pair,
  groups: number,
): string {
  const { graph, spec, layer } = writing;
  const { kernelSize, strides, padding } = spec as { kernelSize: Pair; strides: Pair; padding: Padding };
  const attributes = [
    ...windowAttributes(layer, kernelSize, strides, padding, dilations),
    ints('dilations', dilations),
    int('group', groups),
  ];
  const constants = [constant(writing, 'kernel', kernel), ...optional(writing, 'bias')];
  const output = graph.add('Conv', [...inputs, ...constants], attributes);
  return activated(graph, layer.name, activationOf(spec), output);
}

function poolingAttributes({ layer, spec }: LayerWriting): Message {
  const { poolSize, strides, padding } = spec as unknown as {
    poolSize: Pair;
    strides: Pair;
    padding: Padding;
  };
  return windowAttributes(layer, poolSize, strides, padding, [1, 1]);
}

function windowAttributes(
  { name, inputShapes }: Layer,
  window: Pair,
  strides: Pair,
  padding: Padding,
  dilations: Pair,
): Message {
  const { margins } = windowGeometry(inputShapes[0]!, window, strides, padding, name, dilations);
  return [
    ints('kernel_shape', window),
    ints('strides', strides),
    ints('pads', [margins.top, margins.left, margins.bottom, margins.right]),
  ];
}

function activationOf(spec: LayerSpec): string {
  return 'activation' in spec ? spec.activation : 'linear';
}

function weight({ layer, weights }: LayerWriting, name: string): Tensor | undefined {
  return weights.get(`${layer.name}/${name}`);
}

function constant({ graph, layer }: LayerWriting, name: string, data: Tensor): string {
  return graph.constant(`${layer.name}/${name}`, (named) => tensor(named, data));
}

/** A weight that a layer may do without. */
function optional(writing: LayerWriting, name: string): string[] {
  const found = weight(writing, name);
  return found ? [constant(writing, name, found)] : [];
}

function unsupported({ name, type }: Layer): never {
  throw new Error(`The layer ${name} (${type}) is not written to ONNX.`);
}
