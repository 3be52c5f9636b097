import { string } from '../graphWriter.ts';
import { outputOf, type LayerExporter, type SpecOf } from '../layerExport.ts';

export const exportUpSampling2d: LayerExporter<SpecOf<'upSampling2d'>> = (layer) => {
  const { input, scope, spec } = layer;
  const scales = scope.floats('scales', [4], Float32Array.of(1, 1, ...spec.size));
  // Pixel y of the output is pixel ⌊y / factor⌋ of the input.
  const output = scope.add('Resize', [input.in('nchw'), '', scales], {
    mode: string('nearest'),
    coordinate_transformation_mode: string('asymmetric'),
    nearest_mode: string('floor'),
  });
  return outputOf(layer, 'nchw', output);
};
