/** Pictures as people have them, of various sizes, proportions and formats, made from the images of CIFAR-10. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import encodeJpeg, { init } from '@jsquash/jpeg/encode.js';
import type { Dataset } from '../../src/data/dataset.ts';
import { encodePng, type RgbaImage } from '../../src/formats/png.ts';

export interface DemoPicturesOptions {
  /** How many of each class: the first ones. */
  readonly perClass: number;
  /** Whether to make no JPEG files. */
  readonly pngOnly?: boolean;
}

/** How the pictures of a class differ, one after the other: how much larger, and how many pixels of border beside or above. */
const SHAPES = [
  { scale: 1, beside: 0, above: 0 },
  { scale: 2, beside: 0, above: 0 },
  { scale: 3, beside: 48, above: 0 },
  { scale: 2, beside: 0, above: 24 },
  { scale: 4, beside: 1, above: 0 },
  { scale: 1, beside: 0, above: 7 },
] as const;

const JPEG_QUALITY = 95;

/**
 * Writes a folder for each class. Cut to the middle and averaged to 32×32, a PNG of them is the image that it was made from.
 * @returns how many pictures there are
 */
export async function makeDemoPictures(
  out: string,
  { images, labels, count, width, height, classNames }: Dataset,
  { perClass, pngOnly = false }: DemoPicturesOptions,
): Promise<number> {
  if (!pngOnly) await init(await jpegEncoder());
  for (const name of classNames) await mkdir(join(out, name), { recursive: true });
  const made = classNames.map(() => 0);
  for (let index = 0; index < count; index++) {
    const label = labels[index]!;
    const number = made[label]!;
    if (number === perClass) continue;
    made[label] = number + 1;
    const size = width * height * 3;
    const picture = enlarged(images.subarray(index * size, (index + 1) * size), width, height, number);
    const jpeg = !pngOnly && number % 2 === 1;
    const name = `${String(number).padStart(4, '0')}.${jpeg ? 'jpg' : 'png'}`;
    await writeFile(join(out, classNames[label]!, name), jpeg ? await jpegOf(picture) : encodePng(picture));
  }
  return made.reduce((sum, each) => sum + each, 0);
}

async function jpegOf({ width, height, data }: RgbaImage): Promise<Uint8Array> {
  const pixels = new Uint8ClampedArray(data);
  const image = { width, height, data: pixels, colorSpace: 'srgb' } as ImageData;
  return new Uint8Array(await encodeJpeg(image, { quality: JPEG_QUALITY }));
}

/** The encoder; told to look for it itself, it would fetch it from a server. */
async function jpegEncoder(): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm');
  return WebAssembly.compile(await readFile(path));
}

/** An image with each pixel as a block of them, between borders that repeat the pixels at its edges. */
function enlarged(rgb: Uint8Array, width: number, height: number, number: number): RgbaImage {
  // One in two is a JPEG: all shapes are to occur among them.
  const { scale, beside, above } = SHAPES[Math.floor(number / 2) % SHAPES.length]!;
  const size = { width: width * scale + 2 * beside, height: height * scale + 2 * above };
  const data = new Uint8Array(size.width * size.height * 4).fill(255);
  const within = (value: number, length: number): number => Math.min(Math.max(value, 0), length - 1);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const row = within(Math.floor((y - above) / scale), height);
      const column = within(Math.floor((x - beside) / scale), width);
      const from = (row * width + column) * 3;
      data.set(rgb.subarray(from, from + 3), (y * size.width + x) * 4);
    }
  }
  return { ...size, data };
}
