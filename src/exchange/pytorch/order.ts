/**
 * In which order PyTorch has the values of vectors: flattened, its images are channels first, ours channels last. So whatever follows a
 * flatten has its weights in another order there, up to and with the first dense layer.
 */
import type { Network } from '../../nn/network.ts';
import { size, type Shape } from '../../nn/shape.ts';
import { torchLayer } from './layers/registry.ts';

/** Of each value of a vector in PyTorch, which one it is here. */
export type Order = Int32Array;

/** What a layer does with the order of vectors, see {@link Orders}. */
export type OrderRule =
  /** Hands it on: each value is dealt with by itself, or it does not matter which is which. */
  | 'keeps'
  /** Makes a vector of images. */
  | 'flattens'
  /** Has several inputs, which go behind each other. */
  | 'joins'
  /** Has several inputs, which must have the same order. */
  | 'merges'
  /** Takes values in the order in which they are here. */
  | 'plain'
  /** Has weights for each value of its input, and its outputs in order. */
  | 'ends';

/** The orders of what the layers of a network put out, by their names; undefined where PyTorch's is the same as ours. */
export interface Orders {
  readonly of: ReadonlyMap<string, Order | undefined>;
  /** The layers that make vectors which PyTorch must have in our order, because something behind them depends on it. */
  readonly plain: ReadonlySet<string>;
}

/** The orders in a network: those that PyTorch's own `flatten` gives, unless something needs ours. */
export function ordersOf(network: Network): Orders {
  const first = tried(network, new Set());
  if (first.unfit.size === 0) return { of: first.of, plain: new Set() };
  const second = tried(network, first.unfit);
  if (second.unfit.size === 0) return { of: second.of, plain: first.unfit };
  // What is left of these makes others unfit in turn: none of them then.
  const all = new Set(
    network.layers.filter(({ type }) => torchLayer(type).order === 'flattens').map(({ name }) => name),
  );
  return { of: tried(network, all).of, plain: all };
}

interface Trial {
  readonly of: Map<string, Order | undefined>;
  /** The flattening layers whose order something cannot take. */
  readonly unfit: ReadonlySet<string>;
}

/** @param plain  the flattening layers that give our order */
function tried({ layers, inputs }: Network, plain: ReadonlySet<string>): Trial {
  const of = new Map<string, Order | undefined>();
  const unfit = new Set<string>();
  for (const [i, { name, type, inputShapes }] of layers.entries()) {
    const orders = inputs[i]!.map((input) => of.get(input));
    const rule = torchLayer(type).order;
    if (rule === 'flattens') {
      of.set(name, plain.has(name) ? undefined : (orders[0] ?? flattened(inputShapes[0]!)));
    } else if (rule === 'joins') {
      of.set(name, joined(orders, inputShapes));
    } else if (rule === 'keeps' || (rule === 'merges' && orders.every((order) => isSame(order, orders[0])))) {
      of.set(name, orders[0]);
    } else if (rule !== 'ends' && orders.some((order) => order !== undefined)) {
      unfit.add(name);
    }
  }
  if (of.get(layers.at(-1)!.name)) unfit.add(layers.at(-1)!.name);
  return { of, unfit: unfit.size > 0 ? flattensBefore({ layers, inputs }, unfit, of) : unfit };
}

/** The flattening layers whose order reaches some layers. */
function flattensBefore(
  { layers, inputs }: Pick<Network, 'layers' | 'inputs'>,
  unfit: ReadonlySet<string>,
  of: ReadonlyMap<string, Order | undefined>,
): ReadonlySet<string> {
  const reached = new Set(unfit);
  const found = new Set<string>();
  for (let i = layers.length - 1; i >= 0; i--) {
    const { name, type } = layers[i]!;
    if (!reached.has(name)) continue;
    if (torchLayer(type).order === 'flattens') found.add(name);
    for (const input of inputs[i]!) if (of.get(input)) reached.add(input);
  }
  return found;
}

/** Of images [height, width, channels], or rows [length, channels], that are flattened with their channels first. */
function flattened(shape: Shape): Order | undefined {
  const channels = shape.at(-1)!;
  const pixels = size(shape) / channels;
  if (channels === 1 || pixels === 1) return undefined;
  const order = new Int32Array(channels * pixels);
  for (let channel = 0, at = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) order[at++] = pixel * channels + channel;
  }
  return order;
}

function joined(orders: readonly (Order | undefined)[], shapes: readonly Shape[]): Order | undefined {
  if (orders.every((order) => order === undefined)) return undefined;
  const lengths = shapes.map(size);
  const all = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let begin = 0;
  for (const [i, length] of lengths.entries()) {
    for (let at = 0; at < length; at++) all[begin + at] = begin + (orders[i]?.[at] ?? at);
    begin += length;
  }
  return all;
}

function isSame(a: Order | undefined, b: Order | undefined): boolean {
  return a === b || (a?.length === b?.length && a!.every((value, i) => value === b![i]));
}
