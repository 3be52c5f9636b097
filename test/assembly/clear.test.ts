/** Zeros in margins and elsewhere, and other constants, on every build. */
import { describe, expect, it } from 'vitest';
import { Bench, BUILDS, runShared } from './harness.ts';

const BATCH = 3;
const MARGINS = [
  { top: 0, left: 0, bottom: 0, right: 0 },
  { top: 1, left: 1, bottom: 1, right: 1 },
  { top: 2, left: 0, bottom: 0, right: 3 },
  { top: 0, left: 2, bottom: 1, right: 0 },
  { top: 1, left: 2, bottom: 0, right: 1 },
] as const;

describe.each(BUILDS)('clearMargins, %s', (build) => {
  // More channels than a short run has; and rows with room behind, which is nobody's margin.
  it.each([1, 3, 4, 17, 90].flatMap((channels) => [0, 20].map((room) => [channels, room] as const)))(
    'clears all margins and nothing else: %i channels, %i bytes behind a row',
    (channels, room) => {
      for (const { top, left, bottom, right } of MARGINS) {
        const [height, width] = [3, 2];
        const rowFloats = (left + width + right) * channels + room / 4;
        const imageFloats = (top + height + bottom) * rowFloats;
        const before = new Float32Array(BATCH * imageFloats).fill(7);
        const after = before.map((value, i) => {
          const y = Math.floor((i % imageFloats) / rowFloats) - top;
          const x = Math.floor((i % rowFloats) / channels) - left;
          if (x >= width + right) return value;
          return y >= 0 && y < height && x >= 0 && x < width ? value : 0;
        });
        const bench = new Bench(BATCH);
        const address = bench.state(before);
        bench.start(build);
        const view = address + (top * rowFloats + left * channels) * 4;
        const args = [
          view,
          imageFloats * 4,
          rowFloats * 4,
          top,
          left,
          bottom,
          right,
          height,
          width,
          channels,
        ];
        const program = [{ label: 'clear', kernel: 'clearMargins', arguments: args, items: BATCH }];
        const [actual] = runShared(bench, program, () => [bench.floats(address, before.length).slice()]);
        expect(actual).toEqual(after);
      }
    },
  );
});

describe.each(BUILDS)('fillZero, %s', (build) => {
  it.each([1, 2, 33])('clears %i lines', (lines) => {
    const bench = new Bench(1);
    const address = bench.output(lines * 64);
    bench.start(build);
    const program = [{ label: 'zero', kernel: 'fillZero', arguments: [address], items: lines }];
    const [actual] = runShared(bench, program, () => [bench.floats(address, lines * 16).slice()]);
    expect(actual).toEqual(new Float32Array(lines * 16));
  });
});

describe.each(BUILDS)('storeConstants, %s', (build) => {
  it.each([1, 2, 5])('writes four numbers %i times', (vectors) => {
    const bench = new Bench(1);
    const address = bench.output(vectors * 16);
    bench.start(build);
    const args = [address, 1, -2.5, 0.1, 3e8];
    const program = [{ label: 'constants', kernel: 'storeConstants', arguments: args, items: vectors }];
    const [actual] = runShared(bench, program, () => [bench.floats(address, vectors * 4).slice()]);
    expect(actual).toEqual(Float32Array.from({ length: vectors * 4 }, (_, i) => args[1 + (i % 4)]!));
  });
});
