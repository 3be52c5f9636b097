/** Augmentation on every build, against float64: whole pixels and draws are known to the bit. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { BORDERS } from '../../src/nn/operations/augmentation.ts';
import {
  coloured,
  drawn,
  mixingWeight,
  PLACES,
  sampled,
  type Border,
  type Bounds,
  type Example,
  type Shape3,
} from '../reference/augmentation.ts';
import type { RandomKey } from '../reference/counter.ts';
import { uniform } from '../reference/data.ts';
import { expectEqual, expectWithin, growth } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build, type PlacedView } from './harness.ts';

const BATCH = 5;
const MARGINS = { top: 1, left: 2, bottom: 1, right: 1 };
const KEY: RandomKey = { seedLow: 0xdeadbeef, seedHigh: 17, stream: 3, step: 41 };
const KINDS = { flip: 0, hide: 1, shiftPixels: 2, shift: 3, zoom: 4, zoomEvenly: 5, rotate: 6 } as const;
const COLOURS = { brightness: 0, contrast: 1, saturation: 2 } as const;
const SHAPES: readonly Shape3[] = [
  [1, 1, 1],
  [1, 7, 3],
  [6, 1, 4],
  [5, 6, 3],
  [8, 9, 1],
  [4, 5, 6],
];

const place = ({ address, image, row }: PlacedView): number[] => [address, image, row];
const words = ({ seedLow, seedHigh, stream, step }: RandomKey): number[] => [seedLow, seedHigh, stream, step];
const pixels = (shape: Shape3): Float32Array => uniform('pixels', BATCH * shape[0] * shape[1] * shape[2]);
const imageOf = (values: Float32Array, image: number): Float32Array =>
  values.subarray((image * values.length) / BATCH, ((image + 1) * values.length) / BATCH);

/** What a kernel makes of a batch. @param more  its arguments behind the shape @param after  and behind the words of the key */
function run(
  build: Build,
  kernel: string,
  shape: Shape3,
  input: Float32Array,
  more: (bench: Bench) => readonly number[],
): Float32Array {
  const bench = new Bench(BATCH);
  const from = bench.inputView(BATCH, shape, MARGINS, input);
  const to = bench.outputView(BATCH, BATCH, shape, MARGINS);
  const rest = more(bench);
  bench.start(build);
  const program: Instruction[] = [
    { label: kernel, kernel, arguments: [...place(from), ...place(to), ...shape, ...rest], items: BATCH },
  ];
  return runShared(bench, program, () => [bench.read(to, BATCH)])[0]!;
}

interface Movement {
  readonly kind: keyof typeof KINDS;
  readonly bounds: readonly [Bounds, Bounds];
  readonly border?: Border;
  readonly fill?: number;
  readonly side?: number;
  readonly examples?: readonly Example[];
}

function moved(build: Build, shape: Shape3, input: Float32Array, movement: Movement): Float32Array {
  const { kind, bounds, border = 'reflect', fill = 0.25, side = 0, examples } = movement;
  return run(build, 'augmentGeometry', shape, input, (bench) => [
    KINDS[kind],
    ...bounds.flat(),
    side,
    BORDERS.indexOf(border),
    fill,
    examples ? bench.input(Uint32Array.from(examples.flatMap(({ index, turn }) => [index, turn]))) : 0,
    ...words(KEY),
  ]);
}

const FRACTIONS: readonly Movement[] = [
  {
    kind: 'shift',
    bounds: [
      [-3, 2],
      [-1, 4],
    ],
  },
  {
    kind: 'zoom',
    bounds: [
      [-0.5, 0.7],
      [-0.9, 0.2],
    ],
  },
  {
    kind: 'zoomEvenly',
    bounds: [
      [-0.5, 1],
      [0, 0],
    ],
  },
  {
    kind: 'rotate',
    bounds: [
      [-1, 1],
      [0, 0],
    ],
  },
];
const WHOLE: readonly Movement[] = [
  {
    kind: 'flip',
    bounds: [
      [-1, 1],
      [-1, 1],
    ],
  },
  {
    kind: 'flip',
    bounds: [
      [0, 0],
      [-1, 1],
    ],
  },
  {
    kind: 'shiftPixels',
    bounds: [
      [-3, 4],
      [-2, 3],
    ],
  },
];

