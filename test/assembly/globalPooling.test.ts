/** Global pooling on every build, against float64. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { NO_MARGINS } from '../../src/nn/shape.ts';
import { integers, uniform } from '../reference/data.ts';
import {
  globalAverageForward,
  globalMaxBackward,
  globalMaxForward,
  type GlobalPooling2d,
} from '../reference/globalPooling2d.ts';
import { expectEqual, expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build, type PlacedView } from './harness.ts';

const SHAPES = [
  ...[1, 3, 4, 5, 8, 17].map((channels) => [3, 5, channels] as const),
  ...[1, 2, 3, 4, 7, 8, 9].map((width) => [2, width, 6] as const),
  [1, 1, 4],
  [31, 33, 5],
] as const;

const BATCH = 3;
const MARGINS = { top: 1, left: 2, bottom: 1, right: 1 };
const place = ({ address, image, row }: PlacedView): number[] => [address, image, row];

type Shape3 = readonly [height: number, width: number, channels: number];

interface Result {
  readonly output: Float32Array;
  readonly dInput: Float32Array;
}

function run(
  build: Build,
  kind: 'Average' | 'Max',
  [height, width, channels]: Shape3,
  input: Float32Array,
  dOutput: Float32Array,
): Result {
  const batch = dOutput.length / channels;
  const bench = new Bench(batch);
  const from = bench.inputView(batch, [height, width, channels], MARGINS, input);
  const gradient = bench.inputView(batch, [1, 1, channels], { ...NO_MARGINS, right: 1 }, dOutput);
  const to = bench.outputView(batch, batch, [1, 1, channels], MARGINS);
  const dIn = bench.outputView(batch, batch, [height, width, channels], MARGINS);
  bench.start(build);
  const vectors = [gradient.address, gradient.image];
  const saved = kind === 'Max' ? [to.address, to.image, ...place(from)] : [];
  const tail = [height, width, channels];
  const call = (direction: string, args: readonly number[]): Instruction => ({
    label: direction,
    kernel: `global${kind}${direction}`,
    arguments: [...args, ...tail],
    items: batch,
  });
  const program = [
    call('Forward', [...place(from), to.address, to.image]),
    call('Backward', [...vectors, ...saved, ...place(dIn)]),
  ];
  const [output, dInput] = runShared(bench, program, () => [bench.read(to, batch), bench.read(dIn, batch)]);
  return { output: output!, dInput: dInput! };
}

const sizes = ([height, width, channels]: Shape3): GlobalPooling2d => ({
  batch: BATCH,
  pixels: height * width,
  channels,
});

describe.each(BUILDS)('global average, %s', (build) => {
  it.each(SHAPES)('%i×%i×%i', (...shape) => {
    const pooling = sizes(shape);
    const { pixels, channels } = pooling;
    const input = uniform('input', BATCH * pixels * channels);
    const dOutput = uniform('dOutput', BATCH * channels);
    const { output, dInput } = run(build, 'Average', shape, input, dOutput);
    const tolerance = sumTolerances(pixels + 1, globalAverageForward(pooling, magnitudes(input)));
    expectWithin('output', output, globalAverageForward(pooling, Float64Array.from(input)), tolerance);
    const expected = Float32Array.from(dInput, (_, i) => {
      const at = Math.floor(i / (pixels * channels)) * channels + (i % channels);
      return dOutput[at]! / pixels;
    });
    expectEqual('dInput', dInput, expected);
  });
});

describe.each(BUILDS)('global maximum, %s', (build) => {
  const check = (shape: Shape3, input: Float32Array): Result => {
    const pooling = sizes(shape);
    const dOutput = uniform('dOutput', BATCH * pooling.channels);
    const result = run(build, 'Max', shape, input, dOutput);
    const values = Float64Array.from(input);
    // toEqual, unlike expectEqual, takes NaN for NaN; what is rounded is the division alone.
    expect(result.output).toEqual(Float32Array.from(globalMaxForward(pooling, values)));
    const expected = globalMaxBackward(pooling, values, Float64Array.from(dOutput));
    expect(result.dInput).toEqual(Float32Array.from(expected));
    return result;
  };

  it.each(SHAPES)('%i×%i×%i', (...shape) => {
    const length = BATCH * shape[0] * shape[1] * shape[2];
    check(shape, uniform('input', length));
    // Integers in [−4, 4]: many share the maximum.
    check(shape, integers('input', length));
    check(
      shape,
      integers('input', length).map((value) => value - 10),
    );
  });

  it('lets NaN through wherever it is, and gives all of its image NaN', () => {
    const shape = [3, 7, 5] as const;
    const length = BATCH * 3 * 7 * 5;
    for (let pixel = 0; pixel < 21; pixel++) {
      const input = uniform('input', length);
      for (const channel of [1, 4]) input[(21 + pixel) * 5 + channel] = NaN;
      const { output } = check(shape, input);
      expect([...output].flatMap((value, i) => (Number.isNaN(value) ? [i] : []))).toEqual([6, 9]);
    }
  });

  it('has a result even where all is -Infinity', () => {
    check([2, 3, 5], new Float32Array(BATCH * 30).fill(-Infinity));
  });
});
