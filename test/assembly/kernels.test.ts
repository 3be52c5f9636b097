/** The kernels that move, pack and add up, on every build: each called by itself. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { NO_MARGINS, size } from '../../src/nn/shape.ts';
import { bytes, integers, uniform } from '../reference/data.ts';
import { expectEqual, expectWithin, magnitudes, sumTolerances } from '../reference/tolerance.ts';
import { Bench, BUILDS, instantiate, runShared, type Build } from './harness.ts';

const call = (kernel: string, args: Instruction['arguments'], items: number): readonly Instruction[] => [
  { label: kernel, kernel, arguments: args, items },
];

const MARGINS = { top: 1, left: 2, bottom: 1, right: 3 };

/** Runs one call and reads `length` float32 at an address. */
function floatsAfter(
  build: Build,
  bench: Bench,
  program: readonly Instruction[],
  address: number,
  length: number,
): Float32Array {
  bench.start(build);
  return runShared(bench, program, () => [bench.floats(address, length).slice()])[0]!;
}

// The debug build begins with the texts of its assertions, which nobody reads here.
const RELEASES = [...BUILDS.filter((build) => build !== 'debug'), 'simd-shared', 'relaxed-shared'];

describe.each(RELEASES)('memoryStart, %s', (build) => {
  it('leaves what is above 2 KiB to the plan', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: build.endsWith('shared') });
    const start = instantiate(build, memory).memoryStart!();
    expect(start).toBeGreaterThanOrEqual(0);
    expect(start).toBeLessThanOrEqual(2048);
  });
});

describe.each(BUILDS)('bytesToFloats, %s', (build) => {
  // Lengths of rows around a vector of four.
  const cases = (
    [
      [1, 1, 256, 1],
      [4, 8, 8, 1],
      [3, 5, 7, 3],
      [2, 1, 1, 1],
      [17, 2, 3, 5],
    ] as const
  ).flatMap((each) => [[255, ...each] as const, [1, ...each] as const]);

  it.each(cases)(
    'divides by %i with one rounding: %i × [%i, %i, %i]',
    (divisor, batch, height, width, channels) => {
      const shape = [height, width, channels];
      const length = batch * size(shape);
      const source = length === 256 ? Uint8Array.from({ length }, (_, i) => i) : bytes('pixels', length);
      const bench = new Bench(batch);
      const from = bench.input(source);
      const view = bench.outputView(batch, batch, shape, MARGINS);
      bench.start(build);
      const args = [from, height, width * channels, divisor, view.address, view.image, view.row];
      const program = call('bytesToFloats', args, batch * height);
      const [floats] = runShared(bench, program, () => [bench.read(view, batch)]);
      expect(floats).toEqual(Float32Array.from(source, (value) => Math.fround(value / divisor)));
    },
  );
});

describe.each(BUILDS)('copyFloats, %s', (build) => {
  it.each([
    [1, 1, 1, 1],
    [3, 5, 7, 3],
    [2, 4, 4, 4],
  ])('copies between margins: %i × [%i, %i, %i]', (batch, height, width, channels) => {
    const shape = [height, width, channels];
    const source = uniform('source', batch * size(shape));
    const bench = new Bench(batch);
    const from = bench.input(source);
    const view = bench.outputView(batch, batch, shape, MARGINS);
    bench.start(build);
    const args = [from, height, width * channels, view.address, view.image, view.row];
    const program = call('copyFloats', args, batch * height);
    const [floats] = runShared(bench, program, () => [bench.read(view, batch)]);
    expect(floats).toEqual(source);
  });
});

describe.each(BUILDS)('packFilter, %s', (build) => {
  it.each([
    [1, 1],
    [7, 7],
    [8, 8],
    [9, 9],
    [16, 24],
    [17, 20],
  ])('makes panels of %i columns in rows of %i', (columns, row) => {
    const depth = 5;
    const filter = uniform('filter', depth * row);
    const bias = uniform('bias', columns);
    const expected: number[] = [];
    for (let panel = 0; panel < Math.ceil(columns / 8); panel++) {
      for (let k = -1; k < depth; k++) {
        for (let j = panel * 8; j < panel * 8 + 8; j++) {
          if (j >= columns) expected.push(0);
          else expected.push(k < 0 ? bias[j]! : filter[k * row + j]!);
        }
      }
    }
    const bench = new Bench(1);
    const filterAddress = bench.input(filter);
    const biasAddress = bench.input(bias);
    const panels = bench.output(expected.length * 4);
    const args = [filterAddress, row * 4, biasAddress, depth, columns, panels];
    const program = call('packFilter', args, Math.ceil(columns / 8));
    expect([...floatsAfter(build, bench, program, panels, expected.length)]).toEqual(expected);
  });
});