describe.each(BUILDS)('augmentGeometry, %s', (build) => {
  const expected = (shape: Shape3, input: Float32Array, movement: Movement): Float64Array => {
    const { kind, bounds, border = 'reflect', fill = 0.25, examples } = movement;
    const images = Array.from({ length: BATCH }, (_, image) => {
      const numbers = drawn(KEY, image, bounds, examples?.[image]);
      const map = PLACES[kind as keyof typeof PLACES](numbers, shape);
      return sampled(imageOf(input, image), shape, map, border, fill);
    });
    return Float64Array.from(images.flatMap((values) => [...values]));
  };

  it.each(SHAPES)('moves whole pixels as they are: %i×%i×%i', (...shape) => {
    const input = pixels(shape);
    for (const movement of WHOLE) {
      for (const border of BORDERS) {
        const actual = moved(build, shape, input, { ...movement, border });
        expectEqual(movement.kind, actual, expected(shape, input, { ...movement, border }));
      }
    }
  });

  // Two steps one after the other, each of a weight, a difference, a product and a sum of numbers up to 2 or 1.
  const tolerance = growth(2 * 7);

  it.each(SHAPES)('interpolates as float64 does: %i×%i×%i', (...shape) => {
    const input = pixels(shape);
    for (const movement of FRACTIONS) {
      for (const border of BORDERS) {
        const wanted = expected(shape, input, { ...movement, border });
        expectWithin(
          `${movement.kind}, ${border}`,
          moved(build, shape, input, { ...movement, border }),
          wanted,
          wanted.map(() => tolerance),
        );
      }
    }
  });

  it('takes a quarter of a turn against the clock', () => {
    const shape: Shape3 = [3, 3, 1];
    const input = Float32Array.from({ length: BATCH * 9 }, (_, i) => i % 9);
    const turned = moved(build, shape, input, {
      kind: 'rotate',
      bounds: [
        [0.25, 0.25],
        [0, 0],
      ],
    });
    expectWithin(
      'turned',
      turned.subarray(0, 9),
      [2, 5, 8, 1, 4, 7, 0, 3, 6],
      new Array<number>(9).fill(1e-5),
    );
  });

  it('hides a square, of which a part may lie outside', () => {
    const shape: Shape3 = [6, 7, 2];
    const input = pixels(shape);
    const bounds: readonly [Bounds, Bounds] = [
      [-1, 5],
      [-1, 6],
    ];
    const actual = moved(build, shape, input, { kind: 'hide', bounds, side: 3, fill: 9 });
    for (let image = 0; image < BATCH; image++) {
      const [top, left] = drawn(KEY, image, bounds).map(Math.floor) as [number, number];
      const wanted = imageOf(input, image).map((value, i) => {
        const [y, x] = [Math.floor(i / 14) - top, (Math.floor(i / 2) % 7) - left];
        return y >= 0 && y < 3 && x >= 0 && x < 3 ? 9 : value;
      });
      expectEqual(`image ${image}`, imageOf(actual, image), wanted);
    }
  });

  it('draws by example, and mirrors it every other time', () => {
    const shape: Shape3 = [2, 5, 3];
    const input = pixels(shape);
    const flip: Movement = {
      kind: 'flip',
      bounds: [
        [0, 0],
        [-1, 1],
      ],
    };
    const at = (turn: number): Example[] => [7, 3, 2 ** 20, 3, 0].map((index) => ({ index, turn }));
    const turns = [0, 1, 2].map((turn) => moved(build, shape, input, { ...flip, examples: at(turn) }));
    turns.forEach((actual, turn) => {
      expectEqual(`turn ${turn}`, actual, expected(shape, input, { ...flip, examples: at(turn) }));
    });
    expect(turns[2]).toEqual(turns[0]);
    const mirrored = moved(build, shape, turns[0]!, {
      kind: 'flip',
      bounds: [
        [0, 0],
        [-1, -1],
      ],
    });
    expect(turns[1]).toEqual(mirrored);
  });
});

