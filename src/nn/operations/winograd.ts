/** 3×3 and 5×5 convolutions of stride 1 by minimal filtering: the passes of assembly/convolution/winograd. */
import { align } from '../../engine/arena.ts';
import { call, inGrains } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Shape, WindowGeometry } from '../shape.ts';
import { place, type View } from '../view.ts';
import {
  isPlain,
  type ConvolutionAlgorithm,
  type ConvolutionBackward,
  type ConvolutionSpec,
  type FilterGradientPlan,
} from './convolutionAlgorithm.ts';
import { firstTap, TILE } from './correlation.ts';
import { MAX_SHARDS, planShards, shardsOf } from './filterShards.ts';
import type { ForwardArguments, ForwardPlan, PlanContext } from './operation.ts';

/** Points of the interpolation along one side of a tile, which are as many as inputs: of most tiles, and of those of 7×7 outputs. */
const POINTS = 6;
const SEVEN = { outputs: 7, points: 9, channels: 64, tiles: 32 };

/** Bytes that the transforms need for themselves. */
const TRANSFORM_BYTES = 1344;
/** And the outputs of four tiles of 7×7 that are pooled together. */
const POOLED_BYTES = 3136;

/** Bytes of a transformed filter that can come again for every few tiles, from the L2 cache or not far behind. */
const NEAR_FILTER = 4 << 20;

/**
 * How many tiles are transformed before the filter is swept: with a filter that is near, so few that their products stay in the L1
 * cache; with a larger one more, since it is read anew for each block of them.
 */
const TILES_PER_BLOCK = { near: 8, far: 64 };

/** How many items of work there are at least, if there are as many panels of output channels: enough to be shared out evenly. */
const ITEMS = 64;

/** How many tiles are transformed at a time for the gradient of the filter. */
const CHUNK = 64;

/** Whether a convolution can be computed this way. */
export function suitsWinograd(spec: Omit<ConvolutionSpec, 'clamp'>, channels: number): boolean {
  const whole = channels % TILE.columns === 0 && spec.filters % TILE.columns === 0;
  return whole && (isPlain(spec, 3) || isPlain(spec, 5));
}

export function winograd(
  spec: ConvolutionSpec,
  geometry: WindowGeometry,
  inputShape: Shape,
): ConvolutionAlgorithm {
  const { height, width, margins } = geometry;
  const [inputHeight, inputWidth] = inputShape as readonly [number, number, number];
  const { top, left } = margins;
  const [taps] = spec.kernelSize;
  // The gradient of the input looks at dOutput from further back than the forward pass at the input: all taps reach each pixel. If more
  // zeros lie before the input than a window has taps, it starts inside.
  const [above, before] = [taps - 1 - top, taps - 1 - left];
  /** What is read behind an axis of `size` values for so many outputs, if they start `in front` values before it. */
  const behind = (outputs: number, inFront: number, size: number): number =>
    Math.max(0, outputs + taps - 1 - inFront - size);
  return {
    inputMargins: {
      top,
      left,
      bottom: behind(height, top, inputHeight),
      right: behind(width, left, inputWidth),
    },
    gradientMargins: {
      top: Math.max(0, above),
      left: Math.max(0, before),
      bottom: behind(inputHeight, above, height),
      right: behind(inputWidth, before, width),
    },
    hasCeiling: false,
    planForward: (now, plan) => planForward(now, geometry, plan),
    planPooledForward: (now, plan, argmax) => planForward(now, geometry, plan, argmax),
    planFilterGradient: (plan) => planFilterGradient(spec, geometry, plan),
    planInputGradient: ({ context, weights, dOutput }, dInput) => {
      const points = pointsOf(context, {
        taps,
        height: dInput.height,
        width: dInput.width,
        inputs: dOutput.channels,
        outputs: dInput.channels,
      });
      const panels = allocatePanels(context, points, dOutput.channels, dInput.channels);
      const correlate = correlation(context, `${spec.name} dInput`, {
        taps,
        points,
        input: offsetBy(dOutput.address, -above * dOutput.row - before * dOutput.pixel),
        from: dOutput,
        filter: panels,
        bias: 0,
        to: dInput,
        height: dInput.height,
        width: dInput.width,
        relu: false,
        argmax: 0,
      });
      return {
        prepare: [
          transform(context, spec, points, weights.kernel!, dOutput.channels, dInput.channels, true, panels),
        ],
        backward: (count) => [correlate(count)],
      };
    },
  };
}

