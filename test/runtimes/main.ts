/**
 * `npm run runtimes`: trains the same network in every JavaScript runtime that is installed here, and compares all bits of what
 * comes of it. Ends with 1 if they differ or a runtime fails.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { BROWSERS } from './browsers.ts';
import { markdownTable } from './markdownTable.ts';
import { PROCESSES } from './processes.ts';
import type { Report, Runtime } from './runtime.ts';
import { task } from './task.ts';
import { hashOf, verdict, type Result } from './verdict.ts';
import { WEBKIT } from './webkit.ts';

const THREADS = [1, 2];
const TITLES = ['runtime', 'version', 'JavaScript engine', 'threads', 'hash'];

const { install, requireAll, only } = await yargs(hideBin(process.argv))
  .scriptName('npm run runtimes --')
  .usage('Trains one network in every JavaScript runtime that is installed, and compares the bits.')
  .option('install', {
    type: 'boolean',
    default: false,
    describe: 'first install those that are npm packages',
  })
  .option('require-all', {
    type: 'boolean',
    default: false,
    describe: 'fail if one is missing, or has too few threads',
  })
  .option('only', { type: 'string', array: true, describe: 'only the runtimes whose names begin so' })
  .strict()
  .help()
  .parseAsync();

if (install) {
  const packages = fileURLToPath(new URL('packages/', import.meta.url));
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--prefix', packages], { stdio: 'inherit' });
}

const rows: string[][] = [];
const results: Result[] = [];
const problems: string[] = [];
let failed = false;

// One after the other: each needs all cores.
for (const runtime of [...PROCESSES, ...BROWSERS, WEBKIT]) {
  if (only && !only.some((name) => runtime.name.startsWith(name))) continue;
  const remedy = runtime.missing();
  if (remedy === undefined) await tryOut(runtime);
  else {
    problems.push(`${runtime.name} is missing: ${remedy}.`);
    rows.push([runtime.name, 'missing', '', '', '']);
  }
}

async function tryOut(runtime: Runtime): Promise<void> {
  const begin = performance.now();
  try {
    const { version, engine, outcomes, note } = await report(runtime);
    outcomes.forEach(({ bits, threads, reason }, i) => {
      const first = i === 0 ? [runtime.name, version, engine] : ['', '', ''];
      rows.push([...first, String(threads), hashOf(bits).slice(0, 16)]);
      results.push({ by: `${runtime.name} ${version} with threads: ${threads}`, bits });
      if (reason !== undefined)
        problems.push(`${runtime.name} does not run ${THREADS[i]!} threads. ${reason}`);
    });
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    console.error(`${runtime.name} ${version}: ${seconds} s${note === undefined ? '' : ` (${note})`}`);
  } catch (error) {
    failed = true;
    problems.push(`${runtime.name} failed: ${messageOf(error)}`);
    rows.push([runtime.name, 'failed', '', '', '']);
  }
}

/** A browser that is driven does not always start: it gets a second chance, unlike wrong bits. */
async function report(runtime: Runtime): Promise<Report> {
  const tasks = THREADS.map(task);
  try {
    return await runtime.run(tasks);
  } catch (error) {
    console.error(`${runtime.name} failed, and is run once more: ${messageOf(error)}`);
    return runtime.run(tasks);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

console.log(markdownTable(TITLES, rows));
for (const problem of problems) console.log(`\n${problem}`);
if (results.length > 0) {
  const { same, lines } = verdict(results);
  console.log(`\n${lines.join('\n')}`);
  failed ||= !same;
}
if (failed || (requireAll && problems.length > 0)) process.exitCode = 1;
