import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { cifar10 } from '../../src/data/locate.ts';
import { cifar10Folder, fixture, jsonLines, once, signalWhen, simdnet, temporaryFolder } from './simdnet.ts';

describe.skipIf(process.platform === 'win32')('a training that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s saves what there is and exits with %i', async (signal, exitCode) => {
    const data = await cifar10Folder(160, 16);
    const out = await temporaryFolder();
    const args = ['train', '--data-dir', data, '--epochs', '1000', '--batch-size', '32', '--out', out];
    const { code, stdout, stderr } = await simdnet(args, { onOutput: signalWhen(/Epoch +2\//, signal) });
    expect(code).toBe(exitCode);
    expect(stdout).toContain('Stopping …');
    expect(stderr).toMatch(
      /^simdnet: Interrupted: \d+ of 1000 epochs were complete\. The model .* saved in /,
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect((await readdir(out)).sort()).toEqual([
      'accuracy.png',
      'checkpoints',
      'history.csv',
      'history.json',
      'model.safetensors',
      'run.json',
    ]);
    const history = JSON.parse(await readFile(join(out, 'history.json'), 'utf8')) as {
      epoch: number[];
      stopped: boolean;
    };
    expect(history.stopped).toBe(true);
    expect(history.epoch.length).toBeGreaterThanOrEqual(2);
    const run = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as object;
    expect(run).toMatchObject({ status: 'stopped', epochsCompleted: history.epoch.length });
    const evaluated = await simdnet([
      'evaluate',
      '--model',
      join(out, 'model.safetensors'),
      '--data-dir',
      data,
    ]);
    expect(evaluated.code).toBe(0);
  });

  it('by its reader going away saves what there is', async () => {
    const data = await cifar10Folder(160, 16);
    const out = await temporaryFolder();
    const args = ['train', '--data-dir', data, '--epochs', '1000', '--batch-size', '32', '--out', out];
    const { code } = await simdnet(args, {
      onOutput: (child, output) => {
        if (/Epoch +2\//.test(output)) child.stdout?.destroy();
      },
    });
    expect(code).toBe(130);
    const run = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as object;
    expect(run).toMatchObject({ status: 'stopped' });
    expect(await readdir(out)).toContain('accuracy.png');
  });

  it('in the first epoch saves the model alone, and tells programs', async () => {
    const out = await temporaryFolder();
    const args = ['train', '--dataset', 'shapes', '--batch-size', '16', '--out', out, '--json'];
    const { code, stdout, stderr } = await simdnet(args, { onOutput: signalWhen(/"start"/, 'SIGINT') });
    expect(code).toBe(130);
    expect(stderr).toContain('no epoch was complete');
    expect((await readdir(out)).sort()).toEqual(['checkpoints', 'model.safetensors', 'run.json']);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'end', stopped: true, epochs: 0 });
  });

  it('twice ends at once', async () => {
    const out = await temporaryFolder();
    const args = ['train', '--dataset', 'shapes', '--batch-size', '5000', '--threads', '1', '--out', out];
    const again = signalWhen(/Stopping/, 'SIGINT');
    const first = signalWhen(/Training in/, 'SIGINT');
    const { code, stderr } = await simdnet(args, {
      onOutput: (child, output) => {
        first(child, output);
        again(child, output);
      },
    });
    // The one step under way would have taken longer, and the model would have been saved after it.
    expect([code, stderr]).toEqual([130, '']);
    expect(await readdir(out)).toEqual(['run.json']);
  });
});

describe.skipIf(process.platform === 'win32')('a file that is being written', () => {
  const hanging = (at: number) => ({
    nodeOptions: ['--import', pathToFileURL(fixture('hangingWrite.mjs')).href],
    env: { HANG_AT: String(at) },
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is removed when a second %s ends the training', async (signal, exitCode) => {
    const out = await temporaryFolder();
    const args = ['train', '--dataset', 'shapes', '--train-limit', '64', '--network', 'mlp', '--out', out];
    const first = signalWhen(/hanging/, signal);
    const again = signalWhen(/Stopping/, signal);
    // The first is run.json, and the second the model.
    const { code } = await simdnet([...args, '--epochs', '1'], {
      ...hanging(2),
      onOutput: (child, output) => {
        first(child, output);
        again(child, output);
      },
    });
    expect(code).toBe(exitCode);
    expect(await readdir(out)).toEqual(['run.json']);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is removed when %s ends a command that is done in a moment', async (signal, exitCode) => {
    const out = await temporaryFolder();
    const args = ['data', 'samples', '--dataset', 'shapes', '--out', join(out, 'samples.png')];
    const { code } = await simdnet(args, { ...hanging(1), onOutput: signalWhen(/hanging/, signal) });
    expect(code).toBe(exitCode);
    expect(await readdir(out)).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('a download', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Sends a part of the archive from where it is asked to, and then nothing more. */
  async function slowServer(ranges: (string | undefined)[]): Promise<string> {
    const server = createServer((request, response) => {
      ranges.push(request.headers.range);
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const { bytes } = cifar10.downloads[0]!;
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': bytes - start,
        ...(start > 0 && { 'content-range': `bytes ${start}-${bytes - 1}/${bytes}` }),
      });
      response.write(new Uint8Array(300_000));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar-10-binary.tar.gz`;
  }

  it('that is interrupted is kept, and the next call goes on from there', async () => {
    const ranges: (string | undefined)[] = [];
    const cache = await temporaryFolder();
    const env = { CIFAR10_URL: await slowServer(ranges), XDG_CACHE_HOME: cache, HOME: cache };
    const out = join(cache, 'run');
    for (const args of [
      ['train', '--out', out],
      ['data', 'download'],
    ]) {
      // When the first of it has come, one more moment, so that all of it has.
      const interrupt = once(
        (child) => setTimeout(() => child.kill('SIGINT'), 300),
        /Downloading .*170\.1 MB/,
      );
      const { code, stdout, stderr } = await simdnet(args, { env, onOutput: interrupt });
      expect(code).toBe(130);
      expect(stdout.split('\n')[0]).toContain(env.CIFAR10_URL);
      expect(stderr).toMatch(
        /interrupted\. 0\.[36] MB have arrived and are kept in .*: the next call goes on from there/,
      );
    }
    expect(ranges).toEqual([undefined, 'bytes=300000-']);
    const folder = join(cache, 'simdnet');
    expect(await readdir(folder)).toEqual(['cifar-10-binary.tar.gz.partial']);
    expect((await stat(join(folder, 'cifar-10-binary.tar.gz.partial'))).size).toBe(600_000);
    await expect(readdir(out)).rejects.toThrow('ENOENT');
  });
});
