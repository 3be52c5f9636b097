/** Layers as a plan for training has them, each by itself on a bench: forward, and the gradients that it makes. */
import { together, type Instruction } from '../../src/engine/program.ts';
import { KERNELS } from '../../src/engine/kernels.ts';
import { fuse } from '../../src/nn/fusion.ts';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { weightName, type WeightSpec } from '../../src/nn/layers/layer.ts';
import { layerDefinition } from '../../src/nn/layers/registry.ts';
import type { ConvolutionChoice } from '../../src/nn/operations/convolutionAlgorithm.ts';
import type { Addresses, Operation } from '../../src/nn/operations/operation.ts';
import type { Node } from '../../src/nn/graph.ts';
import { NO_MARGINS, size, type Margins, type Shape } from '../../src/nn/shape.ts';
import { Bench, runShared, type Build, type LayerResult, type PlacedView } from './harness.ts';

/** Layers, one behind the other, that are a single operation. */
export interface TestedLayer {
  readonly operation: Operation;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** By the network's names: "conv2d/kernel". */
  readonly weights: readonly WeightSpec[];
}

/** @throws Error if they are not one operation once they are fused */
export function layerOf(
  specs: readonly Spec[],
  inputShape: Shape,
  convolution: ConvolutionChoice = 'auto',
): TestedLayer {
  const nodes: Node[] = [];
  const weights: WeightSpec[] = [];
  let shape = inputShape;
  for (const spec of specs) {
    const name = spec.name!;
    const context = { name, inputShapes: [shape], trainable: true, convolution };
    const built = layerDefinition(spec.type)!.build(spec, context);
    for (const operation of built.operations(true)) {
      nodes.push({ operation, inputs: [`${nodes.length}`], value: `${nodes.length + 1}` });
    }
    weights.push(...(built.weights ?? []).map((each) => ({ ...each, name: weightName(name, each.name) })));
    shape = built.outputShape;
  }
  const [only, ...others] = fuse(nodes, true);
  if (!only || others.length > 0) throw new Error(`${1 + others.length} operations, not one`);
  return { operation: only.operation, inputShape, outputShape: shape, weights };
}

export interface LayerCase {
  readonly layer: TestedLayer;
  /** How many images there is room for, and how many there are. */
  readonly batch: number;
  readonly count: number;
  /** [batch, ...inputShape] */
  readonly input: Float32Array;
  readonly kernel?: Float32Array;
  readonly bias?: Float32Array;
  /** [batch, ...outputShape], the gradient of what the operation computes before its epilogue. */
  readonly dOutput: Float32Array;
  /** Which view ends where memory does. */
  readonly last?: 'input' | 'dOutput';
  /** How many bytes there are behind that view, which are NaN; none by default. */
  readonly behind?: number;
  /** Changes the program, for instance its blocking. */
  readonly adjust?: (instruction: Instruction) => Instruction;
}

/** The call with other values of some of its arguments, if it is of that kernel. */
export function withArguments(
  instruction: Instruction,
  kernel: keyof typeof KERNELS,
  values: Readonly<Record<string, number>>,
): Instruction {
  if (instruction.kernel !== kernel) return instruction;
  const changed = [...instruction.arguments];
  for (const [name, value] of Object.entries(values)) {
    const position = (KERNELS[kernel] as readonly string[]).indexOf(name);
    if (position < 0) throw new Error(`${kernel} has no argument ${name}`);
    changed[position] = value;
  }
  return { ...instruction, arguments: changed };
}

/** Runs an operation forward and backward as a plan would, with margins of its own around what it writes. */
export function runLayer(build: Build, options: LayerCase): LayerResult {
  const { layer, batch, count } = options;
  const { operation, inputShape, outputShape } = layer;
  const bench = new Bench(batch);
  const place = (key: 'input' | 'dOutput', shape: Shape, margins = NO_MARGINS): PlacedView =>
    options.last === key
      ? bench.lastView(batch, shape, margins, options[key], options.behind)
      : bench.inputView(batch, shape, margins, options[key]);
  const around = (shape: Shape, margins: Margins): Margins =>
    operation.compact || shape.length < 3 ? NO_MARGINS : margins;
  const outputMargins = around(outputShape, { top: 1, left: 2, bottom: 0, right: 1 });
  const dInputMargins = around(inputShape, { top: 2, left: 1, bottom: 1, right: 0 });
  const input = place('input', inputShape, operation.inputMargins);
  const output = bench.outputView(batch, count, outputShape, outputMargins);
  const dOutput = place('dOutput', outputShape, operation.gradientMargins);
  const dInput = bench.outputView(batch, count, inputShape, dInputMargins);
  const { weights, gradients, shapes, gradientAddresses } = weightsOn(bench, options);
  const program = programOf(operation, bench, { input, output, dOutput, dInput, weights, gradients }, count);
  bench.start(build);
  const { adjust } = options;
  const [result, dIn, dKernel, dBias] = runShared(bench, adjust ? program.map(adjust) : program, () => [
    bench.read(output, count),
    bench.read(dInput, count),
    ...gradientAddresses.map((address, i) => bench.floats(address, size(shapes[i]!)).slice()),
  ]);
  const none = new Float32Array(0);
  return { output: result!, dInput: dIn!, dKernel: dKernel ?? none, dBias: dBias ?? none };
}

interface Places {
  readonly input: PlacedView;
  readonly output: PlacedView;
  readonly dOutput: PlacedView;
  readonly dInput: PlacedView;
  readonly weights: Addresses;
  readonly gradients: Addresses;
}

function programOf(operation: Operation, bench: Bench, places: Places, count: number): Instruction[] {
  const { context } = bench;
  const { input, output, dOutput, dInput, weights, gradients } = places;
  const forward = operation.plan({ context, input, inputs: [input], output, weights });
  const backward = forward.backward!({ dOutput, dInput, dInputs: [dInput], gradients });
  return [
    ...together([...forward.prepare, ...(backward.prepare ?? [])]),
    ...forward.forward(count),
    ...backward.backward(count),
    ...together(backward.finish?.(count) ?? []),
  ];
}

/** The weights and their gradients, each in a block, by the operation's names for them. */
function weightsOn(bench: Bench, { layer, kernel, bias }: LayerCase) {
  const { operation, weights } = layer;
  const shapes = weights.map(({ shape }) => shape);
  const weightAddresses = kernel ? bench.block(shapes, [kernel, bias!]) : [];
  const gradientAddresses = bench.block(shapes);
  const named = (addresses: readonly number[]): Addresses =>
    Object.fromEntries(
      Object.entries(operation.weights ?? {}).map(([own, name]) => [
        own,
        addresses[weights.findIndex((each) => each.name === name)],
      ]),
    );
  return { weights: named(weightAddresses), gradients: named(gradientAddresses), shapes, gradientAddresses };
}
