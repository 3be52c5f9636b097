/** Datasets in IDX files, packed with gzip or not, under the names that MNIST gave them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, FormatError } from '../errors.ts';
import { openBytes } from '../files/byteReader.ts';
import { IDX_HEADER_BYTES, parseIdxHeader } from '../formats/idx.ts';
import { product } from '../product.ts';
import { storedDataset, type Part, type StoredDataset, type StoredPart } from './stored.ts';

/** Such as train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz or emnist-letters-test-images-idx3-ubyte.gz. */
const NAME = /^(.*?)(train|t10k|test)-(images|labels)[-.]idx\d-ubyte(\.gz)?$/;

/** What the files of a part are called, for messages. */
export const idxTrainImages = 'train-images-idx3-ubyte';
export const idxTestImages = 't10k-images-idx3-ubyte';

/** Whether a folder has any file with such a name. */
export async function hasIdxFiles(dir: string): Promise<boolean> {
  return (await namesIn(dir)).some((name) => NAME.test(name));
}

/**
 * Opens the IDX files in the folder `dir`: train-images-idx3-ubyte with train-labels-idx1-ubyte, and t10k-… or test-…, or one of
 * both pairs. Images are [count, height, width] or [count, height, width, channels], labels [count].
 *
 * @param names  of the classes; their indices if left out
 * @throws DataError if there are none, or images without labels; FormatError if a file is damaged, or they do not go together
 */
export async function openIdx(dir: string, names?: readonly string[]): Promise<StoredDataset> {
  const found = filesByRole(await namesIn(dir), dir);
  const parts = new Map<Part, StoredPart>();
  for (const part of ['train', 'test'] as const) {
    const [images, labels] = [found.get(`${part} images`), found.get(`${part} labels`)];
    if (images === undefined && labels === undefined) continue;
    if (images === undefined || labels === undefined) {
      const [there, lacking] = images === undefined ? [labels!, 'images'] : [images, 'labels'];
      throw new DataError(
        `${join(dir, there)} is there, but the ${lacking} that belong to it are not: fetch them too`,
      );
    }
    parts.set(part, await openPart(join(dir, images), join(dir, labels)));
  }
  if (parts.size === 0) {
    throw new DataError(
      `no IDX file in ${dir}: ${idxTrainImages} and train-labels-idx1-ubyte are looked for, and the same with t10k ` +
        'or test in front, all of them with or without .gz',
    );
  }
  const files = [...found.values()].map((name) => join(dir, name));
  return storedDataset(parts, files, names);
}

async function openPart(imagesName: string, labelsName: string): Promise<StoredPart> {
  const { shape, data } = await readIdx(labelsName);
  if (shape.length !== 1) {
    throw new FormatError(`${labelsName} has the shape [${shape.join(', ')}]: labels must be [count]`);
  }
  return {
    imageShape: await shapeOf(imagesName),
    labels: Uint16Array.from(data),
    imagesName,
    labelsName,
    readImages: async () => (await readIdx(imagesName)).data,
  };
}

/** The shape that a file claims, without reading more. @throws DataError, FormatError */
async function shapeOf(path: string): Promise<readonly number[]> {
  const { bytes } = await openBytes(path);
  try {
    return parseIdxHeader(await bytes.peek(IDX_HEADER_BYTES), path).shape;
  } finally {
    await bytes.close();
  }
}

/**
 * Reads an IDX file of unsigned bytes, packed with gzip or not.
 * @throws DataError if it cannot be read; FormatError if it is damaged, or claims more than a file of its size may hold
 */
export async function readIdx(path: string): Promise<{ shape: readonly number[]; data: Uint8Array }> {
  const { bytes, length, most } = await openBytes(path);
  try {
    const { shape, dataStart } = parseIdxHeader(await bytes.peek(IDX_HEADER_BYTES), path);
    const wanted = product(shape);
    const claim = `${path}: its header claims the shape [${shape.join(', ')}], which takes ${wanted} bytes`;
    if (length !== undefined && length - dataStart !== wanted) {
      throw new FormatError(`${claim}, but ${length - dataStart} follow; it is damaged: fetch it again`);
    }
    if (dataStart + wanted > most) {
      throw new FormatError(
        `${claim}, and a packed file of its size may hold ${most}: unpack it with gunzip first`,
      );
    }
    await bytes.skip(dataStart);
    const data = new Uint8Array(wanted);
    const filled = await bytes.fill(data);
    if (filled < wanted)
      throw new FormatError(`${claim}, but only ${filled} follow; it is damaged: fetch it again`);
    if (!(await bytes.atEnd()))
      throw new FormatError(`${claim}, but more follow; it is damaged: fetch it again`);
    return { shape, data };
  } finally {
    await bytes.close();
  }
}

/** The names of the files by what they are: "train images". @throws DataError if two are the same thing */
function filesByRole(names: readonly string[], dir: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of names.toSorted()) {
    const [, , part, what, packed] = NAME.exec(name) ?? [];
    if (part === undefined) continue;
    const role = `${part === 'train' ? 'train' : 'test'} ${what!}`;
    const other = found.get(role);
    // The same, packed: it is taken as it is.
    if (other !== undefined && packed !== undefined && name === `${other}.gz`) continue;
    if (other !== undefined) {
      throw new DataError(
        `${dir} has ${other} and ${name}, and which one is meant cannot be told: put one dataset in a folder`,
      );
    }
    found.set(role, name);
  }
  return found;
}

async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
