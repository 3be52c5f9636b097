/** What Node, Deno and Bun run: `processEntry.js LIBRARY TASKS.json`. Prints what came of it as JSON. */
import { readFile } from 'node:fs/promises';
import type * as portable from '../../src/portable.ts';
import { run, type Outcome, type Task } from './program.ts';
import type { Report } from './runtime.ts';

const [library, tasks] = process.argv.slice(2) as [string, string];
const simdnet = (await import(library)) as typeof portable;
const outcomes: Outcome[] = [];
for (const task of JSON.parse(await readFile(tasks, 'utf8')) as Task[])
  outcomes.push(await run(simdnet, task));
const { node, deno, bun, v8, webkit } = process.versions;
const report: Report = {
  version: deno ?? bun ?? node,
  engine: webkit === undefined ? `V8 ${v8}` : `JavaScriptCore ${webkit.slice(0, 8)}`,
  outcomes,
};
console.log(JSON.stringify(report));
