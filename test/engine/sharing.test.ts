/** How items come to threads: every one to exactly one, whoever is quick. */
import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/engine/arena.ts';
import {
  all,
  CALLS_UNDER_WAY,
  piecesOf,
  shareInTeam,
  sharingBytes,
  type Share,
} from '../../src/engine/sharing.ts';

function team(threads: number): Share[] {
  const arena = new Arena(64);
  const address = arena.allocate(sharingBytes(threads));
  const memory = arena.createMemory(true);
  return Array.from({ length: threads }, (_, thread) => shareInTeam(memory, address, thread, threads));
}

const taken = (share: Share, items: number, grain = 1): [number, number][] => {
  const ranges: [number, number][] = [];
  share(items, grain, (begin, end) => ranges.push([begin, end]));
  return ranges;
};

describe('the pieces of a range', () => {
  it.each([
    [10, 3, 1],
    [1, 7, 1],
    [0, 2, 1],
    [16, 16, 1],
    [1_000_003, 5, 1],
    [96, 2, 32],
    [50, 3, 4],
  ])(
    'of %i items among %i threads, by %i, are all of them, one behind the other',
    (items, threads, grain) => {
      let next = 0;
      for (let thread = 0; thread < threads; thread++) {
        const edges = piecesOf(items, grain, thread, threads);
        expect(edges[0]).toBe(next);
        next = edges.at(-1)!;
        expect(next - edges[0]!).toBeGreaterThanOrEqual(Math.floor(items / threads));
        expect(next - edges[0]!).toBeLessThanOrEqual(Math.ceil(items / threads));
        const sizes = edges.slice(1).map((end, i) => end - edges[i]!);
        expect(sizes.length).toBeLessThanOrEqual(5);
        for (const edge of edges.slice(1, -1)) expect(edge % grain).toBe(0);
        for (const size of sizes) expect(size).toBeGreaterThan(0);
      }
      expect(next).toBe(items);
    },
  );

  it('are halves of what is left', () => {
    expect(piecesOf(64, 1, 1, 2)).toEqual([32, 48, 56, 60, 62, 64]);
    expect(piecesOf(64, 16, 0, 2)).toEqual([0, 16, 32]);
    expect(piecesOf(64, 32, 1, 4)).toEqual([16, 32]);
    expect(piecesOf(96, 32, 1, 2)).toEqual([48, 96]);
    expect(piecesOf(64, 4, 1, 3)).toEqual([21, 32, 40, 42]);
  });
});

describe('a team', () => {
  it('has each take its own range first, and then what the others have left', () => {
    const [first, second] = team(2) as [Share, Share];
    expect(taken(first, 8)).toEqual([
      [0, 2],
      [2, 3],
      [3, 4],
      [4, 6],
      [6, 7],
      [7, 8],
    ]);
    expect(taken(second, 8)).toEqual([]);
  });

  it('has whoever comes later take the rest of its own range', () => {
    const [first, second] = team(2) as [Share, Share];
    const seen: [number, number][] = [];
    second(8, 1, (begin, end) => {
      seen.push([begin, end]);
      // Meanwhile the first one is through with its own.
      if (begin === 4) seen.push(...taken(first, 8));
    });
    expect(seen).toEqual([
      [4, 6],
      [0, 2],
      [2, 3],
      [3, 4],
      [6, 7],
      [7, 8],
    ]);
  });

  it('tells calls apart, also when counters come round again', () => {
    const threads = 3;
    const shares = team(threads);
    for (let call = 0; call < 5 * CALLS_UNDER_WAY; call++) {
      const counts = new Array<number>(10).fill(0);
      for (let i = 0; i < threads; i++) {
        for (const [begin, end] of taken(shares[(call + i) % threads]!, counts.length))
          for (let item = begin; item < end; item++) counts[item]!++;
      }
      expect(counts).toEqual(counts.map(() => 1));
    }
  });

  it('may be some calls apart', () => {
    const [first, second] = team(2) as [Share, Share];
    // The first takes all of 63 calls before the second comes to any.
    const ahead = Array.from({ length: CALLS_UNDER_WAY - 1 }, () => taken(first, 4));
    expect(ahead.flat()).toHaveLength(4 * (CALLS_UNDER_WAY - 1));
    expect(ahead.flatMap(() => taken(second, 4))).toEqual([]);
  });

  it('of one takes all at once', () => {
    expect(taken(all, 100)).toEqual([[0, 100]]);
  });
});
