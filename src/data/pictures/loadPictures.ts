/** Pictures of a folder as what a network is trained on: in memory, or from a file where they are too many for that. */
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import type { LabelledImages } from '../dataset.ts';
import { decodePictures, type DecodeWatch } from './decodePictures.ts';
import type { ListedPicture, PartName, PictureFolder } from './pictureFolder.ts';
import { makeRoom, markUsed, pixelFilePath } from './pixelCache.ts';
import { openPixelFile, writePixelFile, type PixelFile } from './pixelFile.ts';
import type { Geometry } from './pixels.ts';
import type { Parts } from './split.ts';
import { unreadableError, type Unreadable } from './unreadable.ts';

export interface LoadPictureOptions extends DecodeWatch {
  readonly geometry: Geometry;
  /** Whether pictures that cannot be read are left out. */
  readonly skipUnreadable: boolean;
  /** How many bytes of pixels may be kept in memory; more are kept in a file. */
  readonly memoryBytes: number;
  /** The folder for that file. */
  readonly cache: string;
}

export interface LoadedPictures {
  /** The parts that were asked for, without those that have no pictures. */
  readonly sets: Readonly<Partial<Record<PartName, LabelledImages>>>;
  /** The path in the folder of each image of a set. */
  readonly paths: Readonly<Partial<Record<PartName, readonly string[]>>>;
  /** What was left out. */
  readonly skipped: readonly Unreadable[];
  /** The file that pixels are read from, if they are not in memory. */
  readonly file: string | undefined;
  /** No more will be read. */
  readonly close: () => Promise<void>;
}

/**
 * Loads some of the parts. A file that holds the pixels already, of another run, is used in any case.
 * @throws DataError if a picture cannot be read and is not to be left out, or there is no room for the file; the signal's reason
 */
export async function loadPictures(
  folder: PictureFolder,
  parts: Parts,
  wanted: readonly PartName[],
  options: LoadPictureOptions,
): Promise<LoadedPictures> {
  const { geometry, memoryBytes, cache } = options;
  const size = geometry.width * geometry.height * 3;
  const count = wanted.reduce((sum, part) => sum + parts[part].length, 0);
  const path = await pixelFilePath(cache, folder.root, folder.pictures, geometry);
  const shape = { count: folder.pictures.length, size };
  let file = await openPixelFile(path, shape);
  if (!file && count * size > memoryBytes) {
    await makeRoom(cache, path, shape.count * size);
    await writePixelFile(path, shape, (writer) =>
      decode(folder, folder.pictures, options, (index, pixels) => writer.put(index, pixels)),
    );
    file = await openPixelFile(path, shape);
    if (!file) throw new DataError(`${path} was removed while it was used: try again`);
  }
  if (file) await markUsed(path);
  try {
    const { images, skipped } = file
      ? fromFile(folder, parts, wanted, file, options)
      : await inMemory(folder, parts, wanted, options, size);
    const sets = Object.fromEntries(
      [...images].map(([part, { pictures, data }]) => [part, labelled(folder, pictures, data, geometry)]),
    ) as LoadedPictures['sets'];
    const paths = Object.fromEntries(
      [...images].map(([part, { pictures }]) => [part, pictures.map((picture) => picture.path)]),
    ) as LoadedPictures['paths'];
    if (wanted.includes('train')) mustLearnAll(folder, sets.train);
    return { sets, paths, skipped, file: file && path, close: async () => file?.close() };
  } catch (error) {
    await file?.close();
    throw error;
  }
}

interface PartImages {
  readonly pictures: readonly ListedPicture[];
  readonly data: LabelledImages['images'];
}

interface AllImages {
  readonly images: ReadonlyMap<PartName, PartImages>;
  readonly skipped: readonly Unreadable[];
}

