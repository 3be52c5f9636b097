import { size } from '../../../../nn/shape.ts';
import { outputOf, type LayerExporter, type SpecOf } from '../layerExport.ts';
import { isOneOrder, shapeIn, Value } from '../value.ts';

export const exportFlatten: LayerExporter<SpecOf<'flatten'>> = ({ input, scope }) => {
  const { shape } = input;
  if (shape.length === 1) return input;
  if (!isOneOrder(shape)) return Value.flattened(scope, input);
  return Value.of(scope, [size(shape)], 'nhwc', scope.add('Flatten', [input.in(input.layout)]));
};

/** In the order height, width, channels, wherever that is another one than channels, height, width. */
export const exportReshape: LayerExporter<SpecOf<'reshape'>> = (layer) => {
  const { input, scope } = layer;
  const { outputShape } = layer.layer;
  const from = input.shape.length === 3 && isOneOrder(input.shape) ? input.layout : 'nhwc';
  const to = isOneOrder(outputShape) ? 'nchw' : 'nhwc';
  const shape = scope.integers('shape', [-1, ...shapeIn(to, outputShape)]);
  return outputOf(layer, to, scope.add('Reshape', [input.in(from), shape]));
};
