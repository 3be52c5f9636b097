/** Average pooling on every build, against float64. */
import { describe, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { averagePooling2dBackward, averagePooling2dForward } from '../reference/averagePooling2d.ts';
import { uniform } from '../reference/data.ts';
import { expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import { clippedBorders, windows, type WindowPadding } from '../reference/windows.ts';
import { Bench, BUILDS, memoize, runShared, type Build, type PlacedView } from './harness.ts';

interface Case {
  readonly input: readonly [number, number];
  readonly channels: number;
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: WindowPadding;
}

const WINDOWS = [
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 5],
  [2, 3],
  [4, 1],
] as const;
const STRIDES = [
  [1, 1],
  [2, 2],
  [3, 3],
  [1, 3],
] as const;
const PADDINGS = ['same', 'valid'] as const;
const SQUARE: Case = { input: [6, 6], channels: 4, window: [2, 2], strides: [2, 2], padding: 'valid' };
const cases: readonly Case[] = [
  ...WINDOWS.flatMap((window) =>
    STRIDES.flatMap((strides) =>
      [...PADDINGS, ...clippedBorders([7, 6], window, strides)].map((padding): Case => ({
        input: [7, 6],
        channels: 5,
        window,
        strides,
        padding,
      })),
    ),
  ),
  ...[1, 3, 4, 7, 8, 16, 17, 20, 37].flatMap((channels): Case[] => [
    { ...SQUARE, channels },
    { ...SQUARE, channels, window: [3, 3], padding: 'same' },
  ]),
  { ...SQUARE, input: [17, 13], window: [3, 3], strides: [1, 1], padding: 'same' },
  { ...SQUARE, input: [7, 7], window: [7, 7], strides: [1, 1] },
  // Windows that are larger than the image, and larger strides than windows.
  { ...SQUARE, input: [1, 1], window: [4, 4], padding: 'same' },
  { ...SQUARE, input: [2, 3], window: [5, 7], strides: [1, 1], padding: 'same' },
  { ...SQUARE, input: [9, 11], window: [2, 2], strides: [3, 4] },
];

const BATCH = 2;
const MARGINS = { top: 1, left: 2, bottom: 1, right: 1 };

function prepare(c: Case) {
  const pooling = { ...windows(BATCH, c.input, c.window, c.strides, c.padding), channels: c.channels };
  const { inputHeight, inputWidth, height, width, windowHeight, windowWidth, strideY, strideX } = pooling;
  const references = memoize(() => {
    const input = uniform('input', BATCH * inputHeight * inputWidth * c.channels);
    const dOutput = uniform('dOutput', BATCH * height * width * c.channels);
    const taps = windowHeight * windowWidth;
    const covering = Math.ceil(windowHeight / strideY) * Math.ceil(windowWidth / strideX);
    return {
      input,
      dOutput,
      output: averagePooling2dForward(pooling, Float64Array.from(input)),
      dInput: averagePooling2dBackward(pooling, Float64Array.from(dOutput)),
      // As many additions as terms, and a division or a factor that is itself rounded.
      outputTolerance: sumTolerances(taps + 1, averagePooling2dForward(pooling, magnitudes(input))),
      dInputTolerance: sumTolerances(covering + 2, averagePooling2dBackward(pooling, magnitudes(dOutput))),
    };
  });
  const name = `${c.input.join('×')}×${c.channels}, window ${c.window.join('×')}, strides ${c.strides.join('×')}, ${String(c.padding)}`;
  return { name, pooling, references };
}

const place = ({ address, image, row }: PlacedView): number[] => [address, image, row];

function check(build: Build, { pooling, references }: ReturnType<typeof prepare>): void {
  const { input, dOutput, output, dInput, outputTolerance, dInputTolerance } = references();
  const { inputHeight, inputWidth, height, width, channels } = pooling;
  const window = [pooling.windowHeight, pooling.windowWidth, pooling.strideY, pooling.strideX];
  window.push(pooling.padTop, pooling.padLeft);
  const bench = new Bench(BATCH);
  const from = bench.inputView(BATCH, [inputHeight, inputWidth, channels], MARGINS, input);
  const gradient = bench.inputView(BATCH, [height, width, channels], MARGINS, dOutput);
  const to = bench.outputView(BATCH, BATCH, [height, width, channels], MARGINS);
  const dIn = bench.outputView(BATCH, BATCH, [inputHeight, inputWidth, channels], MARGINS);
  bench.start(build);
  const forward = [...place(from), inputHeight, inputWidth, channels, ...window, ...place(to), height, width];
  const backward = [...place(gradient), height, width, channels, ...window];
  backward.push(...place(dIn), inputHeight, inputWidth);
  const program: Instruction[] = [
    { label: 'forward', kernel: 'averagePool2dForward', arguments: forward, items: BATCH * height },
    { label: 'dInput', kernel: 'averagePool2dBackward', arguments: backward, items: BATCH * inputHeight },
  ];
  const [y, dx] = runShared(bench, program, () => [bench.read(to, BATCH), bench.read(dIn, BATCH)]);
  expectWithin('output', y!, output, outputTolerance);
  expectWithin('dInput', dx!, dInput, dInputTolerance);
}

const prepared = cases.map(prepare);

describe.each(BUILDS)('average pooling, %s', (build) => {
  it.each(prepared)('$name', (one) => {
    check(build, one);
  });
});