describe.each(BUILDS)('packFilterTransposed, %s', (build) => {
  it.each([
    [1, 1, 1],
    [3, 8, 8],
    [9, 5, 5],
    [9, 5, 15],
    [17, 4, 8],
  ])('takes every other tap, counted down, of %i inputs and %i of %i outputs', (inputs, outputs, row) => {
    // Of a 5×4 kernel, the rows 4, 2, 0 and the columns 3, 1.
    const filter = uniform('filter', 5 * 4 * inputs * row);
    const expected: number[] = [];
    for (let panel = 0; panel < Math.ceil(inputs / 8); panel++) {
      for (let j = 0; j < 8; j++) expected.push(0);
      for (const ky of [4, 2, 0]) {
        for (const kx of [3, 1]) {
          for (let output = 0; output < outputs; output++) {
            for (let input = panel * 8; input < panel * 8 + 8; input++) {
              expected.push(input < inputs ? filter[((ky * 4 + kx) * inputs + input) * row + output]! : 0);
            }
          }
        }
      }
    }
    const bench = new Bench(1);
    const from = bench.input(filter);
    const panels = bench.output(expected.length * 4);
    const args = [from, row * 4, 4, inputs, outputs, 4, 3, 2, 2, 3, 2, panels];
    const program = call('packFilterTransposed', args, Math.ceil(inputs / 8));
    expect([...floatsAfter(build, bench, program, panels, expected.length)]).toEqual(expected);
  });
});

describe.each(BUILDS)('reluBackward, %s', (build) => {
  const run = (channels: number, relu: boolean, inPlace: boolean): void => {
    const batch = 3;
    const shape = [2, 3, channels];
    const length = batch * size(shape);
    const output = integers('output', length).map((value) => Math.max(0, value));
    const dOutput = uniform('dOutput', length);
    const bench = new Bench(batch);
    const value = bench.inputView(batch, shape, MARGINS, output);
    let gradient = bench.inputView(batch, shape, NO_MARGINS, dOutput);
    let to = bench.outputView(batch, batch, shape, { top: 2, left: 0, bottom: 0, right: 1 });
    if (inPlace) {
      const address = bench.state(dOutput);
      gradient = { ...gradient, address };
      to = gradient;
    }
    bench.start(build);
    const args = [
      gradient.address,
      gradient.image,
      gradient.row,
      value.address,
      value.image,
      value.row,
      to.address,
      to.image,
      to.row,
      2,
      3 * channels,
      relu ? 1 : 0,
    ];
    const [result] = runShared(bench, call('reluBackward', args, batch * 2), () => [bench.read(to, batch)]);
    expectEqual(
      'dInput',
      result!,
      dOutput.map((d, i) => (!relu || output[i]! > 0 ? d : 0)),
    );
  };

  it.each([1, 2, 3, 4, 5, 8])('passes gradients where the output is above zero: %i channels', (channels) => {
    run(channels, true, false);
    run(channels, true, true);
  });

  it('only copies without a ReLU', () => {
    run(5, false, false);
  });
});

describe.each(BUILDS)('sumShards, %s', (build) => {
  it.each([
    [1, 1, 1, 1],
    [16, 3, 10, 10],
    [16, 4, 8, 8],
    [5, 7, 13, 26],
    [3, 5, 4, 12],
    [2, 1, 64, 64],
  ])('adds %i shards of [%i, %i] in order, into rows of %i', (shards, rows, columns, row) => {
    const pitch = Math.ceil(columns / 8) * 8;
    const shardFloats = (rows + 1) * pitch;
    const partials = uniform('partials', shards * shardFloats);
    const expected = new Float64Array(rows * columns);
    const magnitude = new Float64Array(rows * columns);
    // In float32 and in order: the very bits.
    const inOrder = new Float32Array(rows * columns);
    const absolute = magnitudes(partials);
    for (let shard = 0; shard < shards; shard++) {
      for (let i = 0; i < rows * columns; i++) {
        const at = shard * shardFloats + Math.floor(i / columns) * pitch + (i % columns);
        expected[i]! += partials[at]!;
        magnitude[i]! += absolute[at]!;
        inOrder[i]! += partials[at]!;
      }
    }
    const bench = new Bench(1);
    const from = bench.input(partials);
    const to = bench.output(rows * row * 4);
    const program = call('sumShards', [from, shards, shardFloats * 4, columns, to, row * 4], rows);
    const written = floatsAfter(build, bench, program, to, rows * row);
    const sums = written.filter((_, i) => i % row < columns);
    expect(written.filter((_, i) => i % row >= columns)).toEqual(
      new Float32Array(rows * (row - columns)).fill(NaN),
    );
    expectWithin('sums', sums, expected, sumTolerances(shards, magnitude));
    expect(sums).toEqual(inOrder);
  });
});

describe.each(BUILDS)('sumRows, %s', (build) => {
  it.each([1, 2, 17])('adds up %i values in their order', (rows) => {
    const values = Float64Array.from(uniform('values', rows), Math.exp);
    const bench = new Bench(1);
    const from = bench.input(values);
    const target = bench.output(8);
    bench.start(build);
    for (const threads of [1, 3]) {
      bench.run(call('sumRows', [from, rows, target], 1), threads);
      expect(bench.doubles(target, 1)[0]).toBe(values.reduce((sum, term) => sum + term, 0));
    }
  });
});

describe.each(BUILDS)('barrier, %s', (build) => {
  it('lets a team of one pass', () => {
    const bench = new Bench(1);
    const state = bench.input(new Int32Array(2));
    bench.start(build);
    bench.run([{ label: 'barrier', kernel: 'barrier', arguments: [state], items: 0 }], 1);
  });
});
