import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cifar10RecordBytes } from '../../src/data/cifar10Format.ts';
import {
  cifar10Folder,
  fixture,
  jsonLines,
  readTensors,
  records,
  simdnet,
  temporaryFolder,
} from './simdnet.ts';

const FILES = ['accuracy.png', 'checkpoints', 'history.csv', 'history.json', 'model.safetensors', 'run.json'];

let data: string;
let small: string[];
beforeAll(async () => {
  data = await cifar10Folder(96, 32);
  small = ['train', '--data-dir', data, '--batch-size', '16', '--threads', '2'];
});

async function readJson(folder: string, name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;
}

describe.concurrent('train', () => {
  it('goes from the images to the answer, and keeps everything', async () => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await simdnet([...small, '--epochs', '2', '--seed', '5'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const [run] = await readdir(join(cwd, 'runs'));
    expect(run).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/);
    const inOrder = [
      `Dataset: cifar10, ${data}\n`,
      '76 to train on, 20 to validate with, 32 to test with\n',
      'Model: "sequential"\n',
      'conv2d_1 (Conv2D)',
      /\nEpoch 1\/2 {2}[\d.]+s {2}[\d,.]+ images\/s {2}loss \d\.\d{4} {2}accuracy 0\.\d{4} {2}val_loss \d\.\d{4} {2}val_accuracy [01]\.\d{4}\n/,
      /\nEpoch 2\/2 .*\n/,
      /\nTest accuracy = [01]\.\d{3}\n/,
      /\nPredicted class: \d \([a-z]+\)\nActual class: 3 \(cat\)\n/,
      `\nAccuracy plot: ${join('runs', run!, 'accuracy.png')}\n`,
      `Model: ${join('runs', run!, 'model.safetensors')}\n`,
    ];
    let from = 0;
    for (const part of inOrder) {
      const at =
        typeof part === 'string' ? stdout.indexOf(part, from) : from + stdout.slice(from).search(part);
      expect(at, `${String(part)} in its place in:\n${stdout}`).toBeGreaterThanOrEqual(from);
      from = at;
    }
    // Not on a terminal: no colours, no line drawn over, one line for an epoch.
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\r\x1b]/);
    expect(stdout.match(/^Epoch/gm)).toHaveLength(2);

    const folder = join(cwd, 'runs', run!);
    expect((await readdir(folder)).sort()).toEqual(FILES);
    expect((await readFile(join(folder, 'accuracy.png'))).subarray(1, 4).toString()).toBe('PNG');
    const history = await readJson(folder, 'history.json');
    expect(history).toMatchObject({ epoch: [0, 1], stopped: false });
    const csv = (await readFile(join(folder, 'history.csv'), 'utf8')).split('\n');
    expect(csv[0]).toBe('epoch,loss,accuracy,val_loss,val_accuracy');
    expect(csv[2]).toMatch(/^2,/);
    const record = await readJson(folder, 'run.json');
    expect(record).toMatchObject({
      status: 'completed',
      options: {
        epochs: 2,
        batchSize: 16,
        seed: 5,
        validationSplit: 0.2,
        dataDir: data,
        init: null,
        tier: 'auto',
      },
      dataset: { trainImages: 76, validationImages: 20, testImages: 32 },
      engine: { threads: 2 },
      versions: { node: process.versions.node, v8: process.versions.v8 },
      epochsCompleted: 2,
      test: { count: 32 },
    });
    expect(record.imagesPerSecond).toBeGreaterThan(10);
    expect(record.peakMemoryMB).toBeGreaterThan(30);
    expect(record.peakMemoryMB).toBeLessThan(2000);
    expect(record.durationSeconds).toBeGreaterThan(0.1);
  });

  it('prints JSON Lines for programs, which agree with what it saves and with evaluate', async () => {
    const out = join(await temporaryFolder(), 'a', 'b');
    const { code, stdout } = await simdnet([...small, '--epochs', '1', '--out', out, '--json']);
    expect(code).toBe(0);
    const events = jsonLines(stdout);
    expect(events.map(({ event }) => event)).toEqual([
      'dataset',
      'start',
      'epoch',
      'evaluation',
      'prediction',
      'end',
    ]);
    const [dataset, start, epoch, evaluation, , end] = events;
    expect(dataset).toMatchObject({ train: 76, validation: 20, test: 32, shape: [32, 32, 3] });
    expect(start).toMatchObject({ threads: 2, seed: 0, epochs: 1 });
    const { history } = (await readJson(out, 'history.json')) as { history: Record<string, number[]> };
    expect(epoch).toMatchObject({
      epoch: 1,
      loss: history.loss![0],
      accuracy: history.accuracy![0],
      val_loss: history.val_loss![0],
      val_accuracy: history.val_accuracy![0],
    });
    expect(end).toMatchObject({ stopped: false, epochs: 1, out });
    const args = ['evaluate', '--model', join(out, 'model.safetensors'), '--data-dir', data, '--json'];
    const evaluated = await simdnet([...args, '--batch-size', '16']);
    expect([evaluated.code, evaluated.stderr]).toEqual([0, '']);
    expect({ event: 'evaluation', ...jsonLines(evaluated.stdout)[0] }).toEqual(evaluation);
  });

  it('does without a test file, and says so', async () => {
    const folder = await cifar10Folder(32, 0);
    const out = await temporaryFolder();
    const args = ['train', '--data-dir', folder, '--epochs', '1', '--validation-split', '0', '--out', out];
    const { code, stdout, stderr } = await simdnet(args);
    expect(code).toBe(0);
    expect(stdout).toContain('32 to train on\n');
    expect(stdout).toContain('there is no test_batch.bin, so the model will not be tested');
    expect(stderr).toContain('there is no test_batch.bin');
    expect(stdout).not.toMatch(/Test accuracy|Predicted|val_/);
    expect((await readdir(out)).sort()).toEqual(FILES);
    expect(await readJson(out, 'run.json')).not.toHaveProperty('test');
  });

  it('takes the first --train-limit images, of the shapes too', async () => {
    const out = await temporaryFolder();
    const args = ['train', '--dataset', 'shapes', '--train-limit', '64', '--epochs', '1', '--out', out];
    const { code, stdout } = await simdnet(args);
    expect(code).toBe(0);
    expect(stdout).toContain('51 to train on, 13 to validate with, 1,000 to test with');
    expect(stdout).toMatch(
      /Actual class: \d \((circle|square|triangle|star|cross|ring|bars|crescent|dots|hourglass)\)/,
    );
  });
});

