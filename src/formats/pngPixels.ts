/**
 * From the inflated scanlines of a PNG to red, green, blue and alpha. Lossless but for sixteen-bit samples, so there is one
 * right answer. Our own, because pngjs needs Node's buffers and zlib, and the page must read the same files.
 * Source: PNG specification, third edition, https://www.w3.org/TR/png-3/
 */
import { FormatError } from '../errors.ts';
import { rowBytes, type PngFile } from './pngFile.ts';

/**
 * @param lines  the filtered scanlines of all passes, `inflatedBytes` long; they are overwritten
 * @param name  the file, for messages
 * @returns [height, width, 4]
 * @throws FormatError for a filter that there is not, or a palette that is missing or too short
 */
export function pngPixels(file: PngFile, lines: Uint8Array, name: string): Uint8Array {
  const { width, height, bitsPerPixel } = file.header;
  const rgba = new Uint8Array(width * height * 4);
  const expand = rowExpander(file, rgba, name);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows } of file.passes) {
    const bytes = rowBytes(columns, bitsPerPixel);
    let above: Uint8Array = new Uint8Array(bytes);
    for (let row = 0; row < rows; row++) {
      const line = lines.subarray(at + 1, at + 1 + bytes);
      unfilter(lines[at]!, line, above, Math.max(1, bitsPerPixel >> 3), name);
      expand(line, columns, ((y + row * dy) * width + x) * 4, dx * 4);
      above = line;
      at += 1 + bytes;
    }
  }
  return rgba;
}

/** @param distance  bytes to the pixel on the left */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, distance: number, name: string): void {
  const { length } = line;
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = distance; i < length; i++) line[i]! += line[i - distance]!;
      return;
    case 2:
      for (let i = 0; i < length; i++) line[i]! += above[i]!;
      return;
    case 3:
      for (let i = 0; i < distance && i < length; i++) line[i]! += above[i]! >> 1;
      for (let i = distance; i < length; i++) line[i]! += (line[i - distance]! + above[i]!) >> 1;
      return;
    case 4:
      for (let i = 0; i < distance && i < length; i++) line[i]! += above[i]!;
      for (let i = distance; i < length; i++) {
        line[i]! += paeth(line[i - distance]!, above[i]!, above[i - distance]!);
      }
      return;
    default:
      throw new FormatError(`${name}: damaged PNG: no scanline has the filter ${filter}`);
  }
}

/** Whichever of the three is nearest to left + up − corner; the first of them in a tie. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Writes a row's pixels to `rgba` from byte `at` on, `step` bytes apart. */
type Expand = (line: Uint8Array, columns: number, at: number, step: number) => void;

function rowExpander(file: PngFile, rgba: Uint8Array, name: string): Expand {
  const { colourType, depth } = file.header;
  if (colourType === 3) return lookUp(paletteColours(file, name), depth, rgba, name);
  if (depth === 16) return wideSamples(file, rgba, name);
  if (colourType === 0) return lookUp(greyColours(depth, file.transparency), depth, rgba, name);
  if (colourType === 2) return rgbSamples(transparentSamples(file.transparency, 3, depth), rgba);
  return colourType === 4 ? greyAlphaSamples(rgba) : rgbaSamples(rgba);
}

/** Samples of at most eight bits that stand for colours. @param colours  [count, 4] */
function lookUp(colours: Uint8Array, depth: number, rgba: Uint8Array, name: string): Expand {
  const mask = (1 << depth) - 1;
  const perByte = 8 / depth;
  return (line, columns, at, step) => {
    for (let i = 0, to = at; i < columns; i++, to += step) {
      const shift = 8 - depth * ((i % perByte) + 1);
      const from = ((line[(i / perByte) | 0]! >> shift) & mask) * 4;
      if (from >= colours.length)
        throw new FormatError(`${name}: damaged PNG: a pixel has a colour that its palette has not`);
      rgba[to] = colours[from]!;
      rgba[to + 1] = colours[from + 1]!;
      rgba[to + 2] = colours[from + 2]!;
      rgba[to + 3] = colours[from + 3]!;
    }
  };
}

