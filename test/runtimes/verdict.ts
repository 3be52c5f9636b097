/** Whether all runtimes came to the same bits, and if not, which differ in what. */
import { createHash } from 'node:crypto';
import type { Bits } from './program.ts';

/** The parts in the order in which the program comes to them: the first that differs says the most. */
const PARTS = [
  'images',
  'initialWeights',
  'learningRates',
  'history',
  'weights',
  'optimizerVariables',
  'predictions',
] as const satisfies readonly (keyof Bits)[];

/** One hash of everything. */
export function hashOf(bits: Bits): string {
  const hash = createHash('sha256');
  for (const part of PARTS) hash.update(`${part} ${[bits[part]].flat().join(' ')}\n`);
  return hash.digest('hex');
}

/** What was computed, and by whom. */
export interface Result {
  /** "Firefox 153, 2 threads" */
  readonly by: string;
  readonly bits: Bits;
}

/** The lines of the verdict. @param results  at least one */
export function verdict(results: readonly Result[]): { readonly same: boolean; readonly lines: string[] } {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const hash = hashOf(result.bits);
    groups.set(hash, [...(groups.get(hash) ?? []), result]);
  }
  const [first, ...others] = [...groups.values()] as [Result[], ...Result[][]];
  if (others.length === 0) return { same: true, lines: [`one hash: ${hashOf(first[0]!.bits)}`] };
  const lines = [...groups].map(([hash, group]) => `${hash}  ${group.map(({ by }) => by).join('; ')}`);
  for (const [other] of others) {
    lines.push(`${other!.by} differs from ${first[0]!.by} in ${differences(first[0]!.bits, other!.bits)}`);
  }
  return { same: false, lines: [`${groups.size} hashes:`, ...lines] };
}

function differences(a: Bits, b: Bits): string {
  const parts = PARTS.flatMap((part) => {
    const [ours, theirs] = [[a[part]].flat(), [b[part]].flat()];
    const longer = ours.length < theirs.length ? theirs : ours;
    const from = longer.findIndex((_, i) => ours[i] !== theirs[i]);
    if (from < 0) return [];
    return [longer.length === 1 ? part : `${part} (from number ${from + 1} on)`];
  });
  return parts.join(', ');
}