describe.concurrent('train, when something is wrong,', () => {
  it('refuses an --out that cannot be written before it trains', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), 'in the way');
    for (const out of [join(folder, 'file'), join(folder, 'file', 'below', 'it')]) {
      const { code, stdout, stderr } = await simdnet([...small, '--out', out]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(
        `simdnet: The run cannot be saved in ${out}: ${join(folder, 'file')} is a file`,
      );
    }
    expect(await readdir(folder)).toEqual(['file']);
  });

  it.each([
    ['is missing', undefined, /there is no CIFAR-10 file there/],
    ['is empty', new Uint8Array(), /data_batch_1\.bin is empty/],
    ['is short', records(2).subarray(0, 5000), /data_batch_1\.bin is 5000 bytes long.*3073/],
    [
      'is misaligned',
      new Uint8Array(cifar10RecordBytes * 2 + 1),
      /data_batch_1\.bin .* 1 bytes are left over/,
    ],
    ['has a label above 9', records(2).fill(10, 0, 1), /data_batch_1\.bin.* 10/],
  ])('says that a dataset file %s', async (_what, bytes, message) => {
    const folder = await temporaryFolder();
    if (bytes) await writeFile(join(folder, 'data_batch_1.bin'), bytes);
    const out = join(await temporaryFolder(), 'run');
    const { code, stdout, stderr } = await simdnet(['train', '--data-dir', folder, '--out', out]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    await expect(readdir(out)).rejects.toThrow('ENOENT');
  });

  it('says which step diverged, and that no model was saved', async () => {
    const out = await temporaryFolder();
    const { code, stderr } = await simdnet([...small, '--learning-rate', '1e30', '--out', out]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^simdnet: The loss became .* at step 2 \(epoch 1, step 2 of 5\)/);
    expect(stderr).toContain('No epoch was completed, so no model was saved.');
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(await readdir(out)).toEqual(['run.json']);
    expect(await readJson(out, 'run.json')).toMatchObject({ status: 'failed', epochsCompleted: 0 });
  });

  it('keeps the model of the last good epoch', async () => {
    // One step an epoch: the weights it makes are finite, but the next loss is not.
    const out = await temporaryFolder();
    const args = [
      ...small,
      '--learning-rate',
      '1e30',
      '--out',
      out,
      '--batch-size',
      '96',
      '--validation-split',
      '0',
    ];
    const { code, stderr } = await simdnet(args);
    expect(code).toBe(1);
    expect(stderr).toContain('at step 2 (epoch 2, step 1 of 1)');
    expect(stderr).toContain(`The model of epoch 1 is kept in ${join(out, 'model.safetensors')}.`);
    expect((await readdir(out)).sort()).toEqual([
      'checkpoints',
      'history.csv',
      'history.json',
      'model.safetensors',
      'run.json',
    ]);
    for (const { data: weights } of (await readTensors(join(out, 'model.safetensors'))).values()) {
      expect((weights as Float32Array).every(Number.isFinite)).toBe(true);
    }
  });

  it('takes a validation loss that is not a number for a divergence', async () => {
    const out = await temporaryFolder();
    const args = [...small, '--learning-rate', '1e30', '--out', out, '--batch-size', '96'];
    const { code, stderr } = await simdnet(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/validation loss .*epoch 1/);
    expect(await readdir(out)).toEqual(['run.json']);
  });

  it.runIf(process.platform === 'linux')('finds out before training where no folder can be', async () => {
    const { code, stdout, stderr } = await simdnet([...small, '--out', '/proc/simdnet/run']);
    expect(code).toBe(1);
    expect(stdout).not.toContain('Training');
    expect(stderr).toMatch(
      /^simdnet: The run cannot be saved in \/proc\/simdnet\/run: .*another folder with --out/,
    );
  });

  it('needs at least one image to train on', async () => {
    const out = join(await temporaryFolder(), 'run');
    const args = [...small, '--train-limit', '1', '--validation-split', '0.5', '--out', out];
    const { code, stderr } = await simdnet(args);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'simdnet: --validation-split 0.5 leaves none of the 1 images to train on: make it smaller.\n',
    );
    await expect(readdir(out)).rejects.toThrow('ENOENT');
  });

  it('names what is missing where there is no WebAssembly SIMD', async () => {
    const out = await temporaryFolder();
    const { code, stderr } = await simdnet([...small, '--out', out], {
      nodeOptions: ['--import', fixture('noSimd.mjs')],
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^simdnet: This runtime has no WebAssembly SIMD: simdnet needs Node/);
  });
});
