/**
 * Runs iterations in a process of its own, which may end or hang: which one is under way stands in a file, and what came of them is
 * sent to the parent, many at a time.
 */
import { openSync, writeSync } from 'node:fs';
import { runIteration, type Outcome } from './iteration.ts';

export interface Batch {
  readonly next: number;
  readonly outcomes: readonly (Outcome & { readonly iteration: number })[];
}

/** So many are sent at a time. */
const BATCH = 200;

const [seed, begin, end, progress, ...skipped] = process.argv.slice(2);
const skip = new Set(skipped.map(Number));
const file = openSync(progress!, 'r+');
const under = new Float64Array(1);
let outcomes: (Outcome & { iteration: number })[] = [];

const send = (next: number): Promise<void> =>
  new Promise((resolve) => {
    const batch: Batch = { next, outcomes };
    process.send!(batch, () => {
      resolve();
    });
    outcomes = [];
  });

for (let iteration = Number(begin); iteration < Number(end); iteration++) {
  if (!skip.has(iteration)) {
    under[0] = iteration;
    writeSync(file, under, 0, 8, 0);
    outcomes.push({ ...(await runIteration(Number(seed), iteration)), iteration });
  }
  if (outcomes.length >= BATCH) await send(iteration + 1);
}
await send(Number(end));
process.disconnect();
