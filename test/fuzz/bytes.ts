/** Mutations that know nothing of a format. */
import { NUMBERS, type Choices } from './choices.ts';

/** One to four mutations. @param other  what parts may be taken from */
export function mutateBytes(bytes: Uint8Array, other: Uint8Array, choices: Choices): Uint8Array {
  let mutated = bytes;
  for (let times = choices.amount(choices.of([1, 1, 4])); times > 0; times--) {
    mutated = choices.of(MUTATIONS)(mutated, other, choices);
  }
  return mutated;
}

type Mutation = (bytes: Uint8Array, other: Uint8Array, choices: Choices) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (bytes, _, choices) =>
    changed(bytes, (copy) => (copy[choices.below(copy.length)]! ^= 1 << choices.below(8))),
  (bytes, _, choices) =>
    changed(bytes, (copy) => (copy[choices.below(copy.length)] = choices.of([0, 1, 0x20, 0x7f, 0x80, 0xff]))),
  // A number of four bytes, either end first.
  (bytes, _, choices) =>
    changed(bytes, ({ buffer, length }) => {
      if (length < 4) return;
      const value = Math.trunc(choices.of(NUMBERS)) >>> 0;
      new DataView(buffer).setUint32(choices.below(length - 3), value, choices.oneIn(2));
    }),
  // Cut off, cut out, twice, in another order, from another file.
  (bytes, _, choices) => bytes.slice(0, choices.below(bytes.length + 1)),
  (bytes, _, choices) => {
    const [begin, end] = range(bytes, choices);
    return joined(bytes.subarray(0, begin), bytes.subarray(end));
  },
  (bytes, _, choices) => {
    const [begin, end] = range(bytes, choices);
    return joined(bytes.subarray(0, end), bytes.subarray(begin));
  },
  (bytes, other, choices) => {
    const [begin, end] = range(other, choices);
    const at = choices.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), other.subarray(begin, end), bytes.subarray(at));
  },
  (bytes, other, choices) =>
    joined(
      bytes.subarray(0, choices.below(bytes.length + 1)),
      other.subarray(choices.below(other.length + 1)),
    ),
];

function changed(bytes: Uint8Array, change: (copy: Uint8Array<ArrayBuffer>) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy.length > 0) change(copy);
  return copy;
}

function range(bytes: Uint8Array, choices: Choices): [begin: number, end: number] {
  const begin = choices.below(bytes.length + 1);
  return [begin, begin + choices.below(Math.min(bytes.length - begin, 4096) + 1)];
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