describe.each(BUILDS)('augmentColour, %s', (build) => {
  const cases = [
    ['brightness', [-0.5, 0.5], [-1, 1]],
    ['contrast', [0.2, 1.8], [-0.9, 0.8]],
    ['saturation', [0.1, 0.9], [-1, 1]],
    ['saturation', [0, 0], [0, 1]],
  ] as const;

  it.each(SHAPES)('is what float64 says: %i×%i×%i', (...shape) => {
    const input = pixels(shape);
    for (const [kind, bounds, limits] of cases) {
      if (kind === 'saturation' && shape[2] !== 3) continue;
      const actual = run(build, 'augmentColour', shape, input, () => [
        COLOURS[kind],
        ...bounds,
        ...limits,
        ...words(KEY),
      ]);
      for (let image = 0; image < BATCH; image++) {
        const [number] = drawn(KEY, image, [bounds]) as [number];
        const wanted = coloured(imageOf(input, image), shape, kind, number, limits);
        // The factor and what it leaves, both products, their sum; for a mean, as many sums as pixels, and a quotient.
        const roundings = 6 + (kind === 'contrast' ? shape[0] * shape[1] + 1 : 0);
        const magnitude = kind === 'saturation' ? 2 * Math.max(1, number / (1 - number)) + 1 : 3;
        expectWithin(
          `${kind} of image ${image}`,
          imageOf(actual, image),
          wanted,
          wanted.map(() => growth(roundings) * magnitude),
        );
      }
    }
  });

  it('works in place', () => {
    const shape: Shape3 = [3, 5, 3];
    const input = pixels(shape);
    const args = [COLOURS.contrast, 0.2, 1.8, -1, 1, ...words(KEY)];
    const bench = new Bench(BATCH);
    const state = bench.state(input);
    bench.start(build);
    const view = [state, 3 * 5 * 12, 5 * 12];
    const program = [
      { label: '', kernel: 'augmentColour', arguments: [...view, ...view, ...shape, ...args], items: BATCH },
    ];
    const [actual] = runShared(bench, program, () => [bench.floats(state, input.length).slice()]);
    expect(actual).toEqual(run(build, 'augmentColour', shape, input, () => args));
  });
});

describe.each(BUILDS)('mixNeighbours, %s', (build) => {
  it.each([0.01, 0.2, 1])('mixes each image with the next, alpha %d', (alpha) => {
    const shape: Shape3 = [3, 4, 3];
    const input = pixels(shape);
    const actual = run(build, 'mixNeighbours', shape, input, () => [BATCH, alpha, ...words(KEY)]);
    for (let image = 0; image < BATCH; image++) {
      const weight = mixingWeight(KEY, image, alpha);
      const next = imageOf(input, (image + 1) % BATCH);
      const wanted = Float64Array.from(
        imageOf(input, image),
        (value, i) => weight * value + (1 - weight) * next[i]!,
      );
      // The weight, a difference up to 2, a product and a sum.
      expectWithin(
        `image ${image}`,
        imageOf(actual, image),
        wanted,
        wanted.map(() => growth(7)),
      );
    }
  });

  it('draws from Beta(alpha, alpha)', () => {
    const count = 4096;
    for (const alpha of [0.2, 0.5, 1]) {
      const input = Float32Array.from({ length: count }, (_, i) => i % 2);
      const bench = new Bench(count);
      const from = bench.inputView(count, [1, 1, 1], { top: 0, left: 0, bottom: 0, right: 0 }, input);
      const to = bench.outputView(count, count, [1, 1, 1], { top: 0, left: 0, bottom: 0, right: 0 });
      bench.start(build);
      const args = [...place(from), ...place(to), 1, 1, 1, count, alpha, ...words(KEY)];
      bench.run([{ label: '', kernel: 'mixNeighbours', arguments: args, items: count }], 1);
      // Odd images are 1, even ones 0: what comes out is the weight, or what it leaves.
      const weights = bench.read(to, count).map((value, i) => (i % 2 === 1 ? value : 1 - value));
      const mean = weights.reduce((sum, weight) => sum + weight, 0) / count;
      const variance = weights.reduce((sum, weight) => sum + (weight - 0.5) ** 2, 0) / count;
      // Five standard deviations; (weight − ½)² lies between 0 and ¼.
      expect(Math.abs(mean - 0.5)).toBeLessThan((5 * 0.5) / Math.sqrt(count));
      expect(Math.abs(variance - 1 / (4 * (2 * alpha + 1)))).toBeLessThan((5 * 0.125) / Math.sqrt(count));
    }
  });
});
