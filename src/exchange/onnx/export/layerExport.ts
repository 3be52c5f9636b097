/** What a layer is written to ONNX from, and by. */
import { OptionError } from '../../../errors.ts';
import { weightName, type Layer } from '../../../nn/layers/layer.ts';
import type { Tensor } from '../../../nn/parameters.ts';
import type { LayerSpec } from '../../../nn/spec.ts';
import type { Layout } from '../../../nn/shape.ts';
import { activated } from './activations.ts';
import { Scope } from './graphWriter.ts';
import { Value } from './value.ts';

/** A layer in its place. */
export interface LayerExport<S extends LayerSpec = LayerSpec> {
  readonly spec: S;
  readonly layer: Layer;
  /** Of as many as it takes; `input` is the first. */
  readonly inputs: readonly Value[];
  readonly input: Value;
  /** For operators named as the layer is. */
  readonly scope: Scope;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** Writes a layer. @returns its output */
export type LayerExporter<S extends LayerSpec = LayerSpec> = (layer: LayerExport<S>) => Value;

/** The types of layers by what they are called. */
export type SpecOf<T extends LayerSpec['type']> = Extract<LayerSpec, { readonly type: T }>;

/** A weight of a layer. @param name  such as "kernel" */
export function weightOf({ layer, weights }: LayerExport, name: string): Tensor {
  const full = weightName(layer.name, name);
  const found = weights.get(full);
  if (found) return found;
  throw new OptionError(`exportOnnx: there is no weight "${full}"; give all that the network has.`);
}

/** A weight, written as it is or as given. @returns its name */
export function written(layer: LayerExport, name: string, { shape, data } = weightOf(layer, name)): string {
  return layer.scope.floats(name, shape, data);
}

/** The name of a layer's bias, if it has one. */
export function writtenBias(layer: LayerExport): string[] {
  return layer.layer.weights.some(({ name }) => name === 'bias') ? [written(layer, 'bias')] : [];
}

/** The output of a layer. @param layout  how it lies there, if it is images @param name  in the graph */
export function outputOf({ layer, scope }: LayerExport, layout: Layout, name: string): Value {
  return Value.of(scope, layer.outputShape, layout, name);
}

/** The output of a layer whose option `activation` comes last. */
export function activatedOutput(
  layer: LayerExport & { readonly spec: { readonly activation: string } },
  layout: Layout,
  name: string,
): Value {
  const { activation } = layer.spec;
  const scope = layer.scope.within(activation);
  return outputOf(
    layer,
    layout,
    activated(scope, activation, { name, layout, shape: layer.layer.outputShape }),
  );
}

/** The output of a layer that does something to each value, wherever it lies. */
export function inPlace(layer: LayerExport, write: (name: string, layout: Layout) => string): Value {
  const { layout } = layer.input;
  return outputOf(layer, layout, write(layer.input.in(layout), layout));
}
