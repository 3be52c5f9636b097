import type { Layout } from '../../../../nn/shape.ts';
import { int, type Scope } from '../graphWriter.ts';
import { outputOf, type LayerExport, type LayerExporter, type SpecOf } from '../layerExport.ts';
import { axisIn, Value } from '../value.ts';

export const exportAdd: LayerExporter<SpecOf<'add'>> = (layer) =>
  merged(layer, (names) => layer.scope.add(names.length === 2 ? 'Add' : 'Sum', names));

export const exportSubtract: LayerExporter<SpecOf<'subtract'>> = (layer) =>
  merged(layer, (names) => layer.scope.add('Sub', names));

export const exportMultiply: LayerExporter<SpecOf<'multiply'>> = (layer) =>
  merged(layer, (names) =>
    names.reduce((product, name, i) => {
      const scope = i === names.length - 1 ? layer.scope : layer.scope.within(`product${i}`);
      return scope.add('Mul', [product, name]);
    }),
  );

export const exportConcatenate: LayerExporter<SpecOf<'concatenate'>> = (layer) => {
  const { inputs, scope, spec } = layer;
  const layout = commonLayout(inputs);
  const { shape } = inputs[0]!;
  const axis = spec.axis < 0 ? spec.axis + shape.length : spec.axis - 1;
  const names = inputs.map((input) => input.in(layout));
  return outputOf(layer, layout, scope.add('Concat', names, { axis: int(axisIn(layout, shape, axis)) }));
};

/** The output of a layer that broadcasts its inputs. */
function merged(layer: LayerExport, write: (names: readonly string[]) => string): Value {
  const rank = layer.layer.outputShape.length;
  const layout = commonLayout(layer.inputs.filter(({ shape }) => shape.length === rank));
  const names = layer.inputs.map((input, i) => widened(layer.scope.within(`input${i}`), input, rank, layout));
  return outputOf(layer, layout, write(names));
}

/** Channels last, if all values lie so: then none needs a Transpose. */
function commonLayout(values: readonly Value[]): Layout {
  const images = values.filter(({ shape }) => shape.length === 3);
  return images.some(({ layout }) => layout === 'nchw') ? 'nchw' : 'nhwc';
}

/**
 * A value with as many axes as the others: those that it lacks stand in front of its own, as in our shapes, where channels
 * are last.
 */
function widened(scope: Scope, value: Value, rank: number, layout: Layout): string {
  const missing = rank - value.shape.length;
  if (missing === 0) return value.in(layout);
  const shape = [...Array<number>(missing).fill(1), ...value.shape];
  const isVectorAmongImages = value.shape.length === 1 && rank === 3;
  // A vector becomes a pixel of either layout without a Transpose.
  const to = isVectorAmongImages ? layout : 'nhwc';
  const axes = to === 'nchw' ? [2, 3] : Array.from({ length: missing }, (_, i) => i + 1);
  const name = scope.add('Unsqueeze', [value.in('nhwc'), scope.integers('axes', axes)]);
  return Value.of(scope, shape, to, name).in(layout);
}
