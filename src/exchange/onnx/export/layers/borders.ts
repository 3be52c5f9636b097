import { marginsOf } from '../../../../nn/shape.ts';
import { inPlace, type LayerExporter, type SpecOf } from '../layerExport.ts';
import { axisIn } from '../value.ts';

export const exportZeroPadding2d: LayerExporter<SpecOf<'zeroPadding2d'>> = (layer) =>
  inPlace(layer, (name, layout) => {
    const { top, left, bottom, right } = marginsOf(layer.spec.padding);
    const [begins, ends] = [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    const [y, x] = [0, 1].map((axis) => axisIn(layout, layer.input.shape, axis)) as [number, number];
    [begins[y], begins[x], ends[y], ends[x]] = [top, left, bottom, right];
    return layer.scope.add('Pad', [name, layer.scope.integers('pads', [...begins, ...ends])]);
  });

export const exportCropping2d: LayerExporter<SpecOf<'cropping2d'>> = (layer) =>
  inPlace(layer, (name, layout) => {
    const { top, left } = marginsOf(layer.spec.cropping);
    const [height, width] = layer.layer.outputShape as [number, number, number];
    const axes = [0, 1].map((axis) => axisIn(layout, layer.input.shape, axis));
    const bounds = [
      layer.scope.integers('starts', [top, left]),
      layer.scope.integers('ends', [top + height, left + width]),
      layer.scope.integers('axes', axes),
    ];
    return layer.scope.add('Slice', [name, ...bounds]);
  });
