/** Networks from ONNX files. */
import { FormatError, OptionError } from '../../../errors.ts';
import { decodeOnnx } from '../../../formats/onnx/decode.ts';
import type { OnnxModel } from '../../../formats/onnx/model.ts';
import { MAX_LAYERS } from '../../../limits.ts';
import { FreeNames } from '../../../nn/freeNames.ts';
import type { Spec } from '../../../nn/layers/definition.ts';
import { weightName } from '../../../nn/layers/layer.ts';
import { buildNetwork } from '../../../nn/network.ts';
import type { Tensor } from '../../../nn/parameters.ts';
import { size } from '../../../nn/shape.ts';
import { IMAGES } from '../../../nn/symbolic.ts';
import { quoted } from '../../../quoted.ts';
import type { Imported, Source } from '../../imported.ts';
import { storedPixelScale } from '../../pixelScale.ts';
import { classNamesOf, PIXEL_SCALE } from '../metadata.ts';
import { storedOrder } from './axes.ts';
import { evaluated } from './evaluate.ts';
import { graphInput } from './input.ts';
import { inlined } from './inline.ts';
import { INPUT, Layers, specOf } from './layers.ts';
import { neededNodes } from './needed.ts';
import { opsetOf } from './opset.ts';
import { simplified, type Simplified } from './simplify.ts';
import { Site, type Graph } from './site.ts';
import type { Value } from './value.ts';

/** Numbers that may be computed while a file is read: so many for any, and so many for each of its weights. */
const FREE_NUMBERS = 1_048_576;
const NUMBERS_PER_WEIGHT = 8;

/**
 * The network of an ONNX model, with its weights in the order of channels-last images.
 * @throws FormatError naming the node whose operator is not supported, and what would work instead; or what is wrong with the file
 * @throws DataError if a file that holds its weights is not there
 */
export async function importOnnx(source: Source): Promise<Imported> {
  const { fileName } = source;
  const model = await decodeOnnx(source.bytes, fileName, (name) => source.file(name));
  const opset = opsetOf(model, fileName);
  const output = outputName(model, fileName);
  const known = new Set([...model.graph.initializers, ...model.graph.inputs].map(({ name }) => name));
  const nodes = neededNodes(inlined(model, fileName), known, output, fileName);
  const input = graphInput(model, nodes, fileName);
  const layers = new Layers(input.inputShape);
  const graph: Graph = {
    fileName,
    opset,
    batch: input.batch,
    layers,
    charge: budget(model, source),
  };
  const value = evaluated(graph, model, nodes, [input.name, input.feature], output);
  const network = simplified(layers, outputLayer(graph, value, output));
  if (network.output === INPUT) {
    throw new FormatError(`${fileName}: its output is its input, and there is no layer between them.`);
  }
  const classNames = classNamesOf(model, size(network.nodes[network.output]!.shape));
  return {
    ...named(network, input.inputShape, fileName),
    layout: input.layout,
    pixelScale: storedPixelScale(model.metadata.get(PIXEL_SCALE)),
    ...(classNames && { classNames }),
  };
}

function outputName({ graph }: OnnxModel, fileName: string): string {
  const [first, ...others] = graph.outputs;
  if (first && others.length === 0) return first.name;
  const names = graph.outputs.map(({ name }) => quoted(name)).join(', ');
  throw new FormatError(
    `${fileName} has ${graph.outputs.length} outputs${names && ` (${names})`}; a network has one: export the model with that one only.`,
  );
}

/** Counts numbers. @throws FormatError if there are more than the file's size explains */
function budget({ graph }: OnnxModel, { fileName, bytes }: Source): (count: number) => void {
  // Weights are initializers, which may be in other files, or constants among the nodes.
  const weights = graph.initializers.reduce((sum, { data }) => sum + data.length, bytes.length / 4);
  let left = FREE_NUMBERS + NUMBERS_PER_WEIGHT * weights;
  return (count) => {
    left -= count;
    if (left >= 0) return;
    throw new FormatError(
      `${fileName} computes with more constants than its size explains: simplify the model first.`,
    );
  };
}

/** The layer whose output is the network's: one row, or an image. */
function outputLayer(graph: Graph, value: Value, output: string): number {
  if (value.kind === 'constant') {
    throw new FormatError(`${graph.fileName}: its output ${quoted(output)} does not depend on its input.`);
  }
  const node = { name: output, op: 'output', domain: '', inputs: [], outputs: [], attributes: new Map() };
  const site = new Site(graph, node, []);
  const { shape, layer } = site.arranged(
    value,
    value.axes.length === 4 ? storedOrder(value) : inOrder(value.axes.length),
  );
  const extents = shape.filter((extent) => extent > 1);
  return extents.length > 1 || shape.length === 1
    ? layer
    : graph.layers.reshaped(layer, [extents[0] ?? 1], site.where);
}

/** All axes but that of the batch. */
function inOrder(rank: number): number[] {
  return Array.from({ length: rank - 1 }, (_, i) => i + 1);
}

function named(
  { nodes }: Simplified,
  inputShape: readonly number[],
  fileName: string,
): Pick<Imported, 'layers' | 'weights'> {
  if (nodes.length > MAX_LAYERS) {
    throw new FormatError(
      `${fileName} has ${nodes.length} layers, more than the ${MAX_LAYERS} that are read.`,
    );
  }
  const free = new FreeNames([IMAGES]);
  const names = nodes.map(({ hint }) => free.claim(hint));
  const layers = nodes.map((node, i): Spec => {
    const inputs = node.inputs.map((input) => (input === INPUT ? IMAGES : names[input]!));
    const isNext = inputs.length === 1 && inputs[0] === (names[i - 1] ?? IMAGES);
    return specOf(node, { name: names[i], ...(!isNext && { inputs }), ...(i === 0 && { inputShape }) });
  });
  const weights = new Map<string, Tensor>();
  nodes.forEach((node, i) => {
    for (const [name, tensor] of Object.entries(node.weights))
      weights.set(weightName(names[i]!, name), tensor);
  });
  mustBuild(layers, fileName);
  return { layers, weights };
}

function mustBuild(layers: readonly Spec[], fileName: string): void {
  try {
    buildNetwork(layers);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${fileName}: its network cannot be built. ${error.message}`, { cause: error });
  }
}
