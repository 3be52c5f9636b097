/** Depthwise convolution, forward and backward, on every build, against float64. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/engine/program.ts';
import type { Margins } from '../../src/nn/shape.ts';
import { backwardBias } from '../reference/conv2d.ts';
import { integers, uniform } from '../reference/data.ts';
import {
  depthwiseBackwardFilter,
  depthwiseBackwardInput,
  depthwiseForward,
  type DepthwiseConv2d,
} from '../reference/depthwiseConv2d.ts';
import { expectEqual, expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import {
  CASES,
  describeCase,
  geometry,
  gradientMargins,
  inputMargins,
  scratchFloats,
  type Case,
} from './depthwiseCases.ts';
import { Bench, BUILDS, memoize, runShared, type Build, type PlacedView } from './harness.ts';

interface Values {
  readonly input: Float32Array;
  readonly filter: Float32Array;
  readonly bias: Float32Array;
  readonly dOutput: Float32Array;
}

function values(g: DepthwiseConv2d, draw: (name: string, length: number) => Float32Array): Values {
  const outputs = g.inputs * g.multiplier;
  return {
    input: draw('input', g.batch * g.inputHeight * g.inputWidth * g.inputs),
    filter: draw('filter', g.windowHeight * g.windowWidth * outputs),
    bias: draw('bias', outputs),
    dOutput: draw('dOutput', g.batch * g.height * g.width * outputs),
  };
}

interface Result<T> {
  readonly output: T;
  readonly dInput: T;
  readonly dFilter: T;
  readonly dBias: T;
}

/** In float64, of given values or of their magnitudes. */
function reference(g: DepthwiseConv2d, c: Case, v: Values, of: typeof magnitudes): Result<Float64Array> {
  const [input, filter, dOutput] = [of(v.input), of(v.filter), of(v.dOutput)];
  const bias = of(c.bias === false ? v.bias.map(() => 0) : v.bias);
  return {
    output: depthwiseForward(g, input, filter, bias),
    dInput: depthwiseBackwardInput(g, filter, dOutput),
    dFilter: depthwiseBackwardFilter(g, input, dOutput),
    dBias: backwardBias(bias.length, dOutput),
  };
}

/** Runs all three passes; `last` says which view ends where memory does. */
function run(build: Build, c: Case, v: Values, last?: 'input' | 'dOutput'): Result<Float32Array> {
  const g = geometry(c);
  const { batch, inputs, multiplier } = g;
  const outputs = inputs * multiplier;
  const taps = g.windowHeight * g.windowWidth;
  const shards = c.shards ?? 2;
  const bench = new Bench(batch);
  const place = (name: 'input' | 'dOutput', shape: readonly number[], margins: Margins): PlacedView =>
    last === name
      ? bench.lastView(batch, shape, margins, v[name])
      : bench.inputView(batch, shape, margins, v[name]);
  const inputShape = [g.inputHeight, g.inputWidth, inputs];
  const outputShape = [g.height, g.width, outputs];
  const input = place('input', inputShape, inputMargins(g));
  const dOutput = place('dOutput', outputShape, gradientMargins(g));
  const output = bench.outputView(batch, batch, outputShape, { top: 1, left: 2, bottom: 0, right: 1 });
  const dInput = bench.outputView(batch, batch, inputShape, { top: 2, left: 1, bottom: 1, right: 0 });
  const filter = bench.input(v.filter);
  const bias = c.bias === false ? 0 : bench.input(v.bias);
  const partialBytes = (taps + 1) * Math.ceil(outputs / 8) * 32;
  const partials = bench.output(shards * partialBytes);
  const gradients = bench.output((taps + 1) * outputs * 4);
  // Threads run one after the other here, so one scratch serves them all.
  const scratch = bench.output(4 * scratchFloats(g));
  const firstTap = input.address - g.padTop * input.row - g.padLeft * input.pixel;
  const taken = [
    ...[firstTap, input.image, input.row, g.windowHeight, g.windowWidth],
    ...[g.strideY, g.strideX, g.dilationY, g.dilationX],
    ...[inputs, multiplier],
  ];
  const program: Program = [
    {
      label: 'forward',
      kernel: 'depthwiseForward',
      arguments: [
        ...taken,
        ...[filter, bias, output.address, output.image, output.row, g.height, g.width],
        ...(c.range ?? [-Infinity, Infinity]),
        scratch,
      ],
      items: batch * g.height,
    },
    {
      label: 'dInput',
      kernel: 'depthwiseBackwardInput',
      arguments: [
        ...[dOutput.address, dOutput.image, dOutput.row, g.windowHeight, g.windowWidth],
        ...[g.strideY, g.strideX, g.dilationY, g.dilationX, g.padTop, g.padLeft, inputs, multiplier],
        ...[filter, dInput.address, dInput.image, dInput.row, g.inputHeight, g.inputWidth],
        scratch,
      ],
      items: batch * g.inputHeight,
    },
    {
      label: 'dFilter',
      kernel: 'depthwiseBackwardFilter',
      arguments: [
        ...taken,
        ...[dOutput.address, dOutput.image, dOutput.row, batch, g.height, g.width, shards, partials],
        scratch,
      ],
      items: shards,
    },
    {
      label: 'sum',
      kernel: 'sumShards',
      arguments: [partials, shards, partialBytes, outputs, gradients, outputs * 4],
      items: taps + 1,
    },
  ];
  bench.start(build);
  const [y, dx, dw] = runShared(bench, program, () => [
    bench.read(output, batch),
    bench.read(dInput, batch),
    bench.floats(gradients, (taps + 1) * outputs).slice(),
  ]);
  return {
    output: y!,
    dInput: dx!,
    dFilter: dw!.subarray(0, taps * outputs),
    dBias: dw!.subarray(taps * outputs),
  };
}

