/** The first layers of image networks, few channels with a pooling behind them: the pass of assembly/convolution/winograd2x2/correlatePooled.ts. */
import type { WindowGeometry } from '../shape.ts';
import { is3x3WithStride1, type Conv2dSpec } from './convolutionAlgorithm.ts';
import { firstTap, TILE } from './correlation.ts';
import type { ForwardArguments, ForwardPlan } from './layer.ts';

/** Products in a tile of 2×2 outputs. */
const FREQUENCIES = 16;

/** With more input channels, products weigh more than transforms, and F(4×4, 3×3) has fewer of them. */
const MAX_CHANNELS = 4;

/** Whether the forward pass of a convolution with a 2×2 max pooling behind it can be computed this way. */
export function suitsWinograd2x2(spec: Conv2dSpec, channels: number): boolean {
  return is3x3WithStride1(spec) && channels <= MAX_CHANNELS && spec.filters % TILE.columns === 0;
}

/**
 * The forward pass of a convolution and of the 2×2 max pooling behind it, whose output is that of the plan.
 * @param argmax  where the winners go: [batch, height, width, filters] i32
 */
export function planPooledForward(
  { name, filters, activation }: Conv2dSpec,
  { margins }: WindowGeometry,
  { context, input, output, weights }: ForwardArguments,
  argmax: number,
): ForwardPlan {
  const { channels } = input;
  const panels = context.arena.allocate(FREQUENCIES * channels * filters * 4);
  const groups = Math.ceil(output.width / TILE.rows);
  context.reserveScratch(128 * (output.width + 1) + groups * (256 * channels + 2048) + 1120);
  return {
    prepare: [
      {
        label: `${name} pack`,
        kernel: 'winograd2x2Filter',
        arguments: [weights.kernel!, channels, filters, panels],
        items: filters / TILE.columns,
      },
    ],
    forward: (count) => [
      {
        label: `${name} forward`,
        kernel: 'winograd2x2CorrelatePooled',
        arguments: [
          firstTap(input, margins),
          input.image,
          input.row,
          channels,
          panels,
          weights.bias!,
          output.address,
          output.image,
          output.row,
          output.height,
          output.width,
          filters,
          activation === 'relu' ? 1 : 0,
          argmax,
          'scratch',
        ],
        items: count * output.height,
      },
    ],
  };
}
