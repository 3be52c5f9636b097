import type { Dataset, LabelledImages } from './dataset.ts';
import { areStored, sliceStored } from './storedImages.ts';

/** The images [begin, end), without copying. */
export function slice<Set extends LabelledImages>(set: Set, begin: number, end: number): Set {
  const size = set.height * set.width * set.channels;
  const { images } = set;
  return {
    ...set,
    images: areStored(images)
      ? sliceStored(images, begin, (end - begin) * size)
      : images.subarray(begin * size, end * size),
    labels: set.labels.subarray(begin, end),
    count: end - begin,
  };
}

/** Some of the images, in memory. */
export async function gather(set: LabelledImages, indices: readonly number[]): Promise<Dataset> {
  const { images: from, labels } = set;
  const size = set.height * set.width * set.channels;
  const images = new Uint8Array(indices.length * size);
  if (areStored(from)) await from.read(Uint32Array.from(indices), images);
  else
    indices.forEach((index, i) => {
      images.set(from.subarray(index * size, (index + 1) * size), i * size);
    });
  const chosen = new (labels.BYTES_PER_ELEMENT === 1 ? Uint8Array : Uint16Array)(indices.length);
  indices.forEach((index, i) => (chosen[i] = labels[index]!));
  return { ...set, images, labels: chosen, count: indices.length };
}
