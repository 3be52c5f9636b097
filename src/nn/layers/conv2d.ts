import { windowGeometry, type Shape } from '../shape.ts';
import type { Conv2dSpec, ConvolutionChoice } from './convolutionAlgorithm.ts';
import { together } from './correlation.ts';
import { im2col } from './im2col.ts';
import type { Layer } from './layer.ts';
import { pooledConvolution, suitsPooling } from './pooledConvolution.ts';
import { suitsWinograd, winograd } from './winograd.ts';

/** @param choice  the algorithm to use where the layer suits it; `auto` is the fastest */
export function conv2dLayer(spec: Conv2dSpec, inputShape: Shape, choice: ConvolutionChoice = 'auto'): Layer {
  const { name, filters, kernelSize, strides, padding, activation } = spec;
  const channels = inputShape[2]!;
  const geometry = windowGeometry(inputShape, kernelSize, strides, padding, name);
  const algorithm = choice !== 'im2col' && suitsWinograd(spec, channels) ? winograd : im2col;
  const passes = algorithm(spec, geometry, inputShape);
  const taps = kernelSize[0] * kernelSize[1];
  const fans = { fanIn: taps * channels, fanOut: taps * filters };
  const layer: Layer = {
    type: spec.type,
    name,
    activation,
    inputShape,
    outputShape: [geometry.height, geometry.width, filters],
    weights: [
      { name: 'kernel', shape: [...kernelSize, channels, filters], initializer: 'glorotUniform', ...fans },
      { name: 'bias', shape: [filters], initializer: 'zeros', ...fans },
    ],
    inputMargins: passes.inputMargins,
    gradientMargins: passes.gradientMargins,
    writesMargins: true,
    masksRelu: false,
    planForward: (plan) => passes.planForward(plan),
    planBackward: (plan) => {
      const filter = passes.planFilterGradient(plan);
      const input = plan.dInput && passes.planInputGradient(plan, plan.dInput);
      return {
        prepare: input?.prepare ?? [],
        backward: (count) => together([filter.backward(count), ...(input?.backward(count) ?? [])]),
        finish: filter.finish,
      };
    },
  };
  if (choice !== 'auto') return layer;
  return {
    ...layer,
    withPooling: (pooling) =>
      suitsPooling(spec) ? pooledConvolution(spec, geometry, passes, layer, pooling) : undefined,
  };
}
