import { outputOf, type LayerExport, type LayerExporter, type SpecOf } from '../layerExport.ts';
import type { Value } from '../value.ts';
import { windowAttributes } from './convolution.ts';

export const exportMaxPooling2d: LayerExporter<SpecOf<'maxPooling2d'>> = (layer) => pooled(layer, 'MaxPool');

/** What is beyond the images does not count, which is ONNX' default too. */
export const exportAveragePooling2d: LayerExporter<SpecOf<'averagePooling2d'>> = (layer) =>
  pooled(layer, 'AveragePool');

function pooled(layer: LayerExport<SpecOf<'maxPooling2d' | 'averagePooling2d'>>, op: string): Value {
  const { poolSize: window, strides, padding } = layer.spec;
  const attributes = windowAttributes(layer.layer, { window, strides, padding });
  return outputOf(layer, 'nchw', layer.scope.add(op, [layer.input.in('nchw')], attributes));
}

export const exportGlobalMaxPooling2d: LayerExporter<SpecOf<'globalMaxPooling2d'>> = (layer) =>
  pooledWhole(layer, 'GlobalMaxPool');

export const exportGlobalAveragePooling2d: LayerExporter<SpecOf<'globalAveragePooling2d'>> = (layer) =>
  pooledWhole(layer, 'GlobalAveragePool');

function pooledWhole(
  layer: LayerExport<SpecOf<'globalMaxPooling2d' | 'globalAveragePooling2d'>>,
  op: string,
): Value {
  const { input, scope, spec } = layer;
  const pixel = scope.add(op, [input.in('nchw')]);
  return outputOf(layer, 'nchw', spec.keepdims ? pixel : scope.within('flatten').add('Flatten', [pixel]));
}
