/**
 * `npm run chaos -- --rounds N --seed S`: trainings to which something happens again and again, until they are left alone. Each
 * must end with the bytes of one that was never disturbed.
 */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { randomStream } from '../../src/random.ts';
import { leftovers, simdnet } from './command.ts';
import { RUN, said, SCENARIOS, type Subject } from './scenarios.ts';

/** What must be the same. */
const FILES = ['model.safetensors', 'history.csv', 'history.json'];

/** Something happens to a run at most so many times. */
const MOST_BLOWS = 3;

const NETWORK = {
  type: 'sequential',
  layers: [
    { type: 'conv2d', filters: 8, kernelSize: 3, strides: 2, inputShape: [32, 32, 3] },
    { type: 'batchNormalization' },
    { type: 'reLU' },
    { type: 'dropout', rate: 0.2 },
    { type: 'globalAveragePooling2d' },
    { type: 'dense', units: 10, activation: 'softmax' },
  ],
};

const COMMON =
  'train --dataset shapes --train-limit 640 --batch-size 32 --epochs 4 --tier simd --network network.json --out run';

/** With state of different kinds. */
const VARIANTS: readonly (readonly string[])[] = [
  ['--optimizer', 'adam', '--ema', '0.9', '--checkpoint-every', '3 steps'],
  ['--optimizer', 'sgd', '--momentum', '0.9', '--schedule', 'cosine', '--checkpoint-every', '0.05s'],
  ['--optimizer', 'rmsprop', '--clip-norm', '1', '--checkpoint-every', '7 steps', '--threads', '2'],
].map((options) => [...COMMON.split(' '), ...options]);

interface Reference extends Omit<Subject, 'random' | 'cwd'> {
  readonly bytes: ReadonlyMap<string, Buffer>;
}

const { rounds, seed } = await yargs(hideBin(process.argv))
  .scriptName('npm run chaos --')
  .option('rounds', { type: 'number', default: 21, describe: 'how many trainings are disturbed' })
  .option('seed', { type: 'number', default: 1, describe: 'of what happens to them' })
  .strict()
  .help()
  .parseAsync();

const folder = await mkdtemp(join(tmpdir(), 'simdnet-chaos-'));
const references: (Reference | undefined)[] = [];
const counts = new Map(Object.keys(SCENARIOS).map((name) => [name, { rounds: 0, blows: 0, failed: 0 }]));
const begin = performance.now();
const names = Object.keys(SCENARIOS);
for (let round = 0; round < rounds; round++) {
  const name = names[round % names.length]!;
  const variant = Math.floor(round / names.length) % VARIANTS.length;
  references[variant] ??= await undisturbed(VARIANTS[variant]!, join(folder, `reference-${variant}`));
  const count = counts.get(name)!;
  const { blows, wrong } = await disturbed(name, references[variant], round);
  count.rounds++;
  count.blows += blows;
  if (wrong.length > 0) {
    count.failed++;
    console.error(`Round ${round}, ${name}, ${VARIANTS[variant]!.join(' ')}:\n  ${wrong.join('\n  ')}`);
  }
}
console.table(Object.fromEntries(counts));
const failed = [...counts.values()].reduce((sum, each) => sum + each.failed, 0);
const seconds = Math.round((performance.now() - begin) / 1000);
console.log(
  `${rounds} trainings disturbed in ${seconds} s: ${rounds - failed} ended with the same bytes, ${failed} failed.`,
);
if (failed === 0) await rm(folder, { recursive: true });
else console.error(`What they left is in ${folder}.`);
process.exitCode = failed === 0 ? 0 : 1;

/** What comes out if nothing happens. */
async function undisturbed(args: readonly string[], cwd: string): Promise<Reference> {
  await prepare(cwd);
  const to = join(cwd, 'operations');
  const ended = await simdnet(args, cwd, { fault: { kind: 'count', to } });
  if (ended.code !== 0) throw new Error(said('It failed undisturbed', ended));
  const bytes = await results(cwd);
  return { args, milliseconds: ended.milliseconds, operations: Number(await readFile(to, 'utf8')), bytes };
}

/** Has something happen to a training some times, then lets it end. */
async function disturbed(
  name: string,
  reference: Reference,
  round: number,
): Promise<{ blows: number; wrong: readonly string[] }> {
  const cwd = join(folder, `round-${round}`);
  await prepare(cwd);
  const random = randomStream(seed, `round/${round}`);
  const blows = 1 + random.below(MOST_BLOWS);
  const wrong: string[] = [];
  for (let blow = 0; blow < blows; blow++)
    wrong.push(...(await SCENARIOS[name]!({ ...reference, cwd, random }, await next(reference, cwd))));
  const ended = await simdnet(await next(reference, cwd), cwd);
  if (ended.code !== 0) return { blows, wrong: [...wrong, said('It could not be ended', ended)] };
  const bytes = await results(cwd);
  for (const file of FILES)
    if (!bytes.get(file)!.equals(reference.bytes.get(file)!)) wrong.push(`${file} has other bytes`);
  if ((await leftovers(cwd)).some((path) => path.endsWith('lock'))) wrong.push('The lock is still there');
  if (wrong.length === 0) await rm(cwd, { recursive: true });
  return { blows, wrong };
}

/** What a person would do next: go on, if there is something to go on with. */
async function next({ args }: Reference, cwd: string): Promise<readonly string[]> {
  const begun = await stat(join(cwd, RUN, 'run.json')).catch(() => undefined);
  return begun ? ['train', '--resume', RUN] : args;
}

async function prepare(cwd: string): Promise<void> {
  await mkdir(cwd);
  await writeFile(join(cwd, 'network.json'), JSON.stringify(NETWORK));
}

async function results(cwd: string): Promise<Map<string, Buffer>> {
  return new Map(
    await Promise.all(
      FILES.map(async (name): Promise<[string, Buffer]> => [name, await readFile(join(cwd, RUN, name))]),
    ),
  );
}
