/** Dense layers on every build, through the plan of a layer, around the edges of tiles (4 × 8) and chunks (64). */
import { describe, expect, it } from 'vitest';
import { dense } from '../../src/nn/spec.ts';
import { backwardBias } from '../reference/conv2d.ts';
import { integers, uniform } from '../reference/data.ts';
import { denseBackwardInput, denseBackwardKernel, denseForward } from '../reference/dense.ts';
import { reluForward } from '../reference/relu.ts';
import { expectEqual, expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import { BUILDS, memoize } from './harness.ts';
import { layerOf, runLayer, type LayerCase } from './runLayer.ts';

interface Case {
  readonly batch: number;
  readonly count?: number;
  readonly inputs: number;
  readonly units: number;
  readonly relu?: boolean;
}

const SIZES = [1, 3, 4, 5, 7, 8, 9, 31, 64];
const cases: readonly Case[] = [
  ...SIZES.flatMap((inputs) => SIZES.map((units): Case => ({ batch: 5, inputs, units }))),
  ...[1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 129].map((batch): Case => ({
    batch,
    inputs: 6,
    units: 10,
    relu: true,
  })),
  { batch: 20, count: 17, inputs: 16, units: 16 },
  { batch: 64, count: 1, inputs: 5, units: 3 },
  // Blocks of one tile: 1,100 inputs packed take more than 16 KiB.
  { batch: 9, inputs: 1100, units: 10, relu: true },
  { batch: 3, inputs: 257, units: 131 },
  { batch: 2, inputs: 3, units: 1100 },
];

const RESULTS = ['output', 'dInput', 'dKernel', 'dBias'] as const;

function prepare(c: Case) {
  const { batch, count = batch, inputs, units, relu } = c;
  const run = (generate: (name: string, length: number) => Float32Array): LayerCase => ({
    layer: layerOf([dense({ name: 'dense', units, activation: relu ? 'relu' : 'linear' })], [inputs]),
    batch,
    count,
    input: generate('input', batch * inputs),
    kernel: generate('kernel', inputs * units),
    bias: generate('bias', units),
    dOutput: generate('dOutput', batch * units),
  });
  const reference = (
    { input, kernel, bias, dOutput }: LayerCase,
    take: (values: Float32Array) => Float64Array,
  ) => {
    const layer = { batch: count, inputs, units };
    const x = take(input.subarray(0, count * inputs));
    const gradient = take(dOutput.subarray(0, count * units));
    const output = denseForward(layer, x, take(kernel!), take(bias!));
    return {
      output: relu ? reluForward(output) : output,
      dInput: denseBackwardInput(layer, take(kernel!), gradient),
      dKernel: denseBackwardKernel(layer, x, gradient),
      dBias: backwardBias(units, gradient),
    };
  };
  return {
    name: `${count} of ${batch}, ${inputs} → ${units}${relu ? ', relu' : ''}`,
    roundings: { output: inputs + 1, dInput: units + 1, dKernel: count, dBias: count },
    exact: memoize(() => {
      const exact = run(integers);
      return { run: exact, expected: reference(exact, (values) => Float64Array.from(values)) };
    }),
    rounded: memoize(() => {
      const real = run(uniform);
      return {
        run: real,
        expected: reference(real, (values) => Float64Array.from(values)),
        magnitude: reference(real, magnitudes),
      };
    }),
  };
}

const prepared = cases.map(prepare);

describe.each(BUILDS)('dense, %s', (build) => {
  it.each(prepared)('$name', ({ roundings, exact, rounded }) => {
    const ofIntegers = runLayer(build, exact().run);
    const ofReals = runLayer(build, rounded().run);
    for (const key of RESULTS) {
      expectEqual(`${key} of integers`, ofIntegers[key], exact().expected[key]);
      const tolerance = sumTolerances(roundings[key], rounded().magnitude[key]);
      expectWithin(key, ofReals[key], rounded().expected[key], tolerance);
    }
  });

  it('reads nothing behind its input and dOutput', () => {
    for (const batch of [1, 2, 3, 4, 5]) {
      const { run } = prepare({ batch, inputs: 7, units: 9 }).rounded();
      const expected = runLayer(build, run);
      for (const last of ['input', 'dOutput'] as const) {
        expect(runLayer(build, { ...run, last })).toEqual(expected);
      }
    }
  });
});
