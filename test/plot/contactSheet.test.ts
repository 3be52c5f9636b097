import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { OptionError } from '../../src/errors.ts';
import { contactSheet } from '../../src/plot/contactSheet.ts';
import { Pixels } from './figure.ts';

/** Every pixel of every sample has a colour of its own. */
function datasetOf(channels: number): Dataset {
  const [count, height, width] = [6, 4, 5];
  const images = Uint8Array.from(
    { length: count * height * width * channels },
    (_, i) => (i * 89 + 10) % 200,
  );
  const classNames = ['cat & <dog>', 'unused', 'ship'];
  return { images, labels: Uint8Array.of(2, 0, 2, 0, 2, 0), count, height, width, channels, classNames };
}

/** The pixels of the sample whose image begins at `left`, `top`, in device pixels, from blocks of `block` on a side. */
function sampleAt(
  pixels: Pixels,
  dataset: Dataset,
  index: number,
  left: number,
  top: number,
  block: number,
): number[] {
  const found: number[] = [];
  for (let y = 0; y < dataset.height; y++) {
    for (let x = 0; x < dataset.width; x++) {
      // All four corners of a block must agree, or the enlargement has blurred it.
      const corners = [0, block - 1].flatMap((dy) =>
        [0, block - 1].map((dx) => pixels.at(left + x * block + dx, top + y * block + dy)),
      );
      expect(new Set(corners.map(String)).size, `block ${x}, ${y} of sample ${index}`).toBe(1);
      found.push(...corners[0]!);
    }
  }
  return found;
}

describe('contactSheet', () => {
  it.each([
    [3, 3],
    [1, 2],
  ])('shows the samples of each class in a row, exactly: %d channels, scale %d', async (channels, scale) => {
    const dataset = datasetOf(channels);
    const pixels = new Pixels(await contactSheet(dataset, [4, 3, 0, 2], { scale }));
    const block = scale * 2;
    const [imageWidth, imageHeight, gap, margin] = [5 * block, 4 * block, 8, 32];
    const left = pixels.image.width - margin - 3 * imageWidth - 2 * gap; // Three ships in the longest row.
    expect(pixels.image.height).toBe(2 * margin + 2 * imageHeight + gap);
    const places = [
      { index: 3, row: 0, column: 0 }, // The only cat; the unused class has no row.
      { index: 4, row: 1, column: 0 },
      { index: 0, row: 1, column: 1 },
      { index: 2, row: 1, column: 2 },
    ];
    for (const { index, row, column } of places) {
      const at = [left + column * (imageWidth + gap), margin + row * (imageHeight + gap)] as const;
      const size = 20 * channels;
      const expected = Array.from(dataset.images.subarray(index * size, (index + 1) * size));
      const rgb = channels === 3 ? expected : expected.flatMap((grey) => [grey, grey, grey]);
      expect(sampleAt(pixels, dataset, index, ...at, block)).toEqual(rgb);
    }
    for (const row of [0, 1]) {
      const top = (margin + row * (imageHeight + gap)) / 2;
      const label = { left: 16, right: left / 2 - 12, top, bottom: top + imageHeight / 2 };
      expect(pixels.count([0x22, 0x22, 0x22], label), `label ${row}`).toBeGreaterThan(20);
    }
  });

  it.each<[string, Dataset, number[], { scale?: number }, RegExp]>([
    ['no samples', datasetOf(3), [], {}, /at least one sample/],
    ['a sample too far', datasetOf(3), [6], {}, /no sample 6: the dataset has 6/],
    ['a negative sample', datasetOf(3), [-1], {}, /no sample -1/],
    ['channels it cannot show', datasetOf(2), [0], {}, /1 or 3 channels, but the dataset has 2/],
    ['a fractional scale', datasetOf(3), [0], { scale: 1.5 }, /scale of a contact sheet is 1.5/],
  ])('refuses %s', async (_, dataset, indices, options, message) => {
    await expect(contactSheet(dataset, indices, options)).rejects.toThrow(OptionError);
    await expect(contactSheet(dataset, indices, options)).rejects.toThrow(message);
  });
});
