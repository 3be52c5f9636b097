/** Upsampling on every build: copies, and sums whose order is known, so that the bits are. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { uniform } from '../reference/data.ts';
import { Bench, BUILDS, runShared, type PlacedView } from './harness.ts';

const CASES = [
  ...[1, 3, 4, 5, 8, 16, 17, 37].map((channels) => [3, 5, channels, 2, 2] as const),
  [1, 1, 4, 1, 1],
  [2, 3, 6, 3, 1],
  [2, 3, 6, 1, 3],
  [5, 4, 19, 3, 5],
] as const;

const BATCH = 2;
const MARGINS = { top: 1, left: 2, bottom: 1, right: 1 };
const place = ({ address, image, row }: PlacedView): number[] => [address, image, row];

describe.each(BUILDS)('upsampling, %s', (build) => {
  it.each(CASES)('%i×%i×%i by %i×%i', (height, width, channels, factorY, factorX) => {
    const input = uniform('input', BATCH * height * width * channels);
    const dOutput = uniform('dOutput', input.length * factorY * factorX);
    const bench = new Bench(BATCH);
    const small = [height, width, channels];
    const large = [height * factorY, width * factorX, channels];
    const from = bench.inputView(BATCH, small, MARGINS, input);
    const gradient = bench.inputView(BATCH, large, MARGINS, dOutput);
    const to = bench.outputView(BATCH, BATCH, large, MARGINS);
    const dIn = bench.outputView(BATCH, BATCH, small, MARGINS);
    bench.start(build);
    const tail = [height, width, channels, factorY, factorX];
    const call = (kernel: string, args: readonly number[]): Instruction => ({
      label: kernel,
      kernel,
      arguments: [...args, ...tail],
      items: BATCH * height,
    });
    const program = [
      call('upSampleForward', [...place(from), ...place(to)]),
      call('upSampleBackward', [...place(gradient), ...place(dIn)]),
    ];
    const [y, dx] = runShared(bench, program, () => [bench.read(to, BATCH), bench.read(dIn, BATCH)]);
    // Row by row of the large image: each block's values come in row-major order.
    const expected = new Float32Array(dOutput.length);
    const dInput = new Float32Array(input.length);
    for (let i = 0; i < dOutput.length; i++) {
      const pixel = Math.floor(i / channels);
      const row = Math.floor(pixel / large[1]!);
      const source = Math.floor(row / factorY) * width + Math.floor((pixel % large[1]!) / factorX);
      const at = source * channels + (i % channels);
      expected[i] = input[at]!;
      dInput[at]! += dOutput[i]!;
    }
    expect(y).toEqual(expected);
    expect(dx).toEqual(dInput);
  });
});
