/** Pictures as people have them: drawn shapes as PNG files, of several sizes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateShapes } from '../../src/data/shapes.ts';
import { encodePng } from '../../src/formats/png.ts';

export interface OwnPicture {
  readonly className: string;
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** So many pictures of each class, numbered from 1. */
export function ownPictures(classNames: readonly string[], perClass: number): OwnPicture[] {
  const { train } = generateShapes({ seed: 3, trainCount: perClass * 20, testCount: 1 });
  return classNames.flatMap((className) => {
    const label = train.classNames.indexOf(className);
    const indices = [...train.labels.keys()].filter((i) => train.labels[i] === label).slice(0, perClass);
    return indices.map((index, i) => ({
      className,
      name: `${className} ${i + 1}.png`,
      bytes: Uint8Array.from(png(train.images, index, i % 3)),
    }));
  });
}

/** An image of 32×32, with so many times 8 columns more at its right. */
function png(images: Uint8Array, index: number, more: number): Uint8Array {
  const [width, height] = [32 + 8 * more, 32];
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < 32; y++)
    for (let x = 0; x < 32; x++) {
      const from = ((index * 32 + y) * 32 + x) * 3;
      data.set(images.subarray(from, from + 3), (y * width + x) * 4);
    }
  return encodePng({ width, height, data });
}

/** Writes them as a folder for each class. */
export async function writeOwnPictures(folder: string, pictures: readonly OwnPicture[]): Promise<void> {
  for (const { className, name, bytes } of pictures) {
    await mkdir(join(folder, className), { recursive: true });
    await writeFile(join(folder, className, name), bytes);
  }
}
