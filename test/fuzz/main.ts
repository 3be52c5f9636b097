/**
 * `npm run fuzz -- --iterations N --seed S`: files that are wrong in all ways, for every reader. Each must give a result or a typed error
 * that names the file, within a second and within the memory that its size allows. Exit code 1 if one does not.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inputOf, runIteration, type Outcome } from './iteration.ts';
import { runAll } from './parent.ts';
import { targetOf } from './targets/all.ts';
import { Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    iterations: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    /** Repeats one, in this process, and shows what comes of it. */
    iteration: { type: 'string' },
    /** For inputs that fail. */
    out: { type: 'string' },
  },
});

const seed = Number(values.seed);
let folder = values.out;
if (values.iteration !== undefined) await repeat(Number(values.iteration));
else await fuzz(Number(values.iterations));

async function repeat(iteration: number): Promise<void> {
  console.log(`Saved: ${await save(iteration)}`);
  const outcome = await runIteration(seed, iteration);
  console.log(outcome);
  if (outcome.kind === 'failure') process.exitCode = 1;
}

async function fuzz(iterations: number): Promise<void> {
  const tally = new Tally();
  const failures: { iteration: number; outcome: Outcome }[] = [];
  const begin = Date.now();
  await runAll({
    seed,
    iterations,
    onOutcome: (outcome, iteration) => {
      tally.add(outcome, iteration);
      if (outcome.kind === 'failure') failures.push({ iteration, outcome });
    },
  });
  console.log(tally.text());
  const seconds = ((Date.now() - begin) / 1000).toFixed(0);
  console.log(`${iterations} iterations with seed ${seed} in ${seconds} s: ${failures.length} failures`);
  if (failures.length === 0) return;
  process.exitCode = 1;
  for (const { iteration, outcome } of failures.slice(0, 20)) {
    console.log(`\n${outcome.target}, --seed ${seed} --iteration ${iteration}, ${await save(iteration)}`);
    console.log(outcome.message!.slice(0, 1500));
  }
}

/** Keeps the input of an iteration as a file. @returns its path */
async function save(iteration: number): Promise<string> {
  folder ??= mkdtempSync(join(tmpdir(), 'simdnet-fuzz-failures-'));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${targetOf(iteration).name.replaceAll(' ', '-')}-${seed}-${iteration}.bin`);
  writeFileSync(path, await inputOf(seed, iteration));
  return path;
}
