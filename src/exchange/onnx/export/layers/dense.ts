import { hwcToChwRows, hwioToOihw } from '../../../kernels.ts';
import {
  activatedOutput,
  weightOf,
  writtenBias,
  written,
  type LayerExporter,
  type SpecOf,
} from '../layerExport.ts';

type Dense = LayerExporter<SpecOf<'dense'>>;

export const exportDense: Dense = (layer) => {
  const { input } = layer;
  if (input.shape.length === 1) return product(layer);
  return input.shape.length === 3 && input.layout === 'nchw' ? pointwise(layer) : rowByRow(layer);
};

/** Images that have been flattened channels first need no Transpose: the rows of the kernel follow them. */
const product: Dense = (layer) => {
  const { input, scope } = layer;
  const { planar } = input;
  const kernel = weightOf(layer, 'kernel');
  const rows = planar ? hwcToChwRows(kernel, planar.images) : kernel;
  const inputs = [planar?.name ?? input.in('nhwc'), written(layer, 'kernel', rows), ...writtenBias(layer)];
  return activatedOutput(layer, 'nhwc', scope.add('Gemm', inputs));
};

/** Of images channels first: a convolution by 1×1. */
const pointwise: Dense = (layer) => {
  const { shape, data } = weightOf(layer, 'kernel');
  const kernel = written(layer, 'kernel', hwioToOihw({ shape: [1, 1, ...shape], data }));
  const output = layer.scope.add('Conv', [layer.input.in('nchw'), kernel, ...writtenBias(layer)]);
  return activatedOutput(layer, 'nchw', output);
};

/** Of anything else of more than one axis, the last of which are the channels. */
const rowByRow: Dense = (layer) => {
  const [bias] = writtenBias(layer);
  const inputs = [layer.input.in('nhwc'), written(layer, 'kernel')];
  if (bias === undefined) return activatedOutput(layer, 'nhwc', layer.scope.add('MatMul', inputs));
  const output = layer.scope.within('product').add('MatMul', inputs);
  return activatedOutput(layer, 'nhwc', layer.scope.add('Add', [output, bias]));
};
