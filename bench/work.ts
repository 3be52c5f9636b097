/** How much work a labelled part of a training step is: operations, and bytes that must be read and written. Pure. */
import type { Call } from '../src/engine/program.ts';
import type { Layer } from '../src/nn/layers/layer.ts';
import type { Network } from '../src/nn/network.ts';
import { operationsOf } from '../src/nn/operationsCount.ts';
import { size } from '../src/nn/shape.ts';
import { argumentsOf } from './callArguments.ts';
import { isSparse, pooledShape } from './density.ts';
import { movedBytes } from './movedBytes.ts';

export interface Work {
  /** Operations of the textbook algorithm; a multiply-add counts as two. 0 where moving data is the work. */
  readonly operations: number;
  /** The matrix product: rows × depth × columns. Empty where moving data is the work. */
  readonly shape: string;
  /** Operations really done in products: fewer than those with Winograd's filtering, or without gradients that are zero. */
  readonly multiplied: number;
  /** Bytes that must be read and written at least, with everything read once; 0 where that is no measure. */
  readonly bytes: number;
}

/** Winograd's minimal filtering F(side × side, kernel): so many products for a tile of side × side outputs. */
interface Tiling {
  readonly side: number;
  readonly products: number;
  /** Whether tiles are smaller at edges that they would reach beyond. */
  readonly smallerEdges: boolean;
}

/** The side of the tiles of 4×4 inputs that F(2×2, 3×3) transforms; other kernels are told theirs. */
const SMALL_TILE = 4;

const FLOAT = 4;

/** Kernels that multiply matrices, and convolve. */
const PRODUCTS =
  /^(correlate|winograd(2x2)?Correlate|pointwise|depthwise|pooledBackward|conv2dBackward|winogradBackward|denseBackward)/;

const PACKS = /^(pack|winograd(2x2)?Filter)/;

/**
 * @param label    such as "conv2d_1 dFilter"
 * @param calls    all that have it
 * @param count    images in the batch
 * @param density  the share of the gradients that are multiplied, where those that are zero are left out
 * @throws Error for a kernel that is not known, and without the density where it is needed
 */
export function workOf(
  network: Network,
  label: string,
  calls: readonly Call<unknown>[],
  count: number,
  density?: number,
): Work {
  const [name, pass = ''] = label.split(' ');
  const layer = network.layers.find((each) => each.name === name);
  const heavy = calls.filter(({ kernel }) => PRODUCTS.test(kernel));
  if (layer && heavy.length > 0) return products(network, layer, pass, heavy, count, density);
  const bytes = calls.reduce((sum, call) => {
    const moved = layer && PACKS.test(call.kernel) ? packing(layer, call) : movedBytes(call, count);
    if (moved === undefined)
      throw new Error(`There is no telling how much work "${label}" is: ${call.kernel}.`);
    return sum + moved;
  }, 0);
  return { operations: 0, shape: '', multiplied: 0, bytes };
}

/** Bytes that a call reads and writes at least, with everything once; of a product its layer's inputs, outputs and weights. */
export function streamedBytes(network: Network, call: Call<unknown>, count: number): number {
  const layer = network.layers.find(({ name }) => name === call.label.split(' ')[0]);
  if (!layer || !PRODUCTS.test(call.kernel)) return workOf(network, call.label, [call], count).bytes;
  const outputs = size(pooledShape(network, layer) ?? layer.outputShape);
  const weights = layer.weights.reduce((sum, { shape }) => sum + size(shape), 0);
  return FLOAT * (count * (size(layer.inputShapes[0]!) + outputs) + weights);
}