/** @param argmax  where the winners of a 2×2 max pooling behind it go, if there is one */
function planForward(
  spec: ConvolutionSpec,
  { height, width, margins }: WindowGeometry,
  { context, input, output, weights }: ForwardArguments,
  argmax: Address = 0,
): ForwardPlan {
  const [taps] = spec.kernelSize;
  const points = pointsOf(context, {
    taps,
    height,
    width,
    inputs: input.channels,
    outputs: output.channels,
    pooled: argmax !== 0,
  });
  const panels = allocatePanels(context, points, input.channels, output.channels);
  const correlate = correlation(context, `${spec.name} forward`, {
    taps,
    points,
    input: firstTap(input, margins),
    from: input,
    filter: panels,
    bias: weights.bias ?? 0,
    to: output,
    height,
    width,
    relu: spec.clamp.floor === 0,
    argmax,
  });
  return {
    prepare: [
      transform(context, spec, points, weights.kernel!, input.channels, output.channels, false, panels),
    ],
    forward: (count) => [correlate(count)],
  };
}

/** What is convolved, and into what. */
interface Extent {
  readonly taps: number;
  /** Of the output, before it is pooled. */
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly pooled?: boolean;
}

/**
 * How many points a tile has along a side: nine where tiles of 7×7 fill an output, with so many channels that products are what takes
 * time, and so many tiles that the larger filter does not.
 */
function pointsOf({ batch }: PlanContext, extent: Extent): number {
  const { taps, inputs, outputs, pooled } = extent;
  const [height, width] = tiledExtent(SEVEN.points, extent);
  const filled = taps === 3 && height % SEVEN.outputs === 0 && width % SEVEN.outputs === 0;
  // A pooling's windows lie in one tile or in four.
  const tiles = (height / SEVEN.outputs) * (width / SEVEN.outputs);
  const apart = pooled && tiles > 1 && (height % 2 === 1 || width % 2 === 1);
  const wide = Math.min(inputs, outputs) >= SEVEN.channels && batch * tiles >= SEVEN.tiles;
  return filled && !apart && wide ? SEVEN.points : POINTS;
}

/** Height and width that tiles are to cover. What a pooling leaves over of an odd output is left out, but in a single tile of 7×7. */
function tiledExtent(
  points: number,
  { height, width, pooled }: Pick<Extent, 'height' | 'width' | 'pooled'>,
): readonly [number, number] {
  const single = points === SEVEN.points && height === SEVEN.outputs && width === SEVEN.outputs;
  return pooled && !single ? [height & ~1, width & ~1] : [height, width];
}

function allocatePanels(context: PlanContext, points: number, inputs: number, outputs: number): Address {
  return context.allocate(points * points * inputs * outputs * 4);
}

function transform(
  context: PlanContext,
  { name, kernelSize: [taps] }: ConvolutionSpec,
  points: number,
  kernel: Address,
  inputs: number,
  outputs: number,
  flip: boolean,
  panels: Address,
): Instruction {
  return call('winogradFilter', `${name} pack`, outputs / TILE.columns, {
    filter: kernel,
    inputs,
    outputs,
    taps,
    points,
    flip: flip ? 1 : 0,
    panels,
    scratch: context.scratch(TRANSFORM_BYTES + 32 * taps * taps + 128 * points * points),
  });
}

interface Correlation {
  /** Of the kernel, along a side. */
  readonly taps: number;
  /** Along a side of a tile. */
  readonly points: number;
  /** The address of the first tap of the first output. */
  readonly input: Address;
  readonly from: View;
  readonly filter: Address;
  /** The address of the biases, or 0. */
  readonly bias: Address;
  readonly to: View;
  /** Of what the convolution puts out. */
  readonly height: number;
  readonly width: number;
  readonly relu: boolean;
  /** Where a 2×2 max pooling behind it puts its winners; `to` is then its output. 0 if there is none. */
  readonly argmax: Address;
}

