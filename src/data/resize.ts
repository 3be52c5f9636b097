import { OptionError } from '../errors.ts';

/**
 * Resizes an image by exact area averaging: a pixel of the result is the mean of what lies under it, with the
 * pixels at its edges counted by the fraction that is covered. The mean of the image is kept, up to rounding.
 * Enlarging works the same way and gives blocks. The aspect ratio is not kept, as in Keras' `load_img`.
 *
 * @param source values 0…255, [sourceHeight, sourceWidth, stride]
 * @param stride values from one pixel to the next, of which the first `channels` are averaged
 * @returns values rounded to the nearest, halves up, [height, width, channels]; a copy when the sizes are equal
 * @throws OptionError when a size is not a whole number >= 1, or `source` is not as long as its sizes say
 */
export function resizeArea(
  source: Uint8Array,
  sourceWidth: number,
  sourceHeight: number,
  channels: number,
  width: number,
  height: number,
  stride = channels,
): Uint8Array<ArrayBuffer> {
  checkSizes({ sourceWidth, sourceHeight, channels, width, height });
  const length = sourceWidth * sourceHeight * stride;
  if (source.length !== length) {
    throw new OptionError(
      `cannot resize: ${sourceWidth}×${sourceHeight} pixels of ${stride} channels are ${length} values, ` +
        `but the image holds ${source.length}`,
    );
  }
  const columns = overlaps(sourceWidth, width);
  const rows = overlaps(sourceHeight, height);
  // Both are sums of whole numbers: below 2^31, as a row is less than 2^23 long, and below 2^53.
  const across = new Int32Array(width * channels); // One row of the source, made as narrow as the result.
  const sums = new Float64Array(width * channels); // One row of the result before the division.
  const result = new Uint8Array(width * height * channels);
  let row = -1; // Of which `across` is; the result's rows may share one, or many.
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let next = rows.first[y]!; next <= rows.last[y]!; next++) {
      if (next !== row) {
        row = next;
        const line = source.subarray(row * sourceWidth * stride, (row + 1) * sourceWidth * stride);
        narrow(line, stride, columns, across, channels);
      }
      const weight = rows.weight(row, y);
      for (let i = 0; i < sums.length; i++) sums[i]! += weight * across[i]!;
    }
    for (let i = 0; i < sums.length; i++) {
      result[y * sums.length + i] = Math.floor(sums[i]! / (sourceWidth * sourceHeight) + 0.5);
    }
  }
  return result;
}

type Overlaps = ReturnType<typeof overlaps>;

/** What lies under each pixel of a row, weighted. @param line  [sourceWidth, stride] @param across  [width, channels] */
function narrow(
  line: Uint8Array,
  stride: number,
  columns: Overlaps,
  across: Int32Array,
  channels: number,
): void {
  const { first, last, firstWeight, lastWeight, fullWeight } = columns;
  for (let x = 0, to = 0; x < first.length; x++, to += channels) {
    const begin = first[x]! * stride;
    const end = last[x]! * stride;
    // All that lie wholly under the pixel weigh the same: most of a photograph's, so this is where the time goes.
    if (channels === 3) addColours(line, begin + stride, end, stride, across, to);
    else addChannels(line, begin + stride, end, stride, across, to, channels);
    const endWeight = end > begin ? lastWeight[x]! : 0;
    for (let c = 0; c < channels; c++) {
      across[to + c] =
        fullWeight * across[to + c]! + firstWeight[x]! * line[begin + c]! + endWeight * line[end + c]!;
    }
  }
}

/** The sums of red, green and blue of the pixels from `begin` to `end`, at once. */
function addColours(
  line: Uint8Array,
  begin: number,
  end: number,
  stride: number,
  sums: Int32Array,
  to: number,
): void {
  let [red, green, blue] = [0, 0, 0];
  for (let i = begin; i < end; i += stride) {
    red += line[i]!;
    green += line[i + 1]!;
    blue += line[i + 2]!;
  }
  sums[to] = red;
  sums[to + 1] = green;
  sums[to + 2] = blue;
}

function addChannels(
  line: Uint8Array,
  begin: number,
  end: number,
  stride: number,
  sums: Int32Array,
  to: number,
  channels: number,
): void {
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = begin + c; i < end; i += stride) sum += line[i]!;
    sums[to + c] = sum;
  }
}

/**
 * Which of `from` source pixels each of `to` result pixels covers along one axis, and by how much.
 * Measured in 1/(from·to) of the axis, a source pixel is `to` long and a result pixel `from`, so every weight is a
 * whole number, the sums are exact, and resizing to the same size gives the image back.
 */
function overlaps(from: number, to: number) {
  const first = Int32Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
  const last = Int32Array.from({ length: to }, (_, i) => Math.ceil(((i + 1) * from) / to) - 1);
  const weight = (source: number, i: number) =>
    Math.min((source + 1) * to, (i + 1) * from) - Math.max(source * to, i * from);
  return {
    first,
    last,
    weight,
    firstWeight: first.map((source, i) => weight(source, i)),
    lastWeight: last.map((source, i) => weight(source, i)),
    /** Of those between the first and the last. */
    fullWeight: to,
  };
}

function checkSizes(sizes: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new OptionError(`cannot resize: ${name} is ${size}, but must be a whole number >= 1`);
    }
  }
}
