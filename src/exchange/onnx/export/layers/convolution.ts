import type { Layer } from '../../../../nn/layers/layer.ts';
import type { Tensor } from '../../../../nn/parameters.ts';
import { windowGeometry, type Padding, type Pair } from '../../../../nn/shape.ts';
import { hwioToOihw } from '../../../kernels.ts';
import { int, ints, type Attributes } from '../graphWriter.ts';
import {
  activatedOutput,
  weightOf,
  writtenBias,
  written,
  type LayerExport,
  type LayerExporter,
  type SpecOf,
} from '../layerExport.ts';

/** How a window moves over images. */
interface Window {
  readonly window: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilation?: Pair | undefined;
}

/** The attributes that convolutions and poolings share. */
export function windowAttributes({ name, inputShapes }: Layer, moving: Window): Attributes {
  const { window, strides, padding, dilation } = moving;
  const { margins } = windowGeometry(inputShapes[0]!, window, strides, padding, name, dilation);
  return {
    kernel_shape: ints(window),
    strides: ints(strides),
    pads: ints([margins.top, margins.left, margins.bottom, margins.right]),
    ...(dilation && { dilations: ints(dilation) }),
  };
}

export const exportConv2d: LayerExporter<SpecOf<'conv2d'>> = (layer) => {
  const kernel = written(layer, 'kernel', hwioToOihw(weightOf(layer, 'kernel')));
  const inputs = [layer.input.in('nchw'), kernel, ...writtenBias(layer)];
  const output = layer.scope.add('Conv', inputs, convolving(layer, layer.spec.groups ?? 1));
  return activatedOutput(layer, 'nchw', output);
};

export const exportDepthwiseConv2d: LayerExporter<SpecOf<'depthwiseConv2d'>> = (layer) => {
  const kernel = written(layer, 'kernel', depthwiseKernel(weightOf(layer, 'kernel')));
  const inputs = [layer.input.in('nchw'), kernel, ...writtenBias(layer)];
  return activatedOutput(
    layer,
    'nchw',
    layer.scope.add('Conv', inputs, convolving(layer, layer.input.shape[2]!)),
  );
};

export const exportSeparableConv2d: LayerExporter<SpecOf<'separableConv2d'>> = (layer) => {
  const { input, scope } = layer;
  const depthwise = written(layer, 'depthwise_kernel', depthwiseKernel(weightOf(layer, 'depthwise_kernel')));
  const between = scope
    .within('depthwise')
    .add('Conv', [input.in('nchw'), depthwise], convolving(layer, input.shape[2]!));
  const pointwise = written(layer, 'pointwise_kernel', hwioToOihw(weightOf(layer, 'pointwise_kernel')));
  const output = scope.add('Conv', [between, pointwise, ...writtenBias(layer)], {
    kernel_shape: ints([1, 1]),
  });
  return activatedOutput(layer, 'nchw', output);
};

/** [height, width, channels, multiplier] as [channels · multiplier, 1, height, width], each channel's filters together. */
function depthwiseKernel({ shape, data }: Tensor): Tensor {
  const [height, width, channels, multiplier] = shape as readonly [number, number, number, number];
  return hwioToOihw({ shape: [height, width, 1, channels * multiplier], data });
}

function convolving(
  { layer, spec }: LayerExport<SpecOf<'conv2d' | 'depthwiseConv2d' | 'separableConv2d'>>,
  groups: number,
): Attributes {
  const { kernelSize: window, strides, padding, dilationRate: dilation } = spec;
  return {
    ...windowAttributes(layer, { window, strides, padding, dilation }),
    ...(groups > 1 && { group: int(groups) }),
  };
}
