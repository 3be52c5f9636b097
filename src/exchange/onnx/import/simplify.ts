/** Layers that are as few as they can be: what is a part of the layer before it becomes that, and what the output does not need goes. */
import { FormatError } from '../../../errors.ts';
import type { Pair } from '../../../nn/shape.ts';
import { near } from './decimal.ts';
import { AFFINE, INPUT, LINES, LOWEST_PADDING, PART, type LayerNode, type Layers } from './layers.ts';
import { paddingOption, type Sides } from './windows.ts';

/** What two layers become of which one is all that takes the other's output: one in the place of the second, or of the first. */
type Rewrite = { readonly second: LayerNode } | { readonly first: LayerNode };
type Rule = (node: LayerNode, before: LayerNode) => Rewrite | undefined;

export interface Simplified {
  readonly nodes: readonly LayerNode[];
  readonly output: number;
}

/** @throws FormatError naming a node that no layer does, since it is no part of a pattern */
export function simplified(layers: Layers, output: number): Simplified {
  let result: Simplified = { nodes: layers.nodes, output };
  for (const rule of [
    mergeAffine,
    foldAffine,
    mergeLines,
    mergeShapes,
    mergePadding,
    mergeActivation,
    undefined,
  ]) {
    result = rewritten(result, rule);
  }
  return { ...result, nodes: result.nodes.map(completed) };
}

function rewritten({ nodes, output }: Simplified, rule: Rule | undefined): Simplified {
  const uses = usesOf(nodes, output);
  const fresh: LayerNode[] = [];
  const numbers = new Map([[INPUT, INPUT]]);
  /** What more layers take than the uses of the one that stood there before say. */
  const shared = new Set<number>();
  nodes.forEach((old, id) => {
    if (!uses.has(id)) return;
    const node = { ...old, inputs: old.inputs.map((input) => numbers.get(input)!) };
    const at = node.inputs.length === 1 ? node.inputs[0]! : INPUT;
    const isOnly = at !== INPUT && uses.get(old.inputs[0]!) === 1 && !shared.has(at);
    const rewrite = isOnly ? rule?.(node, fresh[at]!) : undefined;
    if (rewrite && 'first' in rewrite) {
      fresh[at] = rewrite.first;
      numbers.set(id, at);
    } else if (isIdentity(node)) {
      numbers.set(id, at);
      if (!isOnly) shared.add(at);
    } else {
      numbers.set(id, fresh.push(rewrite?.second ?? node) - 1);
    }
  });
  return { nodes: fresh, output: numbers.get(output)! };
}

