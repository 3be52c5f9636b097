import { align, ALIGNMENT } from '../engine/arena.ts';
import { FormatError } from '../errors.ts';
import { fillWeights } from './initializers/registry.ts';
import type { NamedWeight, Network } from './network.ts';
import { size, type Shape } from './shape.ts';

/** A tensor with its values, row-major. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Blocks: the gradients, the parameters, and from VARIABLES on what the optimizer keeps. The last two are kept together. */
export const GRADIENTS = -1;
export const PARAMETERS = 0;
export const VARIABLES = 1;

/** Where each weight lies in the one block that holds them all. */
export interface ParameterLayout {
  /** Offset in bytes by name, each on a cache line of its own. */
  readonly offsets: ReadonlyMap<string, number>;
  /** The size of the block in bytes. */
  readonly bytes: number;
}

/** Lays the weights out in the order of the layers. The gaps are zero, and the optimiser leaves them so. */
export function parameterLayout(network: Network): ParameterLayout {
  const offsets = new Map<string, number>();
  let bytes = 0;
  for (const { name, shape } of network.weights) {
    offsets.set(name, bytes);
    bytes += align(size(shape) * 4);
  }
  return { offsets, bytes };
}

/** The names of the weights that are trained. */
export function trainedNames({ weights }: Network): string[] {
  return weights.filter(({ trained }) => trained).map(({ name }) => name);
}

/** The names of those that a training step changes: besides them the states of layers that are not frozen. */
export function changedNames({ layers, weights }: Network): string[] {
  const frozen = new Set(layers.flatMap(({ name, trainable }) => (trainable ? [] : [name])));
  return weights
    .filter(({ name, trained, state }) => trained || (state && !frozen.has(layerOf(name))))
    .map(({ name }) => name);
}

function layerOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}

/** A part of the block, in bytes, that belongs to one weight or to several that are treated alike: then `weight` is the first. */
export interface WeightRange {
  readonly offset: number;
  readonly bytes: number;
  readonly weight: NamedWeight;
}

/** Where each weight lies. */
export function rangesOf(network: Network, layout: ParameterLayout): WeightRange[] {
  return network.weights.map((weight) => ({
    offset: layout.offsets.get(weight.name)!,
    bytes: align(size(weight.shape) * 4),
    weight,
  }));
}

/** As few ranges as there can be of neighbours for which `kind` says the same. */
export function mergedRanges(
  ranges: readonly WeightRange[],
  kind: (range: WeightRange) => string,
): WeightRange[] {
  const merged: WeightRange[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last && last.offset + last.bytes === range.offset && kind(last) === kind(range)) {
      merged[merged.length - 1] = { ...last, bytes: last.bytes + range.bytes };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** How many blocks of 16 values a range has: what optimizers share out among threads. */
export function blocksOf({ bytes }: WeightRange): number {
  return bytes / ALIGNMENT;
}

/**
 * Fresh weights, each as its initializer says. Each has a random stream of its own, so that changing one layer leaves the
 * others' weights as they were.
 * @throws OptionError if an initializer cannot fill a weight of such a shape
 */
export function initializeParameters(network: Network, seed: number): Float32Array {
  const layout = parameterLayout(network);
  const block = new Float32Array(layout.bytes / 4);
  for (const weight of network.weights) {
    fillWeights(weight.initializer, weight, weightIn(block, layout, weight.name, weight.shape), seed);
  }
  return block;
}

/** Each weight as a view into the block. */
export function tensorsIn(network: Network, block: Float32Array): Map<string, Tensor> {
  const layout = parameterLayout(network);
  return new Map(
    network.weights.map(({ name, shape }) => [name, { shape, data: weightIn(block, layout, name, shape) }]),
  );
}

/**
 * Fills a block with given weights.
 * @param source  where they come from, for messages
 * @throws FormatError if one is missing, superfluous, of the wrong shape or not finite
 */
export function importTensors(
  network: Network,
  tensors: ReadonlyMap<string, Tensor>,
  source: string,
): Float32Array {
  return filled(network, tensors, source, (name) => {
    throw new FormatError(`${source} has no tensor "${name}", which the network needs.`);
  });
}

/** The same for tensors of some of the weights; the others stay zero. @throws FormatError */
export function importSome(
  network: Network,
  tensors: ReadonlyMap<string, Tensor>,
  source: string,
): Float32Array {
  return filled(network, tensors, source, () => undefined);
}

/** @param onMissing  is told of weights that there are no tensors for */
function filled(
  network: Network,
  tensors: ReadonlyMap<string, Tensor>,
  source: string,
  onMissing: (name: string) => void,
): Float32Array {
  const layout = parameterLayout(network);
  // All are compared before anything is allocated: of a file, only the tensors' sizes are known to be true.
  for (const { name, shape } of network.weights) {
    const tensor = tensors.get(name);
    if (tensor) mustFill(name, tensor, shape, source);
    else onMissing(name);
  }
  for (const name of tensors.keys()) {
    if (!layout.offsets.has(name)) {
      throw new FormatError(`${source} has a tensor "${name}", for which the network has no place.`);
    }
  }
  const block = new Float32Array(layout.bytes / 4);
  for (const [name, { shape, data }] of tensors) weightIn(block, layout, name, shape).set(data);
  return block;
}

/** @throws FormatError if it is of another shape, or not finite */
function mustFill(name: string, tensor: Tensor, shape: Shape, source: string): void {
  if (tensor.shape.length !== shape.length || tensor.shape.some((extent, i) => extent !== shape[i])) {
    throw new FormatError(
      `${source}: the tensor "${name}" is [${tensor.shape.join(', ')}], but the network needs [${shape.join(', ')}].`,
    );
  }
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new FormatError(
      `${source}: the tensor "${name}" has ${tensor.data[bad]} at index ${bad}. The training that wrote it diverged; use other weights.`,
    );
  }
}

function weightIn(block: Float32Array, layout: ParameterLayout, name: string, shape: Shape): Float32Array {
  const start = layout.offsets.get(name)! / 4;
  return block.subarray(start, start + size(shape));
}
