import type { Pair } from '../../../../nn/shape.ts';
import { CHANNELS_FIRST, type Site } from '../site.ts';
import type { Constant, Feature } from '../value.ts';
import { floats } from '../weights.ts';
import { paddingOption, windowOf } from '../windows.ts';
import type { Operators } from './operator.ts';

export const convolutions: Operators = {
  Conv: {
    notes:
      '`conv2d`, or `depthwiseConv2d` where each channel is a group. Two dimensions; strides or dilations, not both.',
    read: readConvolution,
  },
};

function readConvolution(site: Site): Feature {
  const { layer, shape } = site.images(site.feature(0));
  const kernel = site.constant(1);
  if (kernel?.shape.length !== 4) {
    throw site.refused(
      `its weights are [${kernel?.shape.join(', ') ?? ''}]; only convolutions of two dimensions are supported.`,
    );
  }
  const [filters, perGroup, height, width] = kernel.shape as [number, number, number, number];
  const groups = site.int('group', 1);
  const channels = shape[2]!;
  if (perGroup * groups !== channels || filters % groups !== 0 || filters * height * width === 0) {
    throw site.refused(
      `its weights [${kernel.shape.join(', ')}] in ${groups} groups do not fit an input of ${channels} channels.`,
    );
  }
  const window = windowOf(site, shape, [height, width]);
  const bias = site.numbers(2);
  if (bias && bias.length !== filters) {
    throw site.refused(`it has ${bias.length} biases for ${filters} filters.`);
  }
  const options = {
    kernelSize: window.size,
    strides: window.strides,
    padding: paddingOption(window, shape),
    dilationRate: window.dilations,
    ...(!bias && { useBias: false }),
  };
  const isDepthwise = groups === channels && channels > 1;
  const multiplier = filters / channels;
  const weights = {
    kernel: {
      shape: [height, width, ...(isDepthwise ? [channels, multiplier] : [perGroup, filters])],
      data: channelsLast(site, kernel, [height, width]),
    },
    ...(bias && { bias: { shape: [filters], data: Float32Array.from(bias) } }),
  };
  const convolution = isDepthwise
    ? site.layer('depthwiseConv2d', [layer], { ...options, depthMultiplier: multiplier }, weights)
    : site.layer('conv2d', [layer], { ...options, filters, groups }, weights);
  return site.output(convolution, CHANNELS_FIRST);
}

/** [out, in, height, width] as [height, width, in, out]; of depthwise ones, whose outputs are grouped by channel, too. */
function channelsLast(site: Site, kernel: Constant, [height, width]: Pair): Float32Array {
  const [filters, inputs] = kernel.shape as [number, number];
  const from = floats(site, kernel);
  const to = new Float32Array(from.length);
  const taps = height * width;
  for (let filter = 0; filter < filters; filter++) {
    for (let input = 0; input < inputs; input++) {
      const start = (filter * inputs + input) * taps;
      for (let tap = 0; tap < taps; tap++) {
        to[(tap * inputs + input) * filters + filter] = from[start + tap]!;
      }
    }
  }
  return to;
}
