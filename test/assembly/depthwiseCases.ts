/** Depthwise convolutions to test, and what they need around their images. */
import type { Margins } from '../../src/nn/shape.ts';
import type { DepthwiseConv2d } from '../reference/depthwiseConv2d.ts';
import { BORDERS, windows, type WindowPadding } from '../reference/windows.ts';

type Pair = readonly [number, number];

export interface Case {
  readonly batch?: number;
  readonly input: Pair;
  readonly inputs: number;
  readonly multiplier?: number;
  readonly window?: Pair;
  readonly strides?: Pair;
  readonly dilation?: Pair;
  readonly padding?: WindowPadding;
  readonly shards?: number;
  /** Without, there is no bias. */
  readonly bias?: boolean;
  readonly range?: Pair;
}

const WINDOWS: readonly Pair[] = [
  [1, 1],
  [3, 3],
  [5, 5],
  [2, 3],
  [3, 2],
  [4, 1],
  [1, 7],
];
const STRIDES: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [2, 1],
  [1, 3],
];
export const CASES: readonly Case[] = [
  // Around tiles of four and of seven outputs.
  ...[1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 14, 15].flatMap((width): Case[] => [
    { input: [3, width], inputs: 5 },
    { input: [3, width], inputs: 8, window: [2, 2] },
  ]),
  // Around vectors of four channels.
  ...[1, 2, 3, 4, 6, 7, 8, 9, 17, 23, 33].flatMap((inputs): Case[] => [
    { input: [4, 6], inputs },
    { input: [7, 8], inputs, window: [5, 4], strides: [2, 2] },
  ]),
  ...WINDOWS.flatMap((window) =>
    STRIDES.flatMap((strides) =>
      ['same' as const, 'valid' as const, ...BORDERS].map((padding): Case => ({
        input: [7, 9],
        inputs: 6,
        window,
        strides,
        padding,
      })),
    ),
  ),
  ...[2, 3, 4, 5].flatMap((multiplier): Case[] => [
    { input: [4, 5], inputs: 3, multiplier },
    { input: [5, 9], inputs: 5, multiplier, strides: [2, 2], window: [3, 5] },
    { input: [3, 4], inputs: 1, multiplier, padding: 'valid' },
    { input: [7, 8], inputs: 4, multiplier, dilation: [2, 2] },
    ...BORDERS.map((padding): Case => ({ input: [5, 6], inputs: 3, multiplier, padding })),
  ]),
  { input: [8, 9], inputs: 4, dilation: [2, 2] },
  { input: [8, 9], inputs: 5, dilation: [1, 3], padding: 'valid' },
  { input: [8, 9], inputs: 5, dilation: [2, 1], window: [3, 3] },
  // Keras refuses both, the kernels do not.
  { input: [9, 11], inputs: 4, dilation: [2, 2], strides: [2, 2] },
  { input: [9, 11], inputs: 4, dilation: [3, 2], strides: [2, 3], window: [3, 4] },
  { input: [9, 11], inputs: 4, dilation: [2, 4], strides: [4, 2], window: [3, 3] },
  // More columns between windows than they have, and fewer than the stride in all.
  { input: [5, 7], inputs: 4, window: [1, 2], strides: [3, 3] },
  { input: [2, 1], inputs: 4, window: [1, 1], strides: [3, 2] },
  // Pixels that compete for the cache, and more rows than are copied at a time.
  { batch: 1, input: [3, 9], inputs: 512 },
  { batch: 1, input: [19, 4], inputs: 512, strides: [2, 2] },
  { batch: 1, input: [4, 3], inputs: 512, padding: BORDERS[2]! },
  { batch: 1, input: [9, 3], inputs: 256, multiplier: 2 },
  { batch: 1, input: [10, 3], inputs: 512, dilation: [2, 2], padding: 'valid', window: [3, 2] },
  { batch: 1, input: [2, 2], inputs: 1, multiplier: 512 },
  { input: [17, 5], inputs: 35, multiplier: 2 },
  { batch: 1, input: [23, 5], inputs: 19, multiplier: 3, strides: [2, 3] },
  { batch: 1, input: [6, 6], inputs: 4, shards: 4 },
  { batch: 5, input: [3, 5], inputs: 9, shards: 3 },
  { input: [5, 6], inputs: 7, bias: false },
  { input: [5, 6], inputs: 7, range: [0, 0.75] },
  { input: [5, 9], inputs: 2, range: [-0.25, Infinity], window: [2, 2] },
];

