/** ONNX files: bytes, or models of which something is changed before they are written. */
import { readFileSync } from 'node:fs';
import { decodeOnnx } from '../../../src/formats/onnx/decode.ts';
import { encodeOnnx } from '../../../src/formats/onnx/encode.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from '../../../src/formats/onnx/model.ts';
import { importOnnx } from '../../../src/exchange/onnx/import/importOnnx.ts';
import { OPERATORS } from '../../../src/exchange/onnx/import/operators/registry.ts';
import { FOLDING } from '../../../src/exchange/onnx/import/folding/registry.ts';
import { integers, modelOf, node } from '../../exchange/onnxGraphs.ts';
import { mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { MB, type Target } from '../target.ts';

const files = ['plain', 'residual-dynamo', 'mobile', 'mobile-dynamo'].map((name) =>
  readFileSync(new URL(`../../fixtures/exchange/${name}.onnx`, import.meta.url)),
);

/** Shapes that are computed, and constants that may grow. */
const computed = encodeOnnx(
  modelOf(
    [
      node('Shape x > s'),
      node('Slice s zero one > batch'),
      node('Concat batch minus > t', { axis: 0 }),
      node('Reshape x t > f'),
      node('ConstantOfShape two > c'),
      node('Concat c c > d', { axis: 0 }),
      node('Transpose d > e'),
      node('Expand e two > g'),
      node('Pad x pads > p'),
      node('Slice p one two one > q'),
      node('Resize q - r > u'),
      node('Flatten f > v'),
      node('Softmax v > y'),
    ],
    [
      integers('zero', [0]),
      integers('one', [1]),
      integers('two', [2, 2]),
      integers('minus', [-1]),
      integers('pads', [0, 0, 1, 1, 0, 0, 1, 1]),
      integers('r', [1, 1, 2, 2]),
    ],
  ),
);

const corpus = [...files, computed];
const models: readonly OnnxModel[] = await Promise.all(corpus.map((bytes) => decodeOnnx(bytes, 'corpus')));

const OPS = [...new Set([...OPERATORS.keys(), ...FOLDING.keys(), 'Loop', '', '__proto__'])];

function mutateModel(model: OnnxModel, choices: Choices): OnnxModel {
  const { graph } = model;
  const names = [
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    ...graph.initializers.map(({ name }) => name),
  ];
  const nodes = graph.nodes.map((each) => (choices.oneIn(8) ? mutateNode(each, names, choices) : each));
  if (choices.oneIn(6)) nodes.splice(choices.below(nodes.length), choices.below(3));
  if (choices.oneIn(6)) nodes.push(...nodes.slice(choices.below(nodes.length)));
  const initializers = graph.initializers.map((each) =>
    choices.oneIn(8) ? mutateTensor(each, choices) : each,
  );
  const [input, ...inputs] = graph.inputs;
  const shape = input!.shape.map((extent) => (choices.oneIn(10) ? wholeNumber(choices) : extent));
  return {
    ...model,
    opsets: new Map([['', choices.of([7, 11, 13, 17, 18, 21, 24])]]),
    graph: {
      ...graph,
      nodes,
      initializers,
      inputs: [{ ...input!, shape }, ...inputs],
      outputs: choices.oneIn(4) ? [{ ...graph.outputs[0]!, name: choices.of(names) }] : graph.outputs,
    },
  };
}

function mutateNode(from: OnnxNode, names: readonly string[], choices: Choices): OnnxNode {
  const attributes = new Map<string, OnnxAttribute>();
  for (const [name, attribute] of from.attributes) {
    if (!choices.oneIn(6))
      attributes.set(name, choices.oneIn(3) ? mutateAttribute(attribute, choices) : attribute);
  }
  return {
    ...from,
    op: choices.oneIn(3) ? choices.of(OPS) : from.op,
    inputs: from.inputs.map((name) => (choices.oneIn(6) ? choices.of(names) : name)),
    attributes,
  };
}

function mutateAttribute(attribute: OnnxAttribute, choices: Choices): OnnxAttribute {
  if (attribute.kind === 'int') return { kind: 'int', value: wholeNumber(choices) };
  if (attribute.kind === 'float') return { kind: 'float', value: choices.of(NUMBERS) };
  if (attribute.kind !== 'ints') return { kind: 'ints', value: [wholeNumber(choices)] };
  const value = attribute.value.map((each) => (choices.oneIn(2) ? wholeNumber(choices) : each));
  return { kind: 'ints', value: choices.oneIn(4) ? value.slice(1) : value };
}

function mutateTensor(from: OnnxTensor, choices: Choices): OnnxTensor {
  if (choices.oneIn(2)) {
    return { ...from, shape: from.shape.map((extent) => (choices.oneIn(2) ? wholeNumber(choices) : extent)) };
  }
  const data = Array.from(from.data, (each) => (choices.oneIn(4) ? wholeNumber(choices) : each));
  return { ...from, data: from.type === 'float32' ? Float32Array.from(data) : data };
}

function wholeNumber(choices: Choices): number {
  return choices.oneIn(2) ? choices.below(9) : Math.trunc(Math.min(choices.of(NUMBERS), 2 ** 53));
}

export const onnx: Target = {
  name: 'onnx',
  turns: 4,
  // The network that it describes is planned, and constants are computed.
  memory: { free: 128 * MB, perByte: 200 },
  make: (choices) => {
    if (choices.oneIn(3)) return mutateBytes(choices.of(corpus), choices.of(corpus), choices);
    const bytes = encodeOnnx(mutateModel(choices.of(models), choices));
    return choices.oneIn(4) ? mutateBytes(bytes, choices.of(corpus), choices) : bytes;
  },
  read: (bytes, fileName) =>
    importOnnx({ bytes, fileName, file: (name) => Promise.resolve(new Uint8Array(name.length)) }),
};
