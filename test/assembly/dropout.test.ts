/** Dropout on every build: which values are dropped is known to the bit. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { drops, type RandomKey } from '../reference/counter.ts';
import { uniform } from '../reference/data.ts';
import { Bench, BUILDS, runShared, type Build, type PlacedView } from './harness.ts';

const BATCH = 3;
const MARGINS = { top: 1, left: 2, bottom: 1, right: 1 };
const KEY: RandomKey = { seedLow: 0xdeadbeef, seedHigh: 17, stream: 3, step: 41 };
const place = ({ address, image, row }: PlacedView): number[] => [address, image, row];
const randomness = (rate: number, { seedLow, seedHigh, stream, step }: RandomKey): number[] => [
  Math.round(rate * 2 ** 32),
  1 / (1 - rate),
  seedLow,
  seedHigh,
  stream,
  step,
];

type Kernel = 'dropout' | 'spatialDropout';
type Shape3 = readonly [height: number, width: number, channels: number];

function run(
  build: Build,
  kernel: Kernel,
  [height, width, channels]: Shape3,
  rate: number,
  key: RandomKey,
  input: Float32Array,
  inPlace = false,
): Float32Array {
  const batch = input.length / (height * width * channels);
  const bench = new Bench(batch);
  const row = width * channels * 4;
  const from = bench.inputView(batch, [height, width, channels], MARGINS, input);
  let source = place(from);
  const to = bench.outputView(batch, batch, [height, width, channels], inPlace ? NONE : MARGINS);
  let target = place(to);
  const state = bench.state(input);
  if (inPlace) source = target = [state, height * row, row];
  bench.start(build);
  const extent = kernel === 'dropout' ? [height, width * channels] : [height, width, channels];
  const program: Instruction[] = [
    {
      label: kernel,
      kernel,
      arguments: [...source, ...target, ...extent, ...randomness(rate, key)],
      items: batch * height,
    },
  ];
  const read = (): Float32Array[] => [
    inPlace ? bench.floats(state, input.length).slice() : bench.read(to, batch),
  ];
  return runShared(bench, program, read)[0]!;
}

const NONE = { top: 0, left: 0, bottom: 0, right: 0 };

/** The same, value by value, with the twin of the random bits. */
function expected(
  kernel: Kernel,
  [height, width, channels]: Shape3,
  rate: number,
  key: RandomKey,
  input: Float32Array,
): Float32Array {
  const scale = Math.fround(1 / (1 - rate));
  return input.map((value, i) => {
    const image = Math.floor(i / (height * width * channels));
    const index = kernel === 'dropout' ? i : image * channels + (i % channels);
    return drops(key, index, Math.round(rate * 2 ** 32)) ? 0 : value * scale;
  });
}

const SHAPES: readonly Shape3[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 16, 17, 36].map((channels): Shape3 => [3, 1, channels]),
  [2, 5, 3],
  [3, 4, 21],
];

describe.each(BUILDS)('dropout and spatialDropout, %s', (build) => {
  it.each(SHAPES)('drop what the twin drops: %i×%i×%i', (...shape) => {
    const input = uniform('input', BATCH * shape[0] * shape[1] * shape[2]);
    for (const kernel of ['dropout', 'spatialDropout'] as const) {
      for (const rate of [0, 0.25, 0.5, 0.9]) {
        const wanted = expected(kernel, shape, rate, KEY, input);
        expect(run(build, kernel, shape, rate, KEY, input)).toEqual(wanted);
        expect(run(build, kernel, shape, rate, KEY, input, true)).toEqual(wanted);
      }
    }
  });

  it('depend on each word of the key, at its highest bit too', () => {
    const input = new Float32Array(256).fill(1);
    const seen = new Set<string>();
    for (const part of ['seedLow', 'seedHigh', 'stream', 'step'] as const) {
      for (const flip of [1, 2 ** 31]) {
        const key = { ...KEY, [part]: (KEY[part] ^ flip) >>> 0 };
        const result = run(build, 'dropout', [1, 1, 256], 0.5, key, input);
        expect(result).toEqual(expected('dropout', [1, 1, 256], 0.5, key, input));
        seen.add(result.join());
      }
    }
    expect(seen.size).toBe(8);
  });

  it('make zeros of what is infinite or no number, where they drop it', () => {
    const input = Float32Array.from({ length: 64 }, (_, i) => [NaN, Infinity, -Infinity, -1][i % 4]!);
    const result = run(build, 'dropout', [1, 8, 8], 0.5, KEY, input);
    expect(result).toEqual(expected('dropout', [1, 8, 8], 0.5, KEY, input));
    expect([...result].filter((value) => Object.is(value, 0)).length).toBeGreaterThan(16);
  });

  it('give the gradient to what has been kept, and only to that', () => {
    const shape: Shape3 = [4, 5, 7];
    const input = uniform('input', BATCH * 140, 1, 2);
    const dOutput = uniform('dOutput', BATCH * 140, 1, 2);
    for (const kernel of ['dropout', 'spatialDropout'] as const) {
      const output = run(build, kernel, shape, 0.25, KEY, input);
      const dInput = run(build, kernel, shape, 0.25, KEY, dOutput);
      const scale = Math.fround(1 / 0.75);
      expect(dInput).toEqual(dOutput.map((value, i) => (output[i] === 0 ? 0 : value * scale)));
    }
  });

  it('drop the share that was asked for', () => {
    const count = 1 << 17;
    const input = new Float32Array(count).fill(1);
    for (const rate of [0.001, 0.1, 0.5, 0.8]) {
      const kept = run(build, 'dropout', [1, count, 1], rate, KEY, input).filter((value) => value !== 0);
      // Five standard deviations of a binomial distribution.
      const deviation = Math.sqrt(count * rate * (1 - rate));
      expect(Math.abs(kept.length - count * (1 - rate))).toBeLessThan(5 * deviation);
    }
  });
});
