import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { exportModel } from '../../src/exchange/exportModel.ts';
import { CLASS_NAMES, LAYOUT, PIXEL_SCALE } from '../../src/exchange/onnx/metadata.ts';
import { exportOnnx } from '../../src/exchange/onnx/export/exportOnnx.ts';
import { decodeOnnx } from '../../src/formats/onnx/decode.ts';
import type { OnnxModel } from '../../src/formats/onnx/model.ts';
import { activation } from '../../src/nn/layers/activation.ts';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { add } from '../../src/nn/layers/merge.ts';
import { rescaling } from '../../src/nn/layers/rescaling.ts';
import { reshape } from '../../src/nn/layers/reshape.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import type { Layout } from '../../src/nn/shape.ts';
import { conv2d, dense, flatten, maxPooling2d } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { taking } from '../nn/networks.ts';
import { exported, trainedWeights } from './onnxRuntime.ts';

const decoded = (bytes: Uint8Array): Promise<OnnxModel> =>
  decodeOnnx(bytes, 'model.onnx', () => Promise.reject(new Error('There is no other file.')));

async function modelOf(layers: readonly Spec[], layout?: Layout): Promise<OnnxModel> {
  const network = buildNetwork(layers);
  return decoded(exported(network, trainedWeights(network), layout));
}

/** Each operator, with its name where that says more. */
const operators = ({ graph }: OnnxModel): string[] => graph.nodes.map(({ op, name }) => `${op} ${name}`);

const classifier = (): Spec[] => [
  conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 6, 3] }),
  maxPooling2d(),
  flatten(),
  dense({ units: 5, activation: 'softmax' }),
];

describe('the graph', () => {
  it('has one Transpose at the input, for images channels last', async () => {
    const model = await modelOf(classifier());
    expect(operators(model)).toEqual([
      'Transpose input/nchw',
      'Conv conv2d',
      'Relu conv2d/relu',
      'MaxPool max_pooling2d',
      'Flatten flatten',
      'Gemm dense',
      'Softmax dense/softmax',
    ]);
    expect(model.graph.inputs).toEqual([{ name: 'input', type: 'float32', shape: ['batch', 8, 6, 3] }]);
    expect(model.graph.outputs).toEqual([{ name: 'output', type: 'float32', shape: ['batch', 5] }]);
    expect(model.graph.nodes.at(-1)!.outputs).toEqual(['output']);
  });

  it('has none for images channels first', async () => {
    const model = await modelOf(classifier(), 'nchw');
    expect(operators(model)[0]).toBe('Conv conv2d');
    expect(model.graph.inputs[0]!.shape).toEqual(['batch', 3, 8, 6]);
  });

  it('has none where nothing needs channels first', async () => {
    const vectors = [flatten({ inputShape: [4, 4, 3] }), dense({ units: 2 })];
    expect(operators(await modelOf(vectors))).toEqual(['Flatten flatten', 'Gemm dense']);
    const pixels = [rescaling({ scale: 2, inputShape: [4, 4, 3] }), dense({ units: 2, useBias: false })];
    expect(operators(await modelOf(pixels))).toEqual(['Mul rescaling', 'MatMul dense']);
  });

  it('transposes a value once, however many take it', async () => {
    const model = await modelOf([
      conv2d({ name: 'a', filters: 3, kernelSize: 1, inputShape: [4, 4, 3] }),
      taking(conv2d({ name: 'b', filters: 3, kernelSize: 1 }), 'images'),
      taking(add({ name: 'sum' }), 'a', 'b'),
      reshape({ targetShape: [2, 8, 3] }),
      activation({ activation: 'gelu' }),
    ]);
    expect(operators(model).filter((each) => each.startsWith('Transpose'))).toEqual([
      'Transpose input/nchw',
      'Transpose sum/nhwc',
    ]);
  });

  it('names weights as the network does, and layers that are called as it is itself otherwise', async () => {
    const model = await modelOf([
      conv2d({ name: 'input', filters: 3, kernelSize: 1, inputShape: [4, 4, 3] }),
      flatten({ name: 'output' }),
      dense({ units: 2 }),
    ]);
    expect(model.graph.initializers.map(({ name }) => name)).toEqual([
      'input/kernel',
      'input/bias',
      'dense/kernel',
      'dense/bias',
    ]);
    const outputs = model.graph.nodes.flatMap((node) => node.outputs);
    expect(outputs).toEqual(['input/nchw', 'input_1', 'output_1', 'output']);
  });

  it('says who wrote it, for which operators, and the classes', async () => {
    const model = sequential(classifier() as Parameters<typeof sequential>[0], { threads: 1 });
    const network = model.network;
    const weights = model.getWeights();
    await model.dispose();
    const [file] = exportOnnx({ network, weights, classNames: ['é', 'b'] }, 'shapes', {});
    expect(file!.name).toBe('shapes.onnx');
    const { irVersion, opsets, producer, metadata } = await decoded(file!.content as Uint8Array);
    expect({ irVersion, producer }).toEqual({ irVersion: 8, producer: 'simdnet' });
    expect([...opsets]).toEqual([['', 17]]);
    expect([...metadata]).toEqual([
      [PIXEL_SCALE, '1'],
      [LAYOUT, 'nhwc'],
      [CLASS_NAMES, '["é","b"]'],
    ]);
  });

  it('is what exportModel writes', async () => {
    const model = sequential(classifier() as Parameters<typeof sequential>[0], { threads: 1 });
    const [file] = await exportModel(model, { format: 'onnx', name: 'net', layout: 'nchw' });
    await model.dispose();
    expect(file!.name).toBe('net.onnx');
    const { graph } = await decoded(file!.content as Uint8Array);
    expect(graph.inputs[0]!.shape).toEqual(['batch', 3, 8, 6]);
  });
});

describe('what is not exported', () => {
  it('is a network without all of its weights', () => {
    const network = buildNetwork(classifier());
    const weights = trainedWeights(network);
    weights.delete('dense/bias');
    expect(() => exported(network, weights)).toThrow(OptionError);
    expect(() => exported(network, weights)).toThrow('"dense/bias"');
  });

  it('is more than a file holds', () => {
    const network = { ...buildNetwork(classifier()), parameterCount: 500_000_001 };
    expect(() => exported(network, new Map())).toThrow(
      '2.0 GB, but an ONNX file holds 2 GB: export it to keras',
    );
  });

  it('is an activation without operators', () => {
    const layers = [conv2d({ filters: 1, kernelSize: 1, inputShape: [2, 2, 1] })];
    const network = buildNetwork(layers);
    const specs = network.specs.map((spec) => ({ ...spec, activation: 'wave' }) as typeof spec);
    expect(() => exported({ ...network, specs }, trainedWeights(network))).toThrow(
      'Layer "conv2d": the activation wave cannot be exported to ONNX; there are linear, relu,',
    );
  });
});
