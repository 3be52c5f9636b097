import { scalingOf } from '../../../../nn/layers/normalization.ts';
import { listOf } from '../../../../nn/layers/perChannel.ts';
import { float, ints } from '../graphWriter.ts';
import {
  inPlace,
  outputOf,
  written,
  type LayerExport,
  type LayerExporter,
  type SpecOf,
} from '../layerExport.ts';
import type { Value } from '../value.ts';

export const exportBatchNormalization: LayerExporter<SpecOf<'batchNormalization'>> = (layer) => {
  const { input, scope, spec } = layer;
  const channels = input.shape.at(-1)!;
  const filled = (value: number) => ({ shape: [channels], data: new Float32Array(channels).fill(value) });
  const weights = [
    spec.scale ? written(layer, 'gamma') : written(layer, 'gamma', filled(1)),
    spec.center ? written(layer, 'beta') : written(layer, 'beta', filled(0)),
    written(layer, 'moving_mean'),
    written(layer, 'moving_variance'),
  ];
  const attributes = { epsilon: float(spec.epsilon) };
  if (input.shape.length !== 2) {
    const output = scope.add('BatchNormalization', [input.in('nchw'), ...weights], attributes);
    return outputOf(layer, 'nchw', output);
  }
  // The operator takes channels for the first axis behind the batch.
  const perm = ints([0, 2, 1]);
  const first = scope.within('first').add('Transpose', [input.in('nhwc')], { perm });
  const normalized = scope.within('normalized').add('BatchNormalization', [first, ...weights], attributes);
  return outputOf(layer, 'nhwc', scope.add('Transpose', [normalized], { perm }));
};

export const exportRescaling: LayerExporter<SpecOf<'rescaling'>> = (layer) => {
  const channels = layer.input.shape.at(-1)!;
  const { name } = layer.layer;
  return scaled(
    layer,
    listOf(name, 'scale', layer.spec.scale, channels),
    listOf(name, 'offset', layer.spec.offset, channels),
  );
};

export const exportNormalization: LayerExporter<SpecOf<'normalization'>> = (layer) => {
  const { scale, offset } = scalingOf(layer.spec, layer.layer.name, layer.input.shape.at(-1)!);
  return scaled(layer, scale, offset);
};

/** input · scale + offset. @param scale,offset  one number, or one for each channel */
function scaled(layer: LayerExport, scale: readonly number[], offset: readonly number[]): Value {
  const { scope } = layer;
  return inPlace(layer, (name, layout) => {
    const constant = (part: string, values: readonly number[]): string => {
      const behind = layer.input.shape.length === 3 && layout === 'nchw' ? [1, 1] : [];
      const shape = values.length === 1 ? [] : [values.length, ...behind];
      return scope.floats(part, shape, Float32Array.from(values));
    };
    if (offset.every((value) => value === 0)) return scope.add('Mul', [name, constant('scale', scale)]);
    const product = scope.within('product').add('Mul', [name, constant('scale', scale)]);
    return scope.add('Add', [product, constant('offset', offset)]);
  });
}
