/** Dense layers: linear ones of vectors, convolutions by 1×1 kernels of images. */
import type { DenseData } from '../../../nn/layers/dense.ts';
import { activationExpression } from './activation.ts';
import { callText, followed } from './python.ts';
import type { TorchLayer } from './torchLayer.ts';
import { convolutionKernel, linearKernel, perValue } from './weights.ts';

export const dense: TorchLayer<DenseData> = {
  order: 'ends',
  modules: ({ units, useBias = true }, { inputShapes: [input], inputOrders: [rows] }) => {
    const inputs = input!.at(-1)!;
    const isLinear = input!.length === 1;
    const kernel = isLinear
      ? linearKernel('kernel', inputs, units, rows)
      : convolutionKernel('kernel', [1, 1, inputs, units]);
    const bias = useBias ? [perValue('bias', 'bias', units)] : [];
    return [{ kind: isLinear ? 'linear' : 'convolution', parameters: [kernel, ...bias] }];
  },
  steps: ({ units, useBias = true, activation }, { inputShapes: [input] }, writer) => {
    const isLinear = input!.length === 1;
    const module = writer.module(
      callText(isLinear ? 'nn.Linear' : 'nn.Conv2d', [
        input!.at(-1),
        units,
        isLinear ? undefined : 1,
        useBias ? undefined : 'bias=False',
      ]),
    );
    return followed([(x) => `${module}(${x})`], activationExpression(activation));
  },
};
