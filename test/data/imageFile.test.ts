import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitPicture } from '../../src/data/fitPicture.ts';
import { pictureToImage, readPicture } from '../../src/data/imageFile.ts';
import { DataError, FormatError } from '../../src/errors.ts';
import { upright } from '../../src/formats/exif.ts';
import { exif, fixture, jpegWithExif, reference } from '../formats/pictures.ts';
import { buildPng } from '../formats/pngBuilder.ts';

const rgba = (width: number, height: number, samples: number[]) =>
  buildPng({ width, height, colourType: 6, depth: 8, samples });

describe('pictureToImage', () => {
  it('lays transparent pixels over white', async () => {
    const png = rgba(4, 1, [10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 51, 0, 0, 0, 128]);
    // 51/255 is a fifth: 0·0.2 + 255·0.8 = 204, 20 + 204 = 224, 40 + 204 = 244. 128/255 of black leaves 127.
    expect(Array.from(await pictureToImage(png, 'f', { width: 4, height: 1 }))).toEqual([
      10, 20, 30, 255, 255, 255, 204, 224, 244, 127, 127, 127,
    ]);
  });

  it('composites before it averages, so that hidden colours do not shine through', async () => {
    const png = rgba(2, 1, [255, 0, 0, 255, 0, 255, 0, 0]);
    expect(Array.from(await pictureToImage(png, 'f', { width: 1, height: 1 }))).toEqual([255, 128, 128]);
  });

  it('gives height × width × 3 values, rows first', async () => {
    const samples = [0, 255, 0, 255]; // Two rows of two grey pixels; columns differ.
    const png = buildPng({ width: 2, height: 2, colourType: 0, depth: 8, samples });
    const image = await pictureToImage(png, 'f', { width: 2, height: 3 });
    expect(image.length).toBe(18);
    expect(Array.from(image.subarray(0, 6))).toEqual([0, 0, 0, 255, 255, 255]);
  });

  it('reads JPEG and WebP just so, turned and cropped', async () => {
    const size = { width: 9, height: 6 };
    for (const name of ['baseline.jpg', 'lossy.webp']) {
      const image = await pictureToImage(fixture(name), name, size, { fit: 'crop' });
      expect(image).toEqual(fitPicture(reference(name), size, { fit: 'crop' }));
    }
    const turned = await pictureToImage(jpegWithExif(fixture('422.jpg'), exif(6, 'MM')), 'f', size);
    expect(turned).toEqual(fitPicture(upright(reference('422.jpg'), 6), size));
  });

  it('names the file when it is not a picture', async () => {
    await expect(pictureToImage(Buffer.from('text'), 'cat.png', { width: 1, height: 1 })).rejects.toThrow(
      /^cat\.png is not a PNG/,
    );
  });
});

describe('readPicture', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simdnet-image-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads a file', async () => {
    const path = join(folder, 'a.png');
    await writeFile(path, rgba(1, 1, [1, 2, 3, 4]));
    expect(await readPicture(path)).toEqual({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 4) });
  });

  it('says what is wrong with a path', async () => {
    await expect(readPicture(join(folder, 'no.png'))).rejects.toThrow(
      /cannot read .*no\.png: there is no such file/,
    );
    await expect(readPicture(join(folder, 'no.png'))).rejects.toThrow(DataError);
    await expect(readPicture(folder)).rejects.toThrow(/it is a folder/);
  });

  it('says what is wrong with a file, by its path', async () => {
    const path = join(folder, 'text.png');
    await writeFile(path, 'not an image');
    await expect(readPicture(path)).rejects.toThrow(FormatError);
    await expect(readPicture(path)).rejects.toThrow(
      `${path} is not a PNG, JPEG or WebP file; it starts with "not an image"`,
    );
  });
});
