/** How much work a labelled part of a training step is: operations, and bytes that must be read and written. Pure. */
import type { Instruction } from '../src/engine/program.ts';
import type { Layer } from '../src/nn/layers/layer.ts';
import type { Network } from '../src/nn/network.ts';
import { parameterLayout } from '../src/nn/parameters.ts';
import { size } from '../src/nn/shape.ts';
import { isSparse, pooledLayer } from './density.ts';

export interface Work {
  /** Operations of the textbook algorithm; a multiply-add counts as two. 0 where moving data is the work. */
  readonly operations: number;
  /** The matrix product: rows × depth × columns. Empty where moving data is the work. */
  readonly shape: string;
  /** Operations really done in products: fewer than those with Winograd's filtering, or without gradients that are zero. */
  readonly multiplied: number;
  /** Bytes that must be read and written at least, with everything read once. */
  readonly bytes: number;
}

/** Winograd's minimal filtering F(side × side, 3×3): so many products for a tile of side × side outputs. */
interface Tiling {
  readonly side: number;
  readonly products: number;
}

const FLOAT = 4;

export interface WorkFacts {
  /** The share of the gradients that are multiplied, where those that are zero are left out. */
  readonly density?: number | undefined;
  /** How many shards are summed. */
  readonly shards?: number;
}

/** How many shards instructions sum, if any does. */
export function shardsIn(instructions: readonly Instruction[]): number {
  const sum = instructions.find(({ kernel }) => kernel === 'sumShards');
  return sum ? (sum.arguments[1] as number) : 1;
}

/**
 * @param label    of the instructions, such as "conv2d_1 dFilter"
 * @param kernels  the engine's functions that they call
 * @param count    images in the batch
 * @param facts    what depends on the data and on the plan
 * @throws Error for a label that is not known, and without the density where it is needed
 */
export function workOf(
  network: Network,
  label: string,
  kernels: readonly string[],
  count: number,
  { density, shards = 1 }: WorkFacts = {},
): Work {
  const [name, pass] = label.split(' ');
  const layer = network.layers.find((each) => each.name === name);
  if (!layer || !pass) return moved(wholeNetwork(network, label, count));
  const tiling = tilingOf(kernels);
  switch (pass) {
    case 'forward':
    case 'dInput':
    case 'dFilter':
    case 'dKernel':
      return layer.type === 'maxPooling2d'
        ? moved(pooling(layer, pass, count))
        : kernels.some(isSparse)
          ? sparseProducts(layer, pass, count, density)
          : {
              ...products(layer, tiling, count),
              shape: productShape(layer, pass, tiling, count) + poolingBehind(network, layer, pass),
              bytes: 0,
            };
    case 'dActivation':
      // The gradient and the output are read, the gradient is written.
      return moved(3 * size(layer.outputShape) * FLOAT * count);
    case 'pack':
      return moved(packing(network, layer, kernels));
    case 'sum':
      return moved((shards + 1) * weightBytes(layer));
    default:
      throw new Error(`There is no telling how much work "${label}" is.`);
  }
}

function moved(bytes: number): Work {
  return { operations: 0, shape: '', multiplied: 0, bytes };
}

function wholeNetwork(network: Network, label: string, count: number): number {
  const pixels = size(network.inputShape) * count;
  const classes = size(network.layers.at(-1)!.outputShape) * count;
  switch (label) {
    case 'input':
      return pixels + pixels * FLOAT;
    case 'loss':
      return 2 * classes * FLOAT;
    case 'adam':
      // The parameters and both moments are read and written, the gradients read.
      return 7 * parameterLayout(network).bytes;
    default:
      throw new Error(`There is no telling how much work "${label}" is.`);
  }
}

/** The minimal filtering that kernels use, if any. */
function tilingOf(kernels: readonly string[]): Tiling | undefined {
  if (kernels.some((kernel) => kernel.startsWith('winograd2x2'))) return { side: 2, products: 16 };
  return kernels.some((kernel) => kernel.startsWith('winograd')) ? { side: 4, products: 36 } : undefined;
}

