/**
 * How threads share out the items of a call. Each has a range of its own, which it takes piece by piece, from half of the range down; then
 * it takes the pieces that others have not come to: cores are not equally fast, and have other work at times. What comes out does not
 * depend on it, since no item depends on which others are taken with it.
 */

/** Carries out items [begin, end) of a call. */
export type Work = (begin: number, end: number) => void;

/** Has one thread do its part of a call. @param grain  calls are divided at multiples of it, if there are more items for a thread */
export type Share = (items: number, grain: number, work: Work) => void;

/** For a thread that is alone. */
export const all: Share = (items, _grain, work) => {
  work(0, items);
};

/** Pieces of a range at most: the last is a sixteenth of it. */
const PIECES = 5;

/** How many calls may be under way at a time: threads must meet before one of them comes so far ahead. */
export const CALLS_UNDER_WAY = 64;

/** Bits of a counter that count pieces; those above tell of which call they are. */
const COUNT_BITS = 3;

/** Bytes of a team's counters. */
export function sharingBytes(threads: number): number {
  return threads * CALLS_UNDER_WAY * Int32Array.BYTES_PER_ELEMENT;
}

/** Where each piece of a thread's range begins, at a multiple of the grain but for the first, and where the last one ends. */
export function piecesOf(items: number, grain: number, thread: number, threads: number): number[] {
  const end = Math.floor((items * (thread + 1)) / threads);
  const edges = [Math.floor((items * thread) / threads)];
  while (edges.at(-1)! < end) {
    const half = (edges.at(-1)! + end) / 2;
    edges.push(edges.length < PIECES ? Math.min(end, Math.ceil(half / grain) * grain) : end);
  }
  return edges;
}

/**
 * For one thread of a team, all of which are told of the same calls in the same order.
 * @param memory   that all of them see
 * @param address  of `sharingBytes` bytes, zero at first
 */
export function shareInTeam(
  memory: WebAssembly.Memory,
  address: number,
  thread: number,
  threads: number,
): Share {
  // [thread][call]: how many pieces of its range have been taken.
  const counters = new Int32Array(memory.buffer, address, threads * CALLS_UNDER_WAY);
  // Counters are never set back: what is there of a call long past counts for nothing.
  let call = CALLS_UNDER_WAY - 1;
  /** The next piece of a range, or as many as there are if all are taken. */
  const take = (owner: number, pieces: number): number => {
    const index = owner * CALLS_UNDER_WAY + (call % CALLS_UNDER_WAY);
    const tag = Math.floor(call / CALLS_UNDER_WAY) << COUNT_BITS;
    for (;;) {
      const found = Atomics.load(counters, index);
      const taken = found >> COUNT_BITS === tag >> COUNT_BITS ? found & ((1 << COUNT_BITS) - 1) : 0;
      if (taken === pieces) return pieces;
      if (Atomics.compareExchange(counters, index, found, tag | (taken + 1)) === found) return taken;
    }
  };
  // Calls come again in every step.
  const known = new Map<number, Map<number, readonly number[][]>>();
  const rangesOf = (items: number, grain: number): readonly number[][] => {
    const found = known.get(items)?.get(grain);
    if (found) return found;
    const ranges = Array.from({ length: threads }, (_, owner) => piecesOf(items, grain, owner, threads));
    known.set(items, new Map([...(known.get(items) ?? []), [grain, ranges]]));
    return ranges;
  };
  return (items, grain, work) => {
    call++;
    const ranges = rangesOf(items, grain);
    for (let i = 0; i < threads; i++) {
      const owner = (thread + i) % threads;
      const edges = ranges[owner]!;
      const pieces = edges.length - 1;
      for (let piece = take(owner, pieces); piece < pieces; piece = take(owner, pieces)) {
        work(edges[piece]!, edges[piece + 1]!);
      }
    }
  };
}