function products(
  network: Network,
  layer: Layer,
  pass: string,
  calls: readonly Call<unknown>[],
  count: number,
  density: number | undefined,
): Work {
  const operations = 2 * layer.multiplyAdds! * count;
  if (calls.some(({ kernel }) => isSparse(kernel))) {
    if (density === undefined) throw new Error(`How many gradients of ${layer.name} are zero must be known.`);
    const share = `sparse: ${(density * 100).toPrecision(3)} %`;
    const shape = `${productShape(network, layer, pass, undefined, count)}, ${share}`;
    return { operations, multiplied: operations * density, shape, bytes: 0 };
  }
  if (calls.some(({ kernel }) => kernel.startsWith('depthwise'))) {
    const [height, width] = layer.weights[0]!.shape;
    const shape = `${layer.outputShape.join(' × ')}, ${height} × ${width} taps`;
    const bytes = FLOAT * count * (size(layer.inputShapes[0]!) + size(layer.outputShape));
    return { operations, multiplied: operations, shape, bytes };
  }
  const tiling = tilingOf(layer, calls);
  const shape = productShape(network, layer, pass, tiling, count);
  return {
    operations,
    multiplied: tiling ? tiledOperations(network, layer, pass, tiling) * count : operations,
    // Says so where the pooling behind a convolution is a part of its forward pass.
    shape: pass === 'forward' && pooledShape(network, layer) ? `${shape}, pooled` : shape,
    bytes: 0,
  };
}

/** The minimal filtering that calls use, if any. */
function tilingOf(layer: Layer, calls: readonly Call<unknown>[]): Tiling | undefined {
  const call = calls.find(({ kernel }) => kernel.startsWith('winograd'));
  if (!call) return undefined;
  const smallerEdges = !call.kernel.startsWith('winograd2x2');
  const tile = smallerEdges ? argumentsOf(call)('points') : SMALL_TILE;
  return { side: tile + 1 - layer.weights[0]!.shape[0]!, products: tile * tile, smallerEdges };
}

/** Of an image. */
function tiledOperations(network: Network, layer: Layer, pass: string, tiling: Tiling): number {
  const [, , inputs, outputs] = layer.weights[0]!.shape;
  const [height, width] = tiledExtent(network, layer, pass, tiling);
  return 2 * productsAlong(height, tiling) * productsAlong(width, tiling) * inputs! * outputs!;
}

/** Height and width that tiles cover. What a pooling leaves over of an odd output is left out where tiles can be smaller for it. */
function tiledExtent(
  network: Network,
  layer: Layer,
  pass: string,
  { side, smallerEdges }: Tiling,
): readonly [number, number] {
  const [height, width] = pass === 'dInput' ? layer.inputShapes[0]! : layer.outputShape;
  const single = height === side && width === side;
  const cut = smallerEdges && !single && pass === 'forward' && pooledShape(network, layer) !== undefined;
  return cut ? [height! & ~1, width! & ~1] : [height!, width!];
}

/** Products along an axis with so many outputs. */
function productsAlong(outputs: number, { side, products, smallerEdges }: Tiling): number {
  const tile = Math.sqrt(products);
  const rest = outputs % side;
  const edge = smallerEdges ? rest + tile - side : tile;
  return Math.floor(outputs / side) * tile + (rest === 0 ? 0 : edge);
}

function productShape(
  network: Network,
  layer: Layer,
  pass: string,
  tiling: Tiling | undefined,
  count: number,
): string {
  const kernel = layer.weights[0]!.shape;
  const [inputs, outputs] = [kernel.at(-2)!, kernel.at(-1)!];
  const taps = tiling ? 1 : size(kernel) / (inputs * outputs);
  const tiled = tiling && tiledExtent(network, layer, pass, tiling);
  const rows =
    count *
    (tiled
      ? tiled.reduce((tiles, extent) => tiles * Math.ceil(extent / tiling.side), 1)
      : size(layer.outputShape) / outputs);
  const shapes: Readonly<Record<string, readonly number[]>> = {
    forward: [rows, taps * inputs, outputs],
    dInput: [rows, taps * outputs, inputs],
  };
  const shape = (shapes[pass] ?? [taps * inputs, rows, outputs]).join(' × ');
  return tiling ? `${tiling.products} of ${shape}` : shape;
}

/** A filter is read, and written in another order or transformed. */
function packing(layer: Layer, call: Call<unknown>): number {
  const floats = size(layer.weights[0]!.shape);
  const tiling = tilingOf(layer, [call]);
  const [height, width] = layer.weights[0]!.shape;
  return FLOAT * (floats + (tiling ? (floats / (height! * width!)) * tiling.products : floats));
}

/** Operations of a whole training step by the textbook. */
export function stepOperations(network: Network, count: number): number {
  return count * operationsOf(network).training;
}
