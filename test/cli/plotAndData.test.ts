import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cifar10TestFile, cifar10TrainFiles } from '../../src/data/cifar10Format.ts';
import { decodePng } from '../../src/formats/png.ts';
import { cifar10Folder, jsonLines, records, simdnet, temporaryFolder } from './simdnet.ts';

const HISTORY = { epoch: [0, 1], history: { loss: [2, 1.5], accuracy: [0.2, 0.4] }, stopped: false };

describe.concurrent('plot', () => {
  it('draws a run as PNG beside it, or as SVG where it is told to', async () => {
    const run = await temporaryFolder();
    await writeFile(join(run, 'history.json'), JSON.stringify(HISTORY));
    const png = await simdnet(['plot', run]);
    expect(png).toEqual({ code: 0, stdout: `${join(run, 'accuracy.png')}\n`, stderr: '' });
    expect(decodePng(await readFile(join(run, 'accuracy.png')), 'accuracy.png').width).toBe(2000);
    const svg = await simdnet(['plot', join(run, 'history.json'), '--out', 'a.svg'], { cwd: run });
    expect(svg).toEqual({ code: 0, stdout: 'a.svg\n', stderr: '' });
    expect(await readFile(join(run, 'a.svg'), 'utf8')).toMatch(/^<svg[^]*Accuracy[^]*<\/svg>\s*$/);
  });

  it.each([
    ['no JSON', '{', /history\.json is not JSON/],
    ['no history', '{"epoch": 3}', /history\.json is no training history/],
    ['an empty history', '{"epoch": [], "history": {}}', /history\.json is no training history/],
    ['too few values', '{"epoch": [0, 1], "history": {"loss": [1]}}', /history\.json is no training history/],
    ['nothing', undefined, /There is no .*history\.json/],
  ])('refuses %s', async (_what, content, message) => {
    const run = await temporaryFolder();
    if (content !== undefined) await writeFile(join(run, 'history.json'), content);
    const before = await readdir(run);
    const { code, stdout, stderr } = await simdnet(['plot', run]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(await readdir(run)).toEqual(before);
  });

  it('leaves nothing behind where it cannot write', async () => {
    const run = await temporaryFolder();
    await writeFile(join(run, 'history.json'), JSON.stringify(HISTORY));
    const { code, stderr } = await simdnet(['plot', run, '--out', join(run, 'no', 'a.svg')]);
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot write ${join(run, 'no', 'a.svg')}`);
    expect(await readdir(run)).toEqual(['history.json']);
  });
});

describe.concurrent('data verify', () => {
  it('counts a sound part of the set, and says that it is only a part', async () => {
    const folder = await cifar10Folder(20, 10);
    const { code, stdout, stderr } = await simdnet(['data', 'verify', '--data-dir', folder]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/data_batch_1\.bin +20 images\n +SHA-256 [0-9a-f]{64}\n/);
    expect(stdout).toContain('Training images: 20: airplane 2, automobile 2,');
    expect(stdout).toContain('Test images: 10: airplane 1,');
    expect(stderr).toContain('not the published CIFAR-10 set');
    const json = await simdnet(['data', 'verify', '--data-dir', folder, '--json']);
    expect(json.code).toBe(1);
    expect(jsonLines(json.stdout)).toMatchObject([{ trainCount: 20, testCount: 10, isFullSet: false }]);
  });

  it('passes a whole set', async () => {
    const folder = await temporaryFolder();
    const bytes = records(10_000);
    for (const name of [...cifar10TrainFiles, cifar10TestFile]) await writeFile(join(folder, name), bytes);
    const { code, stdout, stderr } = await simdnet(['data', 'verify', '--data-dir', folder]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('This is the whole set; every file is sound.');
  });

  it('names a damaged file', async () => {
    const folder = await cifar10Folder(20, 10);
    await writeFile(join(folder, 'test_batch.bin'), records(3).fill(77, 3073, 3074));
    const { code, stdout, stderr } = await simdnet(['data', 'verify', '--data-dir', folder]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/test_batch\.bin.*77/);
  });
});

describe.concurrent('data samples', () => {
  it('draws a sheet, which the seed decides', async () => {
    const cwd = await temporaryFolder();
    const folder = await cifar10Folder(300, 0);
    const draw = async (...args: string[]): Promise<Buffer> => {
      const result = await simdnet(['data', 'samples', '--data-dir', folder, ...args], { cwd });
      expect(result).toEqual({ code: 0, stdout: 'samples.png\n', stderr: '' });
      return readFile(join(cwd, 'samples.png'));
    };
    const first = await draw();
    expect(decodePng(first, 'samples.png').width).toBeGreaterThan(1000);
    expect((await draw('--seed', '0')).equals(first)).toBe(true);
    expect((await draw('--seed', '1')).equals(first)).toBe(false);
    expect(await readdir(cwd)).toEqual(['samples.png']);
  });
});

describe.concurrent('data download', () => {
  it('leaves a cache that is whole alone', async () => {
    const cache = await temporaryFolder();
    const folder = join(cache, 'simdnet', 'cifar-10-batches-bin');
    await mkdir(folder, { recursive: true });
    for (const name of [...cifar10TrainFiles, cifar10TestFile])
      await writeFile(join(folder, name), records(1));
    // Nothing answers there.
    const env = { XDG_CACHE_HOME: cache, CIFAR10_URL: 'http://127.0.0.1:9/' };
    const { code, stdout } = await simdnet(['data', 'download'], { env });
    expect(stdout).toBe(process.platform === 'linux' ? `CIFAR-10 is there already: ${folder}\n` : stdout);
    expect(code).toBe(0);
  });
});
