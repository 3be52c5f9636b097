/** Samples of a dataset on one sheet, to see what a network is shown. */
import type { Dataset } from '../data/dataset.ts';
import { OptionError } from '../errors.ts';
import type { RgbaImage } from '../formats/png.ts';
import { colours, FONT_FAMILY, fontSize } from './style.ts';
import { escapeXml } from './svgParts.ts';
import { textWidth } from './textWidth.ts';

const MARGIN = 16;
const GAP = 4; // Between images.
const LABEL_GAP = 12;

interface Row {
  readonly className: string;
  readonly indices: readonly number[];
}

/**
 * The images at `indices` as a PNG file: a row for each class that occurs, with its name at the left.
 *
 * @param dataset with 1 (grey) or 3 (RGB) channels
 * @param indices of the samples, in the order in which a row shows them
 * @param options.scale how many CSS pixels a sample's pixel becomes on each side; the PNG has twice as many
 * @throws OptionError when there are no indices, one is outside the dataset, or the channels cannot be shown
 */
export async function contactSheet(
  dataset: Dataset,
  indices: readonly number[],
  { scale = 3 }: { scale?: number } = {},
): Promise<Uint8Array> {
  checkRequest(dataset, indices, scale);
  const [{ encodePng }, { svgToPng }] = await Promise.all([
    import('../formats/png.ts'),
    import('./rasterise.ts'),
  ]);
  const rows = rowsByClass(dataset, indices);
  const imageWidth = dataset.width * scale;
  const rowHeight = dataset.height * scale + GAP;
  const labelWidth = Math.max(...rows.map(({ className }) => textWidth(className, fontSize.body)));
  const left = Math.ceil(MARGIN + labelWidth + LABEL_GAP);
  const columns = Math.max(...rows.map((row) => row.indices.length));
  const width = left + columns * (imageWidth + GAP) - GAP + MARGIN;
  const height = MARGIN + rows.length * rowHeight - GAP + MARGIN;

  const parts: string[] = [];
  rows.forEach(({ className, indices: samples }, row) => {
    const y = MARGIN + row * rowHeight;
    const middle = y + (rowHeight - GAP) / 2 + fontSize.body * 0.36; // Half the height of a capital below the middle.
    parts.push(
      `<text x="${left - LABEL_GAP}" y="${middle}" text-anchor="end">${escapeXml(className)}</text>`,
    );
    samples.forEach((index, column) => {
      const png = Buffer.from(encodePng(sampleImage(dataset, index))).toString('base64');
      const x = left + column * (imageWidth + GAP);
      parts.push(
        `<image x="${x}" y="${y}" width="${imageWidth}" height="${rowHeight - GAP}" href="data:image/png;base64,${png}"/>`,
      );
    });
  });
  return svgToPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT_FAMILY}" ` +
      `font-size="${fontSize.body}" fill="${colours.text}">${parts.join('')}</svg>`,
  );
}

function checkRequest({ count, channels }: Dataset, indices: readonly number[], scale: number): void {
  if (indices.length === 0) throw new OptionError('a contact sheet needs at least one sample');
  if (channels !== 1 && channels !== 3) {
    throw new OptionError(`a contact sheet shows images of 1 or 3 channels, but the dataset has ${channels}`);
  }
  if (!Number.isInteger(scale) || scale < 1) {
    throw new OptionError(`the scale of a contact sheet is ${scale}, but must be a whole number >= 1`);
  }
  for (const index of indices) {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new OptionError(`there is no sample ${index}: the dataset has ${count}, counted from 0`);
    }
  }
}

function rowsByClass({ labels, classNames }: Dataset, indices: readonly number[]): Row[] {
  return classNames
    .map((className, label) => ({ className, indices: indices.filter((index) => labels[index] === label) }))
    .filter((row) => row.indices.length > 0);
}

/** One pixel for each of the sample's; the rasteriser enlarges without blurring. */
function sampleImage({ images, width, height, channels }: Dataset, index: number): RgbaImage {
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = (index * width * height + pixel) * channels;
    for (let c = 0; c < 3; c++) data[pixel * 4 + c] = images[from + Math.min(c, channels - 1)]!;
  }
  return { width, height, data };
}
