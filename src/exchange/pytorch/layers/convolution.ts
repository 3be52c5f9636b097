/** Convolutions: of images, of each of their channels, of both. */
import type { Conv2dData } from '../../../nn/layers/conv2d.ts';
import type { ConvolutionData } from '../../../nn/layers/convolutionOptions.ts';
import type { DepthwiseConv2dData } from '../../../nn/layers/depthwiseConv2d.ts';
import type { SeparableConv2dData } from '../../../nn/layers/separableConv2d.ts';
import { hasMargins, type Pair } from '../../../nn/shape.ts';
import { activationExpression } from './activation.ts';
import { callText, followed, isSymmetric, named, padStep, sizeText } from './python.ts';
import type { Place, Step, TorchLayer, Writer } from './torchLayer.ts';
import { paddingOf } from './windows.ts';
import { convolutionKernel, depthwiseKernel, perValue } from './weights.ts';

export const conv2d: TorchLayer<Conv2dData> = {
  order: 'plain',
  modules: ({ kernelSize, filters, groups = 1, useBias = true }, { inputShapes: [input] }) => [
    {
      kind: 'convolution',
      parameters: [
        convolutionKernel('kernel', [...kernelSize, input![2]! / groups, filters]),
        ...(useBias ? [perValue('bias', 'bias', filters)] : []),
      ],
    },
  ],
  steps: (spec, place, writer) => {
    const { filters, groups = 1, useBias = true } = spec;
    const steps = convolutionSteps({ ...spec, filters, groups, useBias }, place, writer);
    return followed(steps, activationExpression(spec.activation));
  },
};

export const depthwiseConv2d: TorchLayer<DepthwiseConv2dData> = {
  order: 'plain',
  modules: ({ kernelSize, depthMultiplier, useBias = true }, { inputShapes: [input] }) => {
    const channels = input![2]!;
    return [
      {
        kind: 'convolution',
        parameters: [
          depthwiseKernel('kernel', [...kernelSize, channels, depthMultiplier]),
          ...(useBias ? [perValue('bias', 'bias', channels * depthMultiplier)] : []),
        ],
      },
    ];
  },
  steps: (spec, place, writer) => {
    const channels = place.inputShapes[0]![2]!;
    const { depthMultiplier, useBias = true } = spec;
    const form = { ...spec, filters: channels * depthMultiplier, groups: channels, useBias };
    return followed(convolutionSteps(form, place, writer), activationExpression(spec.activation));
  },
};

export const separableConv2d: TorchLayer<SeparableConv2dData> = {
  order: 'plain',
  suffixes: ['depthwise', 'pointwise'],
  modules: ({ kernelSize, depthMultiplier, filters, useBias = true }, { inputShapes: [input] }) => {
    const channels = input![2]!;
    return [
      {
        suffix: 'depthwise',
        kind: 'convolution',
        parameters: [depthwiseKernel('depthwise_kernel', [...kernelSize, channels, depthMultiplier])],
      },
      {
        suffix: 'pointwise',
        kind: 'convolution',
        parameters: [
          convolutionKernel('pointwise_kernel', [1, 1, channels * depthMultiplier, filters]),
          ...(useBias ? [perValue('bias', 'bias', filters)] : []),
        ],
      },
    ];
  },
  steps: (spec, place, writer) => {
    const channels = place.inputShapes[0]![2]!;
    const { depthMultiplier, filters, useBias = true } = spec;
    const between = channels * depthMultiplier;
    const form = { ...spec, filters: between, groups: channels, useBias: false };
    const first = convolutionSteps(form, place, writer, 'depthwise');
    const mixing = writer.module(
      callText('nn.Conv2d', [between, filters, 1, useBias ? undefined : 'bias=False']),
      'pointwise',
    );
    return followed([...first, (x) => `${mixing}(${x})`], activationExpression(spec.activation));
  },
};

interface Form extends Pick<ConvolutionData, 'kernelSize' | 'strides' | 'padding' | 'dilationRate'> {
  readonly filters: number;
  readonly groups: number;
  readonly useBias: boolean;
}

/** PyTorch pads alike on opposite sides: what is otherwise is padded beforehand. */
function convolutionSteps(form: Form, place: Place, writer: Writer, suffix?: string): readonly Step[] {
  const { kernelSize, strides, dilationRate = [1, 1], filters, groups, useBias } = form;
  const input = place.inputShapes[0]!;
  const margins = paddingOf(form, place);
  const alike = isSymmetric(margins);
  const sides: Pair = [margins.top, margins.left];
  const module = writer.module(
    callText('nn.Conv2d', [
      input[2],
      filters,
      sizeText(kernelSize),
      named('stride', unlessOne(strides)),
      named('padding', alike && hasMargins(margins) ? sizeText(sides) : undefined),
      named('dilation', unlessOne(dilationRate)),
      named('groups', groups > 1 ? String(groups) : undefined),
      named('bias', useBias ? undefined : 'False'),
    ]),
    suffix,
  );
  const convolve: Step = (x) => `${module}(${x})`;
  return alike ? [convolve] : [padStep(margins), convolve];
}

function unlessOne(sizes: Pair): string | undefined {
  return sizes.every((each) => each === 1) ? undefined : sizeText(sizes);
}
