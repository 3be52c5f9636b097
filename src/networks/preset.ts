/** What a preset network is, and how presets are written down. */
import { assignNames } from '../nn/network.ts';
import type { Spec } from '../nn/layers/definition.ts';
import { dropout, type DropoutData } from '../nn/layers/dropout.ts';
import type { Shape } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { layersBetween, type Applicable, type SymbolicTensor } from '../nn/symbolic.ts';

export interface NetworkOptions {
  /** [height, width, channels] of the images. */
  readonly inputShape: Shape;
  readonly classes: number;
  /** The share of values that training leaves out in front of the last layers; 0 by default. */
  readonly dropout?: number;
}

/** A network of a known kind, for images of any size that it can take. */
export interface NetworkPreset {
  readonly name: string;
  /** What it is, in a line. */
  readonly description: string;
  /** What it was made for. */
  readonly inputShape: Shape;
  readonly classes: number;
  /** Its layers, the last a softmax over the classes. */
  readonly build: (options: Required<NetworkOptions>) => LayerSpec[];
}

/** Layers that each feed the next. */
export function chain(inputShape: Shape, [first, ...others]: readonly LayerSpec[]): LayerSpec[] {
  // The shape stands in front, as where a layer is given it, so that the same network has the same JSON.
  return [Object.assign({ type: first!.type, inputShape }, first), ...others];
}

/** A tensor taken through layers one after the other. */
export function through(from: SymbolicTensor, ...layers: readonly (Spec & Applicable)[]): SymbolicTensor {
  return layers.reduce((tensor, layer) => layer.apply(tensor), from);
}

/** The layers between the images and an output. */
export function layersOf(images: SymbolicTensor, output: SymbolicTensor): LayerSpec[] {
  return chain(images.shape!, layersBetween(images, output, assignNames) as LayerSpec[]);
}

/** A dropout layer, or none where nothing is left out. */
export function dropping(rate: number): (DropoutData & Applicable)[] {
  return rate > 0 ? [dropout({ rate })] : [];
}

/** A tensor behind such a layer. */
export function droppingFrom(from: SymbolicTensor, rate: number): SymbolicTensor {
  return through(from, ...dropping(rate));
}
