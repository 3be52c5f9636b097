/** The first layers of image networks, few channels with a pooling behind them: the pass of assembly/convolution/winograd2x2/correlatePooled.ts. */
import { call } from '../../engine/call.ts';
import type { Address } from '../../engine/pointer.ts';
import type { WindowGeometry } from '../shape.ts';
import { place } from '../view.ts';
import { isPlain, type ConvolutionSpec } from './convolutionAlgorithm.ts';
import { firstTap, TILE } from './correlation.ts';
import type { ForwardArguments, ForwardPlan } from './operation.ts';

/** Products in a tile of 2×2 outputs. */
const FREQUENCIES = 16;

/** With more input channels, products weigh more than transforms, and F(4×4, 3×3) has fewer of them. */
const MAX_CHANNELS = 4;

/** Whether the forward pass of a convolution with a 2×2 max pooling behind it can be computed this way. */
export function suitsWinograd2x2(spec: Omit<ConvolutionSpec, 'clamp'>, channels: number): boolean {
  return isPlain(spec, 3) && channels <= MAX_CHANNELS && spec.filters % TILE.columns === 0;
}

/**
 * The forward pass of a convolution and of the 2×2 max pooling behind it, whose output is that of the plan.
 * @param argmax  where the winners go: [batch, height, width, filters] i32
 */
export function planPooledForward(
  { name, filters, clamp }: ConvolutionSpec,
  { margins }: WindowGeometry,
  { context, input, output, weights }: ForwardArguments,
  argmax: Address,
): ForwardPlan {
  const { channels } = input;
  const panels = context.allocate(FREQUENCIES * channels * filters * 4);
  const groups = Math.ceil(output.width / TILE.rows);
  const scratch = context.scratch(128 * (output.width + 1) + groups * (256 * channels + 2048) + 1120);
  return {
    prepare: [
      call('winograd2x2Filter', `${name} pack`, filters / TILE.columns, {
        filter: weights.kernel!,
        inputs: channels,
        outputs: filters,
        panels,
      }),
    ],
    forward: (count) => [
      call('winograd2x2CorrelatePooled', `${name} forward`, count * output.height, {
        ...place('input', { ...input, address: firstTap(input, margins) }),
        inputs: channels,
        filter: panels,
        bias: weights.bias ?? context.zeros(filters * 4),
        ...place('output', output),
        height: output.height,
        width: output.width,
        outputs: filters,
        relu: clamp.floor === 0 ? 1 : 0,
        argmax,
        scratch,
      }),
    ],
  };
}
