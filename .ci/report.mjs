/**
 * `report.mjs FAILED TESTS...`: what came of all checks. FAILED is a folder with what each failed check said, in a file of the
 * check's name; TESTS are files of Vitest's JSON reporter. Each failure is told with its lines that matter, and last comes a
 * line of numbers. A test that never ran, because its process ended, counts as failed, and so does a check that failed although
 * no test of it did.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** So many lines of what a failed check said last. */
const LAST_LINES = 60;

const sums = { passed: 0, failed: 0, skipped: 0 };
// Vitest calls a test that is skipped on purpose "skipped", and one that it was still waiting for "pending".
const KINDS = { passed: 'passed', skipped: 'skipped', todo: 'skipped' };

const [failed, ...tests] = process.argv.slice(2);
for (const path of tests) {
  if (!existsSync(path)) {
    sums.failed++;
    console.log(`FAILED: there is no ${path}, so no test is known to have run.`);
    continue;
  }
  for (const { name, message, assertionResults } of JSON.parse(readFileSync(path, 'utf8')).testResults) {
    const file = relative('.', name);
    if (assertionResults.length === 0) {
      sums.failed++;
      console.log(`FAILED ${file}\n  ${message}`);
    }
    for (const { status, fullName, failureMessages = [] } of assertionResults) {
      const kind = KINDS[status] ?? 'failed';
      sums[kind]++;
      if (kind !== 'failed') continue;
      const reason = failureMessages[0] ?? 'It did not end.';
      console.log(`FAILED ${file}: ${fullName}\n  ${excerpt(reason).join('\n  ')}`);
    }
  }
}

/** The first lines, and later ones that name an error: what a command printed before it failed may be long, or minified. */
function excerpt(text) {
  const lines = text.split('\n').map((line) => line.slice(0, 300));
  const errors = lines.slice(8).filter((line) => /^\s*\w*Error\b/.test(line));
  return [...lines.slice(0, 8), ...errors.slice(0, 4)];
}

const checks = readdirSync(failed);
for (const name of checks) {
  const said = stripVTControlCharacters(readFileSync(join(failed, name), 'utf8'))
    .trimEnd()
    .split('\n');
  const last = said.slice(-LAST_LINES).map((line) => line.slice(0, 300));
  console.log(`FAILED: ${name}. It said last:\n  ${last.join('\n  ')}`);
}
sums.failed = Math.max(sums.failed, checks.length);

console.log(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = sums.failed > 0 ? 1 : 0;
