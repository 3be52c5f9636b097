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
  if (colourType === 0 && depth <= 8) return lookUp(greyColours(file), depth, rgba, name);
  return depth === 16 ? wideSamples(file, rgba) : byteSamples(file, rgba);
}

/** Samples of at most eight bits that stand for colours. @param colours  [count, 4] */
function lookUp(colours: Uint8Array, depth: number, rgba: Uint8Array, name: string): Expand {
  const mask = (1 << depth) - 1;
  const perByte = 8 / depth;
  return (line, columns, at, step) => {
    for (let i = 0, to = at; i < columns; i++, to += step) {
      const shift = 8 - depth * ((i % perByte) + 1);
      const from = ((line[Math.floor(i / perByte)]! >> shift) & mask) * 4;
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

function greyColours({ transparency, header: { depth } }: PngFile): Uint8Array {
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

/** Eight-bit samples of colour types 2, 4 and 6. */
function byteSamples({ header: { colourType }, transparency }: PngFile, rgba: Uint8Array): Expand {
  const samples = samplesOf(colourType);
  const blue = samples < 3 ? 0 : 2;
  const hasAlpha = colourType >= 4;
  const [r, g, b] = (!hasAlpha && transparentSamples(transparency, 3, 8)) || [-1, -1, -1];
  return (line, columns, at, step) => {
    for (let i = 0, from = 0, to = at; i < columns; i++, from += samples, to += step) {
      const red = line[from]!;
      const green = line[from + (blue >> 1)]!;
      rgba[to] = red;
      rgba[to + 1] = green;
      rgba[to + 2] = line[from + blue]!;
      if (hasAlpha) rgba[to + 3] = line[from + samples - 1]!;
      else rgba[to + 3] = red === r && green === g && line[from + blue] === b ? 0 : 255;
    }
  };
}

/** Sixteen-bit samples, rounded to eight. */
function wideSamples({ header: { colourType }, transparency }: PngFile, rgba: Uint8Array): Expand {
  const samples = samplesOf(colourType);
  const hasAlpha = colourType >= 4;
  const colours = samples < 3 ? 1 : 3;
  const transparent = hasAlpha ? undefined : transparentSamples(transparency, colours, 16);
  return (line, columns, at, step) => {
    const sample = (index: number): number => (line[index * 2]! << 8) | line[index * 2 + 1]!;
    // 65,535 is 255 × 257.
    const rounded = (value: number): number => Math.floor((2 * value + 257) / 514);
    for (let i = 0, from = 0, to = at; i < columns; i++, from += samples, to += step) {
      for (let c = 0; c < 3; c++) rgba[to + c] = rounded(sample(from + (colours === 1 ? 0 : c)));
      if (hasAlpha) rgba[to + 3] = rounded(sample(from + colours));
      else rgba[to + 3] = transparent?.every((value, c) => value === sample(from + c)) ? 0 : 255;
    }
  };
}

function samplesOf(colourType: number): number {
  return { 0: 1, 2: 3, 4: 2, 6: 4 }[colourType]!;
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