export const geometry = (c: Case): DepthwiseConv2d => {
  const { batch = 2, input, window = [3, 3], strides = [1, 1], padding = 'same' } = c;
  const dilation = c.dilation ?? [1, 1];
  const extent = window.map((taps, i) => (taps - 1) * dilation[i]! + 1);
  return {
    ...windows(batch, input, extent, strides, padding),
    windowHeight: window[0],
    windowWidth: window[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    inputs: c.inputs,
    multiplier: c.multiplier ?? 1,
  };
};

/** What lies beyond the input under windows. */
export const inputMargins = (g: DepthwiseConv2d): Margins => ({
  top: g.padTop,
  left: g.padLeft,
  bottom: Math.max(
    0,
    (g.height - 1) * g.strideY + (g.windowHeight - 1) * g.dilationY + 1 - g.padTop - g.inputHeight,
  ),
  right: Math.max(
    0,
    (g.width - 1) * g.strideX + (g.windowWidth - 1) * g.dilationX + 1 - g.padLeft - g.inputWidth,
  ),
});

/** What lies beyond dOutput where inputs meet taps. */
export const gradientMargins = (g: DepthwiseConv2d): Margins => ({
  top: Math.max(0, Math.ceil(((g.windowHeight - 1) * g.dilationY - g.padTop) / g.strideY)),
  left: Math.max(0, Math.ceil(((g.windowWidth - 1) * g.dilationX - g.padLeft) / g.strideX)),
  bottom: Math.max(0, Math.floor((g.padTop + g.inputHeight - 1) / g.strideY) - g.height + 1),
  right: Math.max(0, Math.floor((g.padLeft + g.inputWidth - 1) / g.strideX) - g.width + 1),
});

/** What the kernels say they need of scratch. */
export function scratchFloats(g: DepthwiseConv2d): number {
  const { inputs, multiplier, windowHeight, windowWidth, strideY, strideX, dilationY, dilationX } = g;
  const crowded = (inputs * multiplier) % 512 === 0;
  if (multiplier === 1 && !crowded) return 0;
  const chunk = Math.max(32, multiplier);
  const [reachY, reachX] = [(windowHeight - 1) * dilationY, (windowWidth - 1) * dilationX];
  const taps = windowHeight * windowWidth;
  const pixels = (7 * strideY + reachY + 1) * ((g.width - 1) * strideX + reachX + 1);
  const input = (taps + pixels) * chunk + 3;
  const dOutput = (8 * g.width + 1) * chunk + 4;
  const sums = multiplier > 1 ? (Math.ceil(g.inputWidth / strideX) * inputs + 4) * multiplier : 0;
  const rows = Math.floor((7 + reachY) / strideY) + 1;
  const columns = Math.floor((g.inputWidth - 1 + reachX) / strideX) + 1;
  const copy = crowded ? (taps + rows * columns) * chunk : 0;
  return Math.max(input + dOutput, sums + copy);
}

/** A title. */
export const describeCase = (c: Case): string => {
  const { batch = 2, input, inputs, multiplier = 1, window = [3, 3], strides = [1, 1] } = c;
  return (
    `${batch} × ${input.join('×')}×${inputs}·${multiplier}, ${window.join('×')}, strides ${strides.join('×')}, ` +
    `dilation ${(c.dilation ?? [1, 1]).join('×')}, ${String(c.padding ?? 'same')}`
  );
};
