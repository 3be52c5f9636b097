import type { Dataset } from './dataset.ts';

/** The images [begin, end), without copying. */
export function slice<Labels extends Uint8Array | Uint16Array>(
  set: Dataset<Labels>,
  begin: number,
  end: number,
): Dataset<Labels> {
  const size = set.height * set.width * set.channels;
  return {
    ...set,
    images: set.images.subarray(begin * size, end * size),
    labels: set.labels.subarray(begin, end) as Labels,
    count: end - begin,
  };
}