/** Plans a call of `winogradCorrelate`. */
function correlation(
  context: PlanContext,
  label: string,
  { taps, points, input, from, filter, bias, to, height, width, relu, argmax }: Correlation,
): (count: number) => Instruction {
  const frequencies = points * points;
  const filterBytes = frequencies * from.channels * to.channels * 4;
  const tilesPerBlock = TILES_PER_BLOCK[filterBytes > NEAR_FILTER ? 'far' : 'near'];
  const frequencyBytes = tilesPerBlock * (4 * from.channels + 64) + 64;
  const tableBytes = align(12 * tilesPerBlock, 16);
  const scratch = context.scratch(
    TRANSFORM_BYTES + POOLED_BYTES + 64 + tableBytes + frequencies * (128 + frequencyBytes),
  );
  const kinds = tilesOf(...tiledExtent(points, { height, width, pooled: argmax !== 0 }), points + 1 - taps);
  const blocks = (count: number): number =>
    kinds.reduce((sum, tiles) => sum + Math.ceil((count * tiles) / tilesPerBlock), 0);
  return (count) => {
    const groups = Math.min(to.channels / TILE.columns, Math.ceil(ITEMS / blocks(count)));
    const items = blocks(count) * groups;
    // With several kinds of tiles only some of its multiples are where a block ends.
    return call('winogradCorrelate', label, inGrains(items, groups), {
      ...place('input', { ...from, address: input }),
      inputs: from.channels,
      filter,
      bias,
      ...place('output', to),
      batch: count,
      height,
      width,
      outputs: to.channels,
      taps,
      points,
      relu: relu ? 1 : 0,
      argmax,
      tilesPerBlock,
      groups,
      items,
      scratch,
    });
  };
}

/**
 * How many shards the gradient of a filter is summed over: such that each has all the tiles that are transformed at a
 * time, if there are so many.
 * @param tiles  of an image
 */
export function winogradShards(count: number, tiles: number): number {
  return Math.max(1, Math.min(shardsOf(count), Math.round((count * tiles) / CHUNK)));
}

/** How many tiles of each kind an image has: whole ones, and those at its lower edge, its right edge, and its corner. */
function tilesOf(height: number, width: number, side: number): number[] {
  const [down, across] = [Math.floor(height / side), Math.floor(width / side)];
  const [below, beside] = [height % side === 0 ? 0 : 1, width % side === 0 ? 0 : 1];
  return [down * across, below * across, down * beside, below * beside];
}

function planFilterGradient(
  spec: ConvolutionSpec,
  { height, width, margins }: WindowGeometry,
  { context, input, gradients, dOutput }: ConvolutionBackward,
): FilterGradientPlan {
  const [taps] = spec.kernelSize;
  const points = pointsOf(context, { taps, height, width, inputs: input.channels, outputs: spec.filters });
  const frequencies = points * points;
  const tiles = tilesOf(height, width, points + 1 - taps).reduce((sum, each) => sum + each);
  const shardsFor = (count: number): number => winogradShards(count, tiles);
  const depth = taps * taps * input.channels;
  const { partials, finish } = planShards(context, spec.name, depth, spec.filters, gradients, shardsFor);
  const frequencyBytes = CHUNK * (4 * input.channels + 4 * 32) + 64 + 4 * 64;
  const sumBytes = frequencies * (4 * input.channels + 8) * spec.filters;
  const scratch = context.scratch(TRANSFORM_BYTES + 4 * CHUNK + frequencies * frequencyBytes + sumBytes);
  return {
    backward: (count) => {
      const shards = shardsFor(count);
      const groups = Math.min(Math.max(1, Math.floor(MAX_SHARDS / shards)), spec.filters / TILE.columns);
      // Groups of a shard share the transform of its input, if it is one for all tiles.
      const together = Math.ceil(count / shards) * tiles <= CHUNK ? groups : 1;
      return [
        call('winogradBackwardFilter', `${spec.name} dFilter`, inGrains(shards * groups, together), {
          ...place('input', { ...input, address: firstTap(input, margins) }),
          inputs: input.channels,
          ...place('dOutput', dOutput),
          batch: count,
          height: dOutput.height,
          width: dOutput.width,
          outputs: spec.filters,
          taps,
          points,
          chunk: CHUNK,
          shards,
          groups,
          partials,
          scratch,
        }),
      ];
    },
    finish,
  };
}
