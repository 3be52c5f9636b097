/** Max pooling on every build. It only compares and copies, so its results equal the reference's exactly. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { size } from '../../src/nn/shape.ts';
import { maxPooling2d } from '../../src/nn/spec.ts';
import { integers, uniform } from '../reference/data.ts';
import { maxPooling2dBackward, maxPooling2dForward } from '../reference/maxPooling2d.ts';
import { expectEqual } from '../reference/tolerance.ts';
import { clippedBorders, windows, type WindowPadding } from '../reference/windows.ts';
import { BUILDS, memoize } from './harness.ts';
import { layerOf, runLayer, withArguments, type LayerCase } from './runLayer.ts';

interface Case {
  readonly batch: number;
  readonly count?: number;
  readonly input: readonly [number, number];
  readonly channels: number;
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: WindowPadding;
}

const PAIRS = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [2, 3],
  [4, 1],
] as const;
const windowsAndStrides = PAIRS.flatMap((window) =>
  [[1, 1] as const, [2, 2] as const, [3, 3] as const, [1, 3] as const].flatMap((strides) =>
    ['same' as const, 'valid' as const, ...clippedBorders([7, 6], window, strides)].map((padding): Case => ({
      batch: 3,
      input: [7, 6],
      channels: 5,
      window,
      strides,
      padding,
    })),
  ),
);
const PLAIN = { batch: 2, window: [2, 2], strides: [2, 2], padding: 'valid' } as const;
const others: readonly Case[] = [
  ...[1, 3, 4, 5, 8, 17, 33, 64].map((channels): Case => ({ ...PLAIN, input: [6, 4], channels })),
  // Overlapping windows, around a vector, two and four.
  ...[1, 3, 4, 8, 11, 16, 17, 36].flatMap((channels): Case[] => [
    { ...PLAIN, input: [7, 6], channels, window: [3, 3], padding: 'same' },
    { ...PLAIN, input: [6, 5], channels, window: [3, 3], strides: [1, 1] },
  ]),
  ...[1, 3, 17].map((batch): Case => ({ ...PLAIN, batch, input: [4, 6], channels: 3 })),
  { ...PLAIN, batch: 20, count: 17, input: [5, 5], channels: 4 },
  { ...PLAIN, input: [32, 31], channels: 4 },
  { ...PLAIN, input: [1, 1], channels: 1, window: [4, 4], padding: 'same' },
  { ...PLAIN, input: [1, 5], channels: 2, window: [1, 2], strides: [1, 2], padding: 'same' },
  // As many windows as would tile the input without what lies in front of it, and such as tile both.
  ...[5, 6].map((side): Case => ({
    ...PLAIN,
    input: [side, side],
    channels: 5,
    window: [3, 3],
    strides: [3, 3],
    padding: [
      [1, 0],
      [1, 0],
    ],
  })),
];

/** Whether the kernel also masks the gradient as a ReLU in front of the pooling would. */
function masks(relu: boolean): (instruction: Instruction) => Instruction {
  return (instruction) => withArguments(instruction, 'maxPool2dBackward', { relu: relu ? 1 : 0 });
}

function prepare(c: Case) {
  const { batch, count = batch, input: shape, channels, window, strides, padding } = c;
  const compute = (relu: boolean) => {
    const spec = maxPooling2d({ name: 'pool', poolSize: window, strides, padding });
    const layer = layerOf([spec], [...shape, channels]);
    const length = batch * size(layer.inputShape);
    // Integers have many ties and many zeros; below zero nothing passes a ReLU.
    const values = integers('input', length);
    const dOutput = uniform('dOutput', batch * size(layer.outputShape));
    const pooling = { ...windows(count, shape, window, strides, padding), channels };
    const { output, winners } = maxPooling2dForward(
      pooling,
      Float64Array.from(values.subarray(0, count * size(layer.inputShape))),
    );
    // Windows that overlap add up gradients: whole numbers, so that they do so exactly.
    const rounded = dOutput.map((value) => Math.round(value * 1000));
    const passed = Float64Array.from(rounded.subarray(0, output.length), (gradient, i) =>
      relu && output[i]! <= 0 ? 0 : gradient,
    );
    const dInput = maxPooling2dBackward(pooling, winners, passed);
    const run: LayerCase = { layer, batch, count, input: values, dOutput: rounded, adjust: masks(relu) };
    return { run, output, dInput };
  };
  return {
    name: `${count} × ${shape.join('×')}×${channels}, window ${window.join('×')}, strides ${strides.join('×')}, ${String(padding)}`,
    linear: memoize(() => compute(false)),
    relu: memoize(() => compute(true)),
  };
}

const cases = [...windowsAndStrides, ...others].map(prepare);

describe.each(BUILDS)('max pooling, %s', (build) => {
  it.each(cases)('$name', ({ linear, relu }) => {
    for (const { run, output, dInput } of [linear(), relu()]) {
      const actual = runLayer(build, run);
      expectEqual('output', actual.output, output);
      expectEqual('dInput', actual.dInput, dInput);
    }
  });

  const pool = (values: readonly number[], channels: number, relu = false) =>
    runLayer(build, {
      layer: layerOf([maxPooling2d({ name: 'pool' })], [2, 2, channels]),
      batch: 1,
      count: 1,
      input: Float32Array.from(values.flatMap((value) => new Array<number>(channels).fill(value))),
      dOutput: new Float32Array(channels).fill(1),
      adjust: masks(relu),
    });

  // 4 channels are a vector, the fifth is on its own.
  it('gives all of the gradient to the first of equals, also below zero', () => {
    for (const [values, winner] of [
      [[-2, -1, -1, -1], 1],
      [[3, 3, 3, 3], 0],
      [[0, -0, 0, 5], 3],
    ] as const) {
      const { dInput } = pool(values, 5);
      const expected = values.flatMap((_, i) => new Array<number>(5).fill(i === winner ? 1 : 0));
      expect([...dInput]).toEqual(expected);
    }
  });

  it('passes no gradient through a ReLU at zero', () => {
    expect([...pool([0, -1, 0, -1], 5, true).dInput]).toEqual(new Array<number>(20).fill(0));
    expect([...pool([0, -1, 0, -1], 1).dInput]).toEqual([1, 0, 0, 0]);
  });

  it('has a result even where all is -Infinity', () => {
    const lowest = new Array<number>(4).fill(-Infinity);
    expect([...pool(lowest, 5).output]).toEqual(new Array<number>(5).fill(-Infinity));
  });

  it('lets NaN through', () => {
    expect([...pool([1, NaN, 2, 3], 5).output]).toEqual(new Array<number>(5).fill(NaN));
  });

  it.each([3, 5, 8, 13])(
    'lets NaN through overlapping windows from every place, with %i channels',
    (channels) => {
      const layer = layerOf([maxPooling2d({ name: 'pool', poolSize: 3, strides: 1 })], [3, 3, channels]);
      for (let place = 0; place < 9 * channels; place++) {
        const input = uniform('input', 9 * channels);
        input[place] = NaN;
        const dOutput = new Float32Array(channels).fill(1);
        const { output } = runLayer(build, { layer, batch: 1, count: 1, input, dOutput });
        expect([...output].findIndex(Number.isNaN)).toBe(place % channels);
      }
    },
  );

  it('reads nothing behind its input and dOutput', () => {
    for (const { linear } of cases.slice(0, 12)) {
      const { run } = linear();
      const expected = runLayer(build, run);
      for (const last of ['input', 'dOutput'] as const) {
        expect(runLayer(build, { ...run, last })).toEqual(expected);
      }
    }
  });
});