function fromFile(
  folder: PictureFolder,
  parts: Parts,
  wanted: readonly PartName[],
  file: PixelFile,
  { skipUnreadable }: LoadPictureOptions,
): AllImages {
  const indices = indicesOf(folder);
  const asked = new Set(wanted.flatMap((part) => parts[part]).map((picture) => indices.get(picture)!));
  const skipped = file.unreadable.filter(({ index }) => asked.has(index));
  if (skipped[0] && !skipUnreadable) throw unreadableError(skipped[0]);
  const lost = new Set(skipped.map(({ index }) => index));
  const images = new Map<PartName, PartImages>();
  for (const part of wanted) {
    const pictures = parts[part].filter((picture) => !lost.has(indices.get(picture)!));
    if (pictures.length === 0) continue;
    const rows = Uint32Array.from(pictures, (picture) => indices.get(picture)!);
    images.set(part, { pictures, data: file.select(rows) });
  }
  return { images, skipped };
}

async function inMemory(
  folder: PictureFolder,
  parts: Parts,
  wanted: readonly PartName[],
  options: LoadPictureOptions,
  size: number,
): Promise<AllImages> {
  const pictures = wanted.flatMap((part) => parts[part]);
  const arrays = new Map(wanted.map((part) => [part, new Uint8Array(parts[part].length * size)]));
  const places = wanted.flatMap((part) => parts[part].map((_, row) => ({ array: arrays.get(part)!, row })));
  const skipped = await decode(folder, pictures, options, (index, pixels) => {
    const { array, row } = places[index]!;
    array.set(pixels, row * size);
  });
  const lost = new Set(skipped.map(({ index }) => pictures[index]!));
  const images = new Map<PartName, PartImages>();
  for (const [part, array] of arrays) {
    const kept: ListedPicture[] = [];
    parts[part].forEach((picture, row) => {
      if (lost.has(picture)) return;
      if (kept.length < row) array.copyWithin(kept.length * size, row * size, (row + 1) * size);
      kept.push(picture);
    });
    if (kept.length > 0) images.set(part, { pictures: kept, data: array.subarray(0, kept.length * size) });
  }
  const indices = indicesOf(folder);
  return {
    images,
    skipped: skipped
      .map(({ index, reason }) => ({ index: indices.get(pictures[index]!)!, reason }))
      .sort((a, b) => a.index - b.index),
  };
}

/** Decodes pictures. @returns those that cannot be read, which the options must allow */
async function decode(
  { root }: PictureFolder,
  pictures: readonly ListedPicture[],
  { geometry, skipUnreadable, onProgress, signal }: LoadPictureOptions,
  put: (index: number, pixels: Uint8Array) => void | Promise<void>,
): Promise<Unreadable[]> {
  const requests = pictures.map(({ path }) => ({ path: join(root, path), geometry }));
  const unreadable: Unreadable[] = [];
  let index = 0;
  for await (const reply of decodePictures(requests, { onProgress, signal })) {
    if ('decoded' in reply) await put(index, reply.decoded.pixels!);
    else {
      unreadable.push({ index, reason: reply.failure });
      if (!skipUnreadable) throw unreadableError(unreadable[0]!);
    }
    index++;
  }
  return unreadable;
}

function indicesOf({ pictures }: PictureFolder): ReadonlyMap<ListedPicture, number> {
  return new Map(pictures.map((picture, index) => [picture, index]));
}

function labelled(
  { classNames }: PictureFolder,
  pictures: readonly ListedPicture[],
  images: LabelledImages['images'],
  { width, height }: Geometry,
): LabelledImages {
  const labels = new (classNames.length > 256 ? Uint16Array : Uint8Array)(pictures.length);
  labels.set(pictures.map(({ label }) => label));
  return { images, labels, count: pictures.length, height, width, channels: 3, classNames };
}

/** @throws DataError if a class has no picture to train on */
function mustLearnAll({ root, classNames }: PictureFolder, train: LabelledImages | undefined): void {
  const there = new Set(train?.labels);
  const missing = classNames.findIndex((_, label) => !there.has(label));
  if (missing < 0) return;
  throw new DataError(
    `${root}: there is no picture of the class ${JSON.stringify(classNames[missing])} to train on: add some, or remove its folder`,
  );
}
