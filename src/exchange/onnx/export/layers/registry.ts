/** How each type of layer is written to ONNX: one line each, and the compiler misses those that are not there. */
import type { LayerSpec } from '../../../../nn/spec.ts';
import type { LayerExport, LayerExporter, SpecOf } from '../layerExport.ts';
import type { Value } from '../value.ts';
import { exportActivation, exportLeakyReLU, exportReLU, exportSoftmax } from './activation.ts';
import { exportCropping2d, exportZeroPadding2d } from './borders.ts';
import { exportConv2d, exportDepthwiseConv2d, exportSeparableConv2d } from './convolution.ts';
import { exportDense } from './dense.ts';
import { exportAdd, exportConcatenate, exportMultiply, exportSubtract } from './merge.ts';
import { exportBatchNormalization, exportNormalization, exportRescaling } from './normalization.ts';
import {
  exportAveragePooling2d,
  exportGlobalAveragePooling2d,
  exportGlobalMaxPooling2d,
  exportMaxPooling2d,
} from './pooling.ts';
import { exportFlatten, exportReshape } from './reshape.ts';
import { exportUpSampling2d } from './upSampling2d.ts';

/** Layers that do something in training only: there is nothing of them in the graph. */
const inTrainingOnly: LayerExporter = ({ input }) => input;

const EXPORTERS: { readonly [T in LayerSpec['type']]: LayerExporter<SpecOf<T>> } = {
  conv2d: exportConv2d,
  maxPooling2d: exportMaxPooling2d,
  flatten: exportFlatten,
  dense: exportDense,
  batchNormalization: exportBatchNormalization,
  add: exportAdd,
  subtract: exportSubtract,
  concatenate: exportConcatenate,
  activation: exportActivation,
  reLU: exportReLU,
  leakyReLU: exportLeakyReLU,
  globalAveragePooling2d: exportGlobalAveragePooling2d,
  averagePooling2d: exportAveragePooling2d,
  cropping2d: exportCropping2d,
  depthwiseConv2d: exportDepthwiseConv2d,
  dropout: inTrainingOnly,
  spatialDropout2d: inTrainingOnly,
  globalMaxPooling2d: exportGlobalMaxPooling2d,
  multiply: exportMultiply,
  normalization: exportNormalization,
  rescaling: exportRescaling,
  reshape: exportReshape,
  separableConv2d: exportSeparableConv2d,
  softmax: exportSoftmax,
  upSampling2d: exportUpSampling2d,
  zeroPadding2d: exportZeroPadding2d,
  randomFlip: inTrainingOnly,
  randomTranslation: inTrainingOnly,
  randomRotation: inTrainingOnly,
  randomZoom: inTrainingOnly,
  randomBrightness: inTrainingOnly,
  randomContrast: inTrainingOnly,
  randomSaturation: inTrainingOnly,
  cutout: inTrainingOnly,
  mixUp: inTrainingOnly,
};

/** Writes a layer of any type. @returns its output @throws OptionError if it cannot be expressed */
export function exportLayer(layer: LayerExport): Value {
  return (EXPORTERS[layer.spec.type] as LayerExporter)(layer);
}
