/** Graphs of ONNX made by hand, and what ONNX Runtime and the imported network give of them. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { channelsFirst, channelsLast } from '../../src/exchange/layout.ts';
import type { Imported } from '../../src/exchange/imported.ts';
import { importOnnx } from '../../src/exchange/onnx/import/importOnnx.ts';
import { encodeOnnx } from '../../src/formats/onnx/encode.ts';
import type {
  OnnxAttribute,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxType,
} from '../../src/formats/onnx/model.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { randomStream } from '../../src/random.ts';
import { sequential } from '../../src/training/factories.ts';

type Setting = number | string | readonly number[] | OnnxTensor | { readonly float: number };

/** Whole numbers are ints, `{ float: … }` is a float. */
function attributeOf(value: Setting): OnnxAttribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (Array.isArray(value)) return { kind: 'ints', value: value as number[] };
  if ('float' in value) return { kind: 'float', value: value.float };
  return { kind: 'tensor', value: value as OnnxTensor };
}

/** @param values  "op inputs… > output": "Conv x w > y" */
export function node(values: string, settings: Readonly<Record<string, Setting>> = {}): OnnxNode {
  const [left, right] = values.split(' > ') as [string, string];
  const [op, ...inputs] = left.split(' ') as [string, ...string[]];
  return {
    name: '',
    op,
    domain: '',
    // An input that is left out is written as "-".
    inputs: inputs.map((name) => (name === '-' ? '' : name)),
    outputs: right.split(' '),
    attributes: new Map(Object.entries(settings).map(([name, value]) => [name, attributeOf(value)])),
  };
}

export function tensor(name: string, shape: readonly number[], values: readonly number[]): OnnxTensor {
  return { name, type: 'float32', shape, data: Float32Array.from(values) };
}

/** A tensor of numbers in (−1, 1) that are always the same. */
export function randomTensor(name: string, shape: readonly number[]): OnnxTensor {
  const random = randomStream(5, name);
  const length = shape.reduce((product, extent) => product * extent, 1);
  return tensor(
    name,
    shape,
    Array.from({ length }, () => 2 * random.uniform() - 1),
  );
}

export function integers(name: string, values: readonly number[]): OnnxTensor {
  return { name, type: 'int64', shape: [values.length], data: values };
}

export interface GraphSettings {
  /** [batch, 4, 6, 5] by default. */
  readonly input?: readonly (number | string)[];
  readonly output?: readonly (number | string)[];
  readonly opset?: number;
  readonly inputType?: OnnxType;
  readonly more?: Partial<OnnxModel>;
}

/** A model from x to y. */
export function modelOf(
  nodes: readonly OnnxNode[],
  initializers: readonly OnnxTensor[] = [],
  settings: GraphSettings = {},
): OnnxModel {
  const { input = ['batch', 4, 6, 5], output = [], opset = 17, inputType = 'float32', more } = settings;
  return {
    irVersion: 8,
    opsets: new Map([['', opset]]),
    producer: 'test',
    graph: {
      name: 'graph',
      nodes,
      initializers,
      inputs: [{ name: 'x', type: inputType, shape: input }],
      outputs: [{ name: 'y', type: 'float32', shape: output }],
    },
    functions: [],
    metadata: new Map(),
    ...more,
  };
}

export async function importBytes(bytes: Uint8Array, fileName = 'some.onnx'): Promise<Imported> {
  return importOnnx({ bytes, fileName, file: () => Promise.reject(new Error('There is no other file.')) });
}

export function importModel(model: OnnxModel): Promise<Imported> {
  return importBytes(encodeOnnx(model));
}

/** What an imported network gives for images as its own program takes them. */
export async function predicted(
  { layers, weights, layout }: Imported,
  input: { readonly shape: readonly number[]; readonly data: Float32Array },
  tier: 'simd' | 'relaxed' = 'simd',
): Promise<{ readonly shape: readonly number[]; readonly data: Float32Array }> {
  const model = sequential(layers as readonly LayerSpec[], { tier, threads: 1 });
  model.setWeights(weights);
  const images = layout === 'nchw' ? channelsLast(input) : input;
  const { data, shape } = await model.predict(images.data);
  await model.dispose();
  const output = { data: data, shape };
  return layout === 'nchw' ? channelsFirst(output) : output;
}

/** The most by which outputs of the imported network differ from those of ONNX Runtime, of the largest, with the network. */
export async function compared(model: OnnxModel): Promise<{ imported: Imported; difference: number }> {
  const bytes = encodeOnnx(model);
  const imported = await importBytes(bytes);
  const batch = 3;
  const shape = model.graph.inputs[0]!.shape.map((extent) => (typeof extent === 'number' ? extent : batch));
  const random = randomStream(6, 'images');
  const length = shape.reduce((product, extent) => product * extent, 1);
  const data = Float32Array.from({ length }, () => 8 * random.uniform() - 4);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const { y } = await session.run({ x: new Tensor('float32', data, shape) });
  await session.release();
  const found = await predicted(imported, { shape, data });
  const expected = y!.data as Float32Array;
  if (found.data.length !== expected.length) {
    throw new Error(`The output is [${found.shape.join(', ')}], not [${y!.dims.join(', ')}].`);
  }
  const difference = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found.data[i]!)), 0);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { imported, difference: difference / largest };
}
