/** The lines that show which layer takes whose output, row by row, as version histories are drawn. Pure. */

/** What of the lines is in a row. Lane 0 is that of the layers themselves, each a dot on it; the others lead around layers. */
export interface Track {
  /** Whether it takes the output of the row above, and whether the row below takes its own. */
  readonly above: boolean;
  readonly below: boolean;
  /** The lanes that begin here, that end here, and that go by. */
  readonly opens: readonly number[];
  readonly closes: readonly number[];
  readonly passes: readonly number[];
}

/** More lanes than this would be a thicket: what does not fit is left to words. */
const MOST_LANES = 6;

/**
 * @param from  for each row, which rows it takes, all above it
 * @returns nothing for a chain, which needs no lines
 */
export function tracksOf(from: readonly (readonly number[])[]): Track[] {
  const edges = from.flatMap((sources, to) =>
    sources.flatMap((source) => (source === to - 1 ? [] : [{ source, to }])),
  );
  if (edges.length === 0) return [];
  const tracks = from.map((sources, row) => ({
    above: sources.includes(row - 1),
    below: from[row + 1]?.includes(row) ?? false,
    opens: [] as number[],
    closes: [] as number[],
    passes: [] as number[],
  }));
  /** The row where each lane is free again. */
  const free: number[] = [0];
  for (const { source, to } of edges.sort((a, b) => a.source - b.source || a.to - b.to)) {
    let lane = free.findIndex((row, k) => k > 0 && row <= source);
    if (lane < 0) lane = free.length;
    if (lane > MOST_LANES) continue;
    free[lane] = to;
    tracks[source]!.opens.push(lane);
    tracks[to]!.closes.push(lane);
    for (let row = source + 1; row < to; row++) tracks[row]!.passes.push(lane);
  }
  return tracks;
}
