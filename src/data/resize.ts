import { OptionError } from '../errors.ts';

/**
 * Resizes an image by exact area averaging: a pixel of the result is the mean of what lies under it, with the
 * pixels at its edges counted by the fraction that is covered. The mean of the image is kept, up to rounding.
 * Enlarging works the same way and gives blocks. The aspect ratio is not kept, as in Keras' `load_img`.
 *
 * @param source values 0…255, [sourceHeight, sourceWidth, channels]
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
): Uint8Array<ArrayBuffer> {
  checkSizes({ sourceWidth, sourceHeight, channels, width, height });
  const length = sourceWidth * sourceHeight * channels;
  if (source.length !== length) {
    throw new OptionError(
      `cannot resize: ${sourceWidth}×${sourceHeight} pixels of ${channels} channels are ${length} values, ` +
        `but the image holds ${source.length}`,
    );
  }
  const columns = overlaps(sourceWidth, width);
  const rows = overlaps(sourceHeight, height);
  const sums = new Float64Array(width * channels); // One row of the result before the division.
  const result = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let row = rows.first[y]!; row <= rows.last[y]!; row++) {
      const weight = rows.weight(row, y);
      for (let x = 0; x < width; x++) {
        for (let column = columns.first[x]!; column <= columns.last[x]!; column++) {
          const share = weight * columns.weight(column, x);
          const pixel = (row * sourceWidth + column) * channels;
          for (let c = 0; c < channels; c++) sums[x * channels + c]! += share * source[pixel + c]!;
        }
      }
    }
    for (let i = 0; i < sums.length; i++) {
      result[y * sums.length + i] = Math.floor(sums[i]! / (sourceWidth * sourceHeight) + 0.5);
    }
  }
  return result;
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
  return { first, last, weight };
}

function checkSizes(sizes: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new OptionError(`cannot resize: ${name} is ${size}, but must be a whole number >= 1`);
    }
  }
}
