/** The results of a tournament in order, as tables and charts show them. Pure. */
import type { Bar } from '../../src/plot/barChart.ts';
import { threadText } from '../environment.ts';
import { median } from '../statistics.ts';
import type { Kind } from './child.ts';
import type { PeerResult } from './tournament.ts';

export const KINDS: readonly Kind[] = ['training', 'inference'];

export function fastestFirst(kind: Kind, results: readonly PeerResult[]): PeerResult[] {
  return results.filter((each) => each.kind === kind).sort((a, b) => median(b.rates) - median(a.rates));
}

/** One for each of those that did it. */
export function bars(kind: Kind, results: readonly PeerResult[]): Bar[] {
  return fastestFirst(kind, results).map(({ name, threads, rates }) => ({
    label: `${kind}: ${name}, ${threadText(threads)}`,
    value: Number(median(rates).toPrecision(3)),
    highlight: name.startsWith('simdnet'),
  }));
}
