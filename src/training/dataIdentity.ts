/** What tells examples from others, without keeping them: to go on with the same ones. */
import { OptionError } from '../errors.ts';
import type { Examples, ImageData } from './examples.ts';
import { areStored, readStored } from '../data/storedImages.ts';

export interface DataIdentity {
  /** How many examples there are. */
  readonly count: number;
  /** How many numbers an image has, and its targets. */
  readonly size: number;
  readonly targets: number;
  /** Hashes of the first and of the last example, image and targets. */
  readonly first: string;
  readonly last: string;
}

/** At once, for images in memory. */
export function identityOf(set: Examples): DataIdentity | Promise<DataIdentity> {
  const { data, count, size, targets } = set;
  const known = { count, size, targets: targets.size };
  const last = count - 1;
  if (areStored(data)) {
    const hash = async (index: number): Promise<string> =>
      hashOf(set, index, await readStored(data, size, index, 1));
    return (async () => ({ ...known, first: await hash(0), last: await hash(last) }))();
  }
  const hash = (index: number): string => hashOf(set, index, data.subarray(index * size, (index + 1) * size));
  return { ...known, first: hash(0), last: hash(last) };
}

/** @throws OptionError if they are not the same, naming what differs */
export function mustBeSameData(now: DataIdentity, before: DataIdentity): void {
  for (const key of ['count', 'size', 'targets', 'first', 'last'] as const) {
    if (now[key] === before[key]) continue;
    const what = { count: 'examples', size: 'numbers an image', targets: 'targets an image' };
    const difference =
      key === 'first' || key === 'last'
        ? `the ${key} example is another one`
        : `there are ${now[key]} ${what[key]}, where there were ${before[key]}`;
    throw new OptionError(`resumeFrom: these are not the data of the checkpoint: ${difference}.`);
  }
}

/** FNV-1a, 32 bits, over the bytes of an example. */
function hashOf({ targets: { data, size } }: Examples, index: number, image: ImageData): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of [image, data.subarray(index * size, (index + 1) * size)]) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