function prepare(c: Case) {
  const g = geometry(c);
  const [low, high] = c.range ?? [-Infinity, Infinity];
  const clamped = (result: Result<Float64Array>): Result<Float64Array> => ({
    ...result,
    output: result.output.map((value) => Math.min(high, Math.max(low, value))),
  });
  return {
    name: describeCase(c),
    c,
    real: memoize(() => {
      const v = values(g, uniform);
      const sizes = reference(g, c, v, magnitudes);
      const taps = g.windowHeight * g.windowWidth;
      // A row in a register, then row after row, then the shards.
      const rounds = g.width + g.batch * g.height + (c.shards ?? 2);
      const tolerance: Result<Float64Array> = {
        output: sumTolerances(taps + 1, sizes.output),
        dInput: sumTolerances(taps + g.multiplier, sizes.dInput),
        dFilter: sumTolerances(rounds, sizes.dFilter),
        dBias: sumTolerances(rounds, sizes.dBias),
      };
      const expected = clamped(reference(g, c, v, (each) => Float64Array.from(each)));
      return { v, expected, tolerance };
    }),
    whole: memoize(() => {
      const v = values(g, integers);
      return { v, expected: clamped(reference(g, c, v, (each) => Float64Array.from(each))) };
    }),
  };
}

const cases = CASES.map(prepare);
const PASSES = ['output', 'dInput', 'dFilter', 'dBias'] as const;

describe.each(BUILDS)('depthwise convolution, %s', (build) => {
  it.each(cases)('$name', ({ c, real, whole }) => {
    const { v, expected, tolerance } = real();
    const actual = run(build, c, v);
    for (const pass of PASSES) expectWithin(pass, actual[pass], expected[pass], tolerance[pass]);
    const exact = run(build, c, whole().v);
    for (const pass of PASSES) expectEqual(pass, exact[pass], whole().expected[pass]);
  });

  it('reads nothing behind its input and dOutput', () => {
    for (const { c, real } of cases.filter((_, i) => i % 3 === 0)) {
      const expected = run(build, c, real().v);
      for (const last of ['input', 'dOutput'] as const) {
        expect(run(build, c, real().v, last)).toEqual(expected);
      }
    }
  });

  it('lets NaN through its clamp, in its channel only', () => {
    const c: Case = { batch: 1, input: [4, 5], inputs: 5, range: [0, 6] };
    const v = values(geometry(c), uniform);
    v.input[2] = NaN;
    const { output } = run(build, c, v);
    output.forEach((value, i) => {
      const [x, y] = [Math.floor(i / 5) % 5, Math.floor(i / 25)];
      expect(Number.isNaN(value)).toBe(i % 5 === 2 && x < 2 && y < 2);
    });
  });
});
