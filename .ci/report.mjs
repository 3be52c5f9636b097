/**
 * What came of all tests, from the files of Vitest's JSON reporter that are named: each failure with its first lines, and last
 * a line of numbers. A test that never ran, because its process ended, counts as failed.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const sums = { passed: 0, failed: 0, skipped: 0 };
// Vitest calls a test that is skipped on purpose "skipped", and one that it was still waiting for "pending".
const KINDS = { passed: 'passed', skipped: 'skipped', todo: 'skipped' };

for (const path of process.argv.slice(2)) {
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

console.log(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = sums.failed > 0 ? 1 : 0;
