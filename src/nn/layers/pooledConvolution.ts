/** A convolution with the 2×2 max pooling behind it as one layer: see assembly/convolution/pooled/lists.ts. */
import type { Instruction } from '../../engine/program.ts';
import { NO_MARGINS, size, type Margins, type WindowGeometry } from '../shape.ts';
import { is3x3WithStride1, type Conv2dSpec, type ConvolutionAlgorithm } from './convolutionAlgorithm.ts';
import { firstTap, together } from './correlation.ts';
import { planShards, shardsOf } from './filterShards.ts';
import type { BackwardArguments, BackwardPlan, Layer } from './layer.ts';
import { planPooledForward, suitsWinograd2x2 } from './winograd2x2.ts';

/** Whether a convolution and a 2×2 max pooling behind it can be one layer. */
export function suitsPooling(spec: Conv2dSpec): boolean {
  return is3x3WithStride1(spec) && spec.filters % 4 === 0;
}

export function pooledConvolution(
  spec: Conv2dSpec,
  geometry: WindowGeometry,
  algorithm: ConvolutionAlgorithm,
  convolution: Layer,
  pooling: Layer,
): Layer {
  return {
    ...convolution,
    // Its ReLU, if it has one, is applied to the gradient here and nowhere else.
    activation: 'linear',
    outputShape: pooling.outputShape,
    gradientMargins: NO_MARGINS,
    planForward: (plan) => {
      const argmax = plan.context.arena.allocate(plan.context.batch * size(pooling.outputShape) * 4);
      const forward = suitsWinograd2x2(spec, plan.input.channels)
        ? planPooledForward(spec, geometry, plan, argmax)
        : algorithm.planPooledForward(plan, argmax);
      return { ...forward, saved: argmax };
    },
    planBackward: (plan) => planBackward(spec, geometry.margins, plan),
  };
}

function planBackward(spec: Conv2dSpec, margins: Margins, plan: BackwardArguments): BackwardPlan {
  const { name, filters, activation } = spec;
  const { context, input, output, dOutput, dInput, gradients, weights, saved: argmax } = plan;
  const pooled = [
    dOutput.address,
    dOutput.image,
    dOutput.row,
    output.address,
    output.image,
    output.row,
    argmax!,
    activation === 'relu' ? 1 : 0,
  ];
  const groups = Math.ceil(input.channels / 4);
  // Wide builds work on planes of eight channels if they can, all others of four.
  const planePixel = input.channels % 8 === 0 ? 32 : 16;
  const pixels = output.height * output.width;
  const { partials, finish } = planShards(context, name, 9 * input.channels, filters, gradients);
  context.reserveScratch(
    planePixel * (2 * output.height + 2) * (2 * output.width + 2) +
      filters * (12 + 8 * pixels + 64 + 144 * groups),
  );
  const filter = (count: number): Instruction => ({
    label: `${name} dFilter`,
    kernel: 'pooledBackwardFilter',
    arguments: [
      firstTap(input, margins),
      input.image,
      input.row,
      input.channels,
      ...pooled,
      count,
      output.height,
      output.width,
      filters,
      shardsOf(count),
      partials,
      'scratch',
    ],
    items: shardsOf(count),
  });
  if (!dInput) return { prepare: [], backward: (count) => [filter(count)], finish };
  const packed = context.arena.allocate(groups * 144 * filters);
  const planeRow = Math.max(2 * output.width + 2, margins.left + dInput.width);
  const plane = Math.max(2 * output.height + 2, margins.top + dInput.height) * planeRow;
  context.reserveScratch(planePixel * plane + 8 * filters * (pixels + 4) + 16 * pixels + 272);
  const toInput = (count: number): Instruction => ({
    label: `${name} dInput`,
    kernel: 'pooledBackwardInput',
    arguments: [
      ...pooled,
      output.height,
      output.width,
      filters,
      packed,
      dInput.address,
      dInput.image,
      dInput.row,
      dInput.height,
      dInput.width,
      dInput.channels,
      margins.top,
      margins.left,
      'scratch',
    ],
    items: count,
  });
  return {
    prepare: [
      {
        label: `${name} pack`,
        kernel: 'packFilterByOutput',
        arguments: [weights.kernel!, input.channels, filters, packed],
        items: groups,
      },
    ],
    backward: (count) => together([filter(count), toInput(count)]),
    finish,
  };
}