/** How many layers take the output of each that the network's output needs. */
function usesOf(nodes: readonly LayerNode[], output: number): Map<number, number> {
  const uses = new Map([[output, 1]]);
  for (let id = output; id >= 0; id--) {
    if (!uses.has(id)) continue;
    for (const input of nodes[id]!.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return uses;
}

interface Affine {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

function affineOf({ type, options }: LayerNode): Affine | undefined {
  return type === AFFINE ? (options as unknown as Affine) : undefined;
}

function isIdentity(node: LayerNode): boolean {
  const affine = affineOf(node);
  if (!affine) return false;
  return affine.scale.every((scale) => near(scale, 1)) && affine.offset.every((offset) => offset === 0);
}

/** (x · a + b) · c + d is x · ac + (bc + d). */
function mergeAffine(node: LayerNode, before: LayerNode): Rewrite | undefined {
  const [first, second] = [affineOf(before), affineOf(node)];
  if (!first || !second) return undefined;
  const scale = combined(first.scale, second.scale, (a, c) => a * c);
  const offset = combined(
    combined(first.offset, second.scale, (b, c) => b * c),
    second.offset,
    (b, d) => b + d,
  );
  return { second: { ...node, inputs: before.inputs, options: { scale, offset } } };
}

function combined(
  a: readonly number[],
  b: readonly number[],
  compute: (a: number, b: number) => number,
): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
    compute(a[a.length === 1 ? 0 : i]!, b[b.length === 1 ? 0 : i]!),
  );
}

const WEIGHTED: ReadonlySet<string> = new Set(['conv2d', 'depthwiseConv2d', 'dense']);

/**
 * What a layer without a bias is multiplied by goes into its weights, and what is added becomes the bias: so exporters write biases,
 * and batch normalization. What is there for itself, behind a bias or one number for all, stays.
 */
function foldAffine(node: LayerNode, before: LayerNode): Rewrite | undefined {
  const affine = affineOf(node);
  const { kernel, bias } = before.weights;
  if (!affine || !kernel || bias || !WEIGHTED.has(before.type)) return undefined;
  const outputs = before.shape.at(-1)!;
  const { scale, offset } = affine;
  if (scale.length !== outputs && offset.length !== outputs) return undefined;
  const at = (list: readonly number[], i: number): number => list[list.length === 1 ? 0 : i]!;
  const isScaled = scale.some((each) => each !== 1);
  const data = isScaled ? kernel.data.map((weight, i) => weight * at(scale, i % outputs)) : kernel.data;
  const moved = Float32Array.from({ length: outputs }, (_, i) => at(offset, i));
  const weights = { kernel: { ...kernel, data }, bias: { shape: [outputs], data: moved } };
  return { first: { ...before, options: { ...before.options, useBias: true }, weights } };
}

/** That of each row, and of all that this gives, is that of the whole image. */
function mergeLines(node: LayerNode, before: LayerNode): Rewrite | undefined {
  if (before.type !== LINES || node.type !== before.options.all) return undefined;
  return { second: { ...node, inputs: before.inputs } };
}

/** Of several reshapes in a row the last one counts; a global pooling can give vectors itself. */
function mergeShapes(node: LayerNode, before: LayerNode): Rewrite | undefined {
  if (!isReshape(node)) return undefined;
  if (isReshape(before)) return { second: { ...node, inputs: before.inputs } };
  if (!before.type.startsWith('global') || node.shape.length !== 1) return undefined;
  return { first: { ...before, shape: node.shape, options: {} } };
}

function isReshape({ type }: LayerNode): boolean {
  return type === 'reshape' || type === 'flatten';
}

/** Zeros around the images of a convolution are its padding. */
function mergePadding(node: LayerNode, before: LayerNode): Rewrite | undefined {
  if (before.type !== 'zeroPadding2d' || (node.type !== 'conv2d' && node.type !== 'depthwiseConv2d')) {
    return undefined;
  }
  const { kernelSize, strides, padding, dilationRate } = node.options as Record<string, Pair> & {
    padding: unknown;
  };
  const around = before.options.padding as Sides;
  if (padding !== 'valid' || around.flat().some((side) => side < 0)) return undefined;
  const image = around.map(([begin, end], i) => before.shape[i]! - begin - end);
  const window = { size: kernelSize!, strides: strides!, dilations: dilationRate!, pads: around };
  const options = { ...node.options, padding: paddingOption(window, image) };
  return { second: { ...node, inputs: before.inputs, options } };
}

/** Activations are an option of layers with weights. */
function mergeActivation(node: LayerNode, before: LayerNode): Rewrite | undefined {
  if (node.type !== 'activation' || !WEIGHTED.has(before.type) || before.options.activation !== undefined) {
    return undefined;
  }
  const { activation } = node.options;
  return { first: { ...before, options: { ...before.options, activation } } };
}

/** With what stood for something else replaced by layers. */
function completed(node: LayerNode): LayerNode {
  if (node.type === PART) {
    throw new FormatError(
      `${node.where}: it is only supported as a part of GELU: x · (1 + erf(x / √2)) / 2, or its approximation by tanh.`,
    );
  }
  if (node.type === LOWEST_PADDING) {
    throw new FormatError(`${node.where}: padding below all numbers is only supported before a MaxPool.`);
  }
  if (node.type === LINES) {
    const { lines, poolSize } = node.options;
    return { ...node, type: lines as string, options: { poolSize } };
  }
  const affine = affineOf(node);
  if (!affine) return node;
  const options = { scale: single(affine.scale), offset: single(affine.offset) };
  return { ...node, type: 'rescaling', options };
}

/** One number, if all are the same. */
function single(list: readonly number[]): number | readonly number[] {
  return list.every((each) => each === list[0]) ? list[0]! : list;
}
