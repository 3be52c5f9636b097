/** What tells examples from others, without keeping them: to go on with the same ones. */
import { OptionError } from '../errors.ts';
import type { Examples } from './examples.ts';

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

export function identityOf(set: Examples): DataIdentity {
  const { count, size, targets } = set;
  return { count, size, targets: targets.size, first: hashOf(set, 0), last: hashOf(set, count - 1) };
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
function hashOf({ data, size, targets }: Examples, index: number): string {
  let hash = 0x811c9dc5;
  for (const [values, length] of [
    [data, size],
    [targets.data, targets.size],
  ] as const) {
    const { buffer, byteOffset, BYTES_PER_ELEMENT: bytes } = values;
    const part = new Uint8Array(buffer, byteOffset + index * length * bytes, length * bytes);
    for (const byte of part) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
