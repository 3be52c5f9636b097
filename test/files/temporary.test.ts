/** Temporary files of processes that end before their time, from dist. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const module = new URL('../../dist/files/temporary.js', import.meta.url).href;

/** What is left of a file and a folder, held and then let go of or not, when a process has ended. */
async function left(end: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'simdnet-temporary-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const script = `
    import { holdTemporary, temporaryBeside } from '${module}';
    import { mkdirSync, writeFileSync } from 'node:fs';
    process.chdir(${JSON.stringify(folder)});
    const paths = [temporaryBeside(process.cwd() + '/model'), process.cwd() + '/folder', process.cwd() + '/done'];
    mkdirSync(paths[1]);
    for (const path of [paths[0], paths[1] + '/file', paths[2]]) writeFileSync(path, '');
    const releases = paths.map((path) => holdTemporary(path));
    releases[2]();
    ${end}`;
  spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  return readdir(folder);
}

it.each(['process.exit(3);', 'throw new Error();', ''])('are removed: %s', async (end) => {
  expect(await left(end)).toEqual(['done']);
});

it('stay when they have been let go of', async () => {
  expect(await left('releases[0](); releases[1]();')).toHaveLength(3);
});