function paletteColours({ palette, transparency, header }: PngFile, name: string): Uint8Array {
  if (!palette || palette.length === 0 || palette.length % 3 !== 0 || palette.length / 3 > 256)
    throw new FormatError(`${name}: damaged PNG: its colours need a palette, and it has no usable one`);
  const count = Math.min(palette.length / 3, 1 << header.depth);
  const colours = new Uint8Array(count * 4);
  for (let i = 0; i < count; i++) {
    colours.set(palette.subarray(i * 3, i * 3 + 3), i * 4);
    colours[i * 4 + 3] = transparency?.[i] ?? 255;
  }
  return colours;
}

function greyColours(depth: number, transparency?: Uint8Array): Uint8Array {
  const most = (1 << depth) - 1;
  const transparent = transparentSamples(transparency, 1, depth);
  const colours = new Uint8Array((most + 1) * 4);
  for (let value = 0; value <= most; value++) {
    // 255 is a multiple of all that `most` can be.
    colours.fill(value * (255 / most), value * 4, value * 4 + 3);
    colours[value * 4 + 3] = value === transparent?.[0] ? 0 : 255;
  }
  return colours;
}

function rgbSamples(transparent: readonly number[] | undefined, rgba: Uint8Array): Expand {
  const [r, g, b] = transparent ?? [-1, -1, -1];
  return (line, columns, at, step) => {
    for (let from = 0, to = at; from < 3 * columns; from += 3, to += step) {
      rgba[to] = line[from]!;
      rgba[to + 1] = line[from + 1]!;
      rgba[to + 2] = line[from + 2]!;
      rgba[to + 3] = line[from] === r && line[from + 1] === g && line[from + 2] === b ? 0 : 255;
    }
  };
}

function greyAlphaSamples(rgba: Uint8Array): Expand {
  return (line, columns, at, step) => {
    for (let from = 0, to = at; from < 2 * columns; from += 2, to += step) {
      rgba[to] = line[from]!;
      rgba[to + 1] = line[from]!;
      rgba[to + 2] = line[from]!;
      rgba[to + 3] = line[from + 1]!;
    }
  };
}

function rgbaSamples(rgba: Uint8Array): Expand {
  return (line, columns, at, step) => {
    for (let from = 0, to = at; from < 4 * columns; from += 4, to += step) {
      rgba[to] = line[from]!;
      rgba[to + 1] = line[from + 1]!;
      rgba[to + 2] = line[from + 2]!;
      rgba[to + 3] = line[from + 3]!;
    }
  };
}

/** Sixteen-bit samples: rounded to eight, but for finding the one colour that is transparent. */
function wideSamples({ header, transparency }: PngFile, rgba: Uint8Array, name: string): Expand {
  const samples = header.bitsPerPixel / 16;
  const transparent = samples % 2 === 1 ? transparentSamples(transparency, samples, 16) : undefined;
  const expand = {
    1: lookUp(greyColours(8), 8, rgba, name),
    2: greyAlphaSamples(rgba),
    3: rgbSamples(undefined, rgba),
    4: rgbaSamples(rgba),
  }[samples]!;
  const rounded = new Uint8Array(header.width * samples);
  return (line, columns, at, step) => {
    // v · 255 / 65,535, rounded: exact for all 65,536 of them.
    for (let i = 0; i < columns * samples; i++)
      rounded[i] = (((line[2 * i]! << 8) | line[2 * i + 1]!) * 255 + 32_895) >> 16;
    expand(rounded, columns, at, step);
    if (!transparent) return;
    const sample = (index: number): number => (line[2 * index]! << 8) | line[2 * index + 1]!;
    for (let i = 0; i < columns; i++) {
      if (transparent.every((value, c) => value === sample(i * samples + c))) rgba[at + i * step + 3] = 0;
    }
  };
}

/** The one colour that is transparent, as tRNS has it for images without palette. */
function transparentSamples(
  body: Uint8Array | undefined,
  count: number,
  depth: number,
): number[] | undefined {
  if (!body || body.length < count * 2) return undefined;
  const most = 2 * (1 << (depth - 1)) - 1;
  return Array.from({ length: count }, (_, i) => ((body[i * 2]! << 8) | body[i * 2 + 1]!) & most);
}
