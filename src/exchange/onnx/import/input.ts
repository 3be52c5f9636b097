/** The input of a graph: its images, and how they lie in memory. */
import { FormatError } from '../../../errors.ts';
import type { OnnxModel, OnnxNode, OnnxValue } from '../../../formats/onnx/model.ts';
import { LAYOUTS, type Layout, type Shape } from '../../../nn/shape.ts';
import { quoted } from '../../../quoted.ts';
import { LAYOUT } from '../metadata.ts';
import { mapOf } from './axes.ts';
import { INPUT } from './layers.ts';
import type { Feature } from './value.ts';

export interface GraphInput {
  readonly name: string;
  readonly layout: Layout;
  /** [height, width, channels] */
  readonly inputShape: Shape;
  /** How many images a batch has, if the file says so. */
  readonly batch: number | undefined;
  readonly feature: Feature;
}

/** The axes of height, width and channels. */
const ORDERS: Readonly<Record<Layout, readonly number[]>> = { nhwc: [1, 2, 3], nchw: [2, 3, 1] };

/**
 * The one input of a graph.
 * @param nodes  those that are needed
 * @throws FormatError if there are several, or it is neither images nor vectors of a fixed size
 */
export function graphInput(
  { graph, metadata }: OnnxModel,
  nodes: readonly OnnxNode[],
  fileName: string,
): GraphInput {
  const weights = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !weights.has(name));
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    const names = inputs.map(({ name }) => quoted(name)).join(', ');
    throw new FormatError(
      `${fileName} has ${inputs.length} inputs${names && ` (${names})`}; a network has one, the images.` +
        (areWeights(inputs, nodes)
          ? ' Its weights are not in the file: export it with them, with export_params=True.'
          : ''),
    );
  }
  const [batch, ...extents] = input.shape;
  const where = `${fileName}: its input ${quoted(input.name)} is [${input.shape.join(', ')}]`;
  if (extents.length !== 3 && extents.length !== 1) {
    throw new FormatError(
      `${where}; it must be images, [batch, channels, height, width] or with channels last, or vectors, [batch, features].`,
    );
  }
  if (!extents.every((extent) => Number.isInteger(extent) && (extent as number) > 0)) {
    throw new FormatError(
      `${where}; only the number of images in a batch may be open: export it for images of a fixed size.`,
    );
  }
  const sizes = extents as number[];
  const own = LAYOUTS.find((each) => each === metadata.get(LAYOUT));
  const layout = sizes.length === 1 ? 'nhwc' : (own ?? layoutOf(input, nodes));
  const inputShape = sizes.length === 1 ? [1, 1, sizes[0]!] : ORDERS[layout].map((axis) => sizes[axis - 1]!);
  const map =
    sizes.length === 1
      ? ({ factors: inputShape, axes: ['batch', [2]] } as const)
      : mapOf(inputShape, ORDERS[layout]);
  return {
    name: input.name,
    layout,
    inputShape,
    batch: typeof batch === 'number' && batch > 0 ? batch : undefined,
    feature: { kind: 'feature', layer: INPUT, ...map },
  };
}

/** Operators whose second input are weights. */
const WEIGHTED: ReadonlySet<string> = new Set(['Conv', 'Gemm', 'MatMul', 'BatchNormalization']);

/** Whether some of the inputs are what only weights are. */
function areWeights(inputs: readonly OnnxValue[], nodes: readonly OnnxNode[]): boolean {
  const names = new Set(inputs.map(({ name }) => name));
  return nodes.some((node) => WEIGHTED.has(node.op) && names.has(node.inputs[1] ?? ''));
}

/** Operators that take channels on axis 1. */
const CHANNELS_SECOND: ReadonlySet<string> = new Set([
  'Conv',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'BatchNormalization',
  'InstanceNormalization',
  'PRelu',
]);

/** Follows the input to the first node that takes channels somewhere; those between keep its axes, or transpose them. */
function layoutOf(input: OnnxValue, nodes: readonly OnnxNode[]): Layout {
  const orders = new Map<string, readonly number[]>([[input.name, [0, 1, 2, 3]]]);
  for (const { op, inputs, outputs, attributes } of nodes) {
    const order = inputs.map((name) => orders.get(name)).find((each) => each);
    if (!order) continue;
    if (CHANNELS_SECOND.has(op)) return order[1] === 3 ? 'nhwc' : 'nchw';
    if (op === 'Flatten' || op === 'Reshape' || op === 'ReduceMean') break;
    const perm = attributes.get('perm');
    const next =
      op === 'Transpose' && perm?.kind === 'ints' ? perm.value.map((axis) => order[axis] ?? 0) : order;
    for (const name of outputs) orders.set(name, next);
  }
  // Nothing takes channels: three on the last axis, and not on the second, are colours.
  const [, second, , last] = input.shape as number[];
  return last! <= 4 && second! > 4 ? 'nhwc' : 'nchw';
}