function products(
  layer: Layer,
  tiling: Tiling | undefined,
  count: number,
): Pick<Work, 'operations' | 'multiplied'> {
  const kernel = layer.weights[0]!.shape;
  const pixels = layer.type === 'conv2d' ? layer.outputShape[0]! * layer.outputShape[1]! : 1;
  const operations = 2 * size(kernel) * pixels * count;
  if (!tiling) return { operations, multiplied: operations };
  const each = tiling.products * tilesOf(layer, tiling);
  return { operations, multiplied: 2 * each * kernel[2]! * kernel[3]! * count };
}

function sparseProducts(layer: Layer, pass: string, count: number, density: number | undefined): Work {
  if (density === undefined) throw new Error(`How many gradients of ${layer.name} are zero must be known.`);
  const { operations } = products(layer, undefined, count);
  const share = (density * 100).toPrecision(3);
  return {
    operations,
    multiplied: operations * density,
    shape: `${productShape(layer, pass, undefined, count)}, sparse: ${share} %`,
    bytes: 0,
  };
}

/** Says so where the pooling behind a convolution is a part of its forward pass. */
function poolingBehind(network: Network, layer: Layer, pass: string): string {
  return pass === 'forward' && pooledLayer(network, layer) ? ', pooled' : '';
}

/** Tiles of outputs in an image. */
function tilesOf({ outputShape }: Layer, { side }: Tiling): number {
  return Math.ceil(outputShape[0]! / side) * Math.ceil(outputShape[1]! / side);
}

function productShape(layer: Layer, pass: string, tiling: Tiling | undefined, count: number): string {
  const kernel = layer.weights[0]!.shape;
  const [inputs, outputs] = [kernel.at(-2)!, kernel.at(-1)!];
  const convolution = layer.type === 'conv2d';
  const taps = convolution && !tiling ? kernel[0]! * kernel[1]! : 1;
  const pixels = convolution ? layer.outputShape[0]! * layer.outputShape[1]! : 1;
  const rows = count * (tiling ? tilesOf(layer, tiling) : pixels);
  const shapes: Readonly<Record<string, readonly number[]>> = {
    forward: [rows, taps * inputs, outputs],
    dInput: [rows, taps * outputs, inputs],
  };
  const shape = (shapes[pass] ?? [taps * inputs, rows, outputs]).join(' × ');
  return tiling ? `${tiling.products} of ${shape}` : shape;
}

function pooling(layer: Layer, pass: string, count: number): number {
  const input = size(layer.inputShape);
  const output = size(layer.outputShape);
  // Forward, the output and its argmax are written; backward, dOutput, the output (for the ReLU) and argmax are read.
  return (pass === 'forward' ? input + 2 * output : 3 * output + input) * FLOAT * count;
}

function packing(network: Network, layer: Layer, kernels: readonly string[]): number {
  const kernel = size(layer.weights[0]!.shape);
  // Once for the forward pass and, where the input has a gradient, once for that: by the same function or by another.
  const times = layer === network.layers[0] ? 1 : 2;
  const calls = Array.from({ length: times }, (_, i) => kernels[i % kernels.length]!);
  return calls.reduce((sum, called) => sum + kernel + packed(called, kernel), 0) * FLOAT;
}

/** Floats that a filter of `kernel` floats is packed into. */
function packed(called: string, kernel: number): number {
  const tiling = tilingOf([called]);
  return tiling ? (kernel / 9) * tiling.products : kernel;
}

function weightBytes(layer: Layer): number {
  return layer.weights.reduce((sum, { shape }) => sum + size(shape), 0) * FLOAT;
}

/** Operations of a whole training step by the textbook: forward, and twice that backward but for the first layer's input. */
export function stepOperations(network: Network, count: number): number {
  const weighted = network.layers.filter(({ weights }) => weights.length > 0);
  return weighted.reduce(
    (sum, layer) =>
      sum + products(layer, undefined, count).operations * (layer === network.layers[0] ? 2 : 3),
    0,
  );
}
