/** What the kernels of assembly/augmentation/ compute, one pixel at a time and in float64. */
import { randomWord, type RandomKey } from './counter.ts';

export type Shape3 = readonly [height: number, width: number, channels: number];
export type Bounds = readonly [low: number, high: number];
export type Border = 'constant' | 'nearest' | 'wrap' | 'reflect' | 'mirror';

/** Of an example that alternates: which it is, and how often it has been seen. */
export interface Example {
  readonly index: number;
  readonly turn: number;
}

/** The numbers that an image draws, one for each of the bounds. */
export function drawn(
  key: RandomKey,
  image: number,
  bounds: readonly Bounds[],
  example: Example = { index: image, turn: 0 },
): number[] {
  return bounds.map(([low, high], i) => {
    const word = randomWord(key, 4 * example.index + i);
    const turned = example.turn % 2 === 1 ? (word ^ 0x80000000) >>> 0 : word;
    return low + ((high - low) * turned) / 2 ** 32;
  });
}

/** Where a row or column beyond the border is taken from; −1 for the constant. */
export function wrapped(index: number, extent: number, border: Border): number {
  if (index >= 0 && index < extent) return index;
  switch (border) {
    case 'constant':
      return -1;
    case 'nearest':
      return index < 0 ? 0 : extent - 1;
    case 'wrap':
      return wrapped(index < 0 ? index + extent : index - extent, extent, border);
    case 'reflect':
      return wrapped(index < 0 ? -1 - index : 2 * extent - 1 - index, extent, border);
    case 'mirror':
      return extent === 1 ? 0 : wrapped(index < 0 ? -index : 2 * extent - 2 - index, extent, border);
  }
}

/** Where in the input a pixel of the output is, as row and column. */
export type Place = (y: number, x: number) => readonly [row: number, column: number];

/** An image that is taken from other places of itself. [height, width, channels] */
export function sampled(
  image: ArrayLike<number>,
  [height, width, channels]: Shape3,
  place: Place,
  border: Border,
  fill: number,
): Float64Array {
  const at = (row: number, column: number, c: number): number => {
    const [y, x] = [wrapped(row, height, border), wrapped(column, width, border)];
    return y < 0 || x < 0 ? fill : image[(y * width + x) * channels + c]!;
  };
  return Float64Array.from({ length: height * width * channels }, (_, i) => {
    const [y, x, c] = [Math.floor(i / (width * channels)), Math.floor(i / channels) % width, i % channels];
    const [row, column] = place(y, x);
    const [above, before] = [Math.floor(row), Math.floor(column)];
    const [down, right] = [row - above, column - before];
    const over = at(above, before, c) * (1 - right) + at(above, before + 1, c) * right;
    const under = at(above + 1, before, c) * (1 - right) + at(above + 1, before + 1, c) * right;
    return over * (1 - down) + under * down;
  });
}

/** By which map each kind of movement takes its pixels. */
export const PLACES = {
  flip:
    ([vertical, horizontal]: readonly number[], [height, width]: Shape3): Place =>
    (y, x) => [vertical! < 0 ? height - 1 - y : y, horizontal! < 0 ? width - 1 - x : x],
  shiftPixels:
    ([down, right]: readonly number[]): Place =>
    (y, x) => [y - Math.floor(down!), x - Math.floor(right!)],
  shift:
    ([down, right]: readonly number[]): Place =>
    (y, x) => [y - down!, x - right!],
  zoom:
    ([vertical, horizontal]: readonly number[], [height, width]: Shape3): Place =>
    (y, x) => [about(y, height, 1 + vertical!), about(x, width, 1 + horizontal!)],
  zoomEvenly:
    ([both]: readonly number[], [height, width]: Shape3): Place =>
    (y, x) => [about(y, height, 1 + both!), about(x, width, 1 + both!)],
  rotate: ([turns]: readonly number[], [height, width]: Shape3): Place => {
    const [sine, cosine] = [Math.sin(2 * Math.PI * turns!), Math.cos(2 * Math.PI * turns!)];
    const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
    return (y, x) => [
      middleY + cosine * (y - middleY) + sine * (x - middleX),
      middleX + cosine * (x - middleX) - sine * (y - middleY),
    ];
  },
} as const;

function about(index: number, extent: number, factor: number): number {
  const middle = (extent - 1) / 2;
  return middle + factor * (index - middle);
}

/** One image with another brightness, contrast or saturation. */
export function coloured(
  image: ArrayLike<number>,
  [height, width, channels]: Shape3,
  kind: 'brightness' | 'contrast' | 'saturation',
  number: number,
  [least, most]: Bounds,
): Float64Array {
  const pixels = height * width;
  const values = Array.from(image);
  const mean = (c: number): number =>
    values.filter((_, i) => i % channels === c).reduce((sum, value) => sum + value, 0) / pixels;
  const means = Array.from({ length: channels }, (_, c) => mean(c));
  return Float64Array.from(values, (value, i) => {
    const first = i - (i % channels);
    const largest = Math.max(...values.slice(first, first + channels));
    const factor = number / (1 - number + 1e-7);
    const changed = {
      brightness: value + number,
      contrast: means[i % channels]! + number * (value - means[i % channels]!),
      saturation: largest + factor * (value - largest),
    }[kind];
    return Math.min(Math.max(changed, least), most);
  });
}

/** What an image keeps of itself when it is mixed: drawn from Beta(alpha, alpha). */
export function mixingWeight(key: RandomKey, image: number, alpha: number): number {
  for (let pair = 0; ; pair++) {
    const [u, v] = [0, 1].map((lane) => {
      const word = randomWord(key, 4 * (32 * image + pair) + lane);
      return ((word + 0.5) / 2 ** 32) ** (1 / alpha);
    }) as [number, number];
    if (u + v <= 1 && u + v > 0) return u / (u + v);
  }
}
