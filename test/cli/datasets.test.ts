import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { cifar100, cifar100RecordBytes } from '../../src/data/cifar100.ts';
import { encodePng, decodePng } from '../../src/formats/png.ts';
import { encodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';
import { decodeModel } from '../../src/training/modelFile.ts';
import { cifar100Records } from '../data/records.ts';
import { idxFile } from '../formats/idxBuilder.ts';
import { npyFile, npyOf, npzOf } from '../formats/npyBuilder.ts';
import { jsonLines, simdnet, temporaryFolder } from './simdnet.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Grey images with a bar at a height of its own for each class, and the classes. */
function bars(count: number, classes: number, side = 28): { images: Uint8Array; labels: number[] } {
  const labels = upTo(count).map((i) => (i * 7) % classes);
  const images = new Uint8Array(count * side * side);
  labels.forEach((label, i) => {
    images.fill(220, (i * side + 2 * label) * side, (i * side + 2 * label + 3) * side);
  });
  return { images, labels };
}

/** A folder with MNIST's four files, the images packed. */
async function mnistFolder(folder: string, train: number, test: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [part, count] of [
    ['train', train],
    ['t10k', test],
  ] as const) {
    if (count === 0) continue;
    const { images, labels } = bars(count, 10);
    await writeFile(
      join(folder, `${part}-images-idx3-ubyte.gz`),
      gzipSync(idxFile({ shape: [count, 28, 28], data: images })),
    );
    await writeFile(
      join(folder, `${part}-labels-idx1-ubyte`),
      idxFile({ shape: [count], data: Uint8Array.from(labels) }),
    );
  }
  return folder;
}

let data: string;
let run: string;
let model: string;
const mlp = ['--network', 'mlp', '--tier', 'simd'];
const quick = [...mlp, '--epochs', '1'];

beforeAll(async () => {
  const folder = await temporaryFolder();
  data = await mnistFolder(join(folder, 'data'), 60, 20);
  run = join(folder, 'run');
  model = join(run, 'model.safetensors');
  const options = ['--epochs', '2', '--batch-size', '8', '--tier', 'simd', '--out', run];
  const { code, stdout, stderr } = await simdnet([
    'train',
    '--dataset',
    'mnist',
    '--data-dir',
    data,
    ...options,
  ]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(
    `Dataset: mnist, ${data}\n  28×28×1 images in 10 classes\n  48 to train on, 12 to validate with, 20 to test with\n`,
  );
  expect(stdout).toMatch(/conv2d \(Conv2D\) .*\(None, 28, 28, 32\) .* 320 /);
}, 60_000);

describe.concurrent('mnist', () => {
  it('is in run.json and in the model, and comes to the same bytes again', async () => {
    const record = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as Record<string, unknown>;
    expect(record).toMatchObject({
      options: { dataset: 'mnist', dataDir: data },
      dataset: { source: data, trainImages: 48, validationImages: 12, testImages: 20 },
    });
    expect(decodeModel(await readFile(model), model).classNames).toEqual(upTo(10).map(String));
    const out = join(await temporaryFolder(), 'again');
    const again = await simdnet(['rerun', run, '--out', out, '--threads', '1']);
    expect([again.code, again.stderr]).toEqual([0, '']);
  });

  it('is evaluated, and a test image predicted', async () => {
    const from = ['--model', model, '--dataset', 'mnist', '--data-dir', data];
    const evaluated = await simdnet(['evaluate', ...from]);
    expect([evaluated.code, evaluated.stderr]).toEqual([0, '']);
    expect(evaluated.stdout).toContain(`20 test images of mnist (${data})\nTest loss = `);
    const predicted = await simdnet(['predict', ...from, '--index', '3', '--json']);
    expect([predicted.code, predicted.stderr]).toEqual([0, '']);
    expect(jsonLines(predicted.stdout)).toMatchObject([{ index: 3, actual: { class: 1, name: '1' } }]);
    const none = await simdnet(['predict', ...from, '--index', '20']);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain(
      'There is no test image 20: --index must be from 0 to 19, since there are 20.',
    );
  });

  it('is what a colour picture is made grey for', async () => {
    const picture = join(await temporaryFolder(), 'bar.png');
    const { images } = bars(1, 10);
    const rgba = Uint8Array.from({ length: 4 * images.length }, (_, i) =>
      i % 4 === 3 ? 255 : images[i >> 2]!,
    );
    await writeFile(picture, encodePng({ width: 28, height: 28, data: rgba }));
    const { code, stdout, stderr } = await simdnet([
      'predict',
      '--model',
      model,
      picture,
      '--json',
      '--top',
      '10',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const test = await simdnet([
      'predict',
      '--model',
      model,
      '--dataset',
      'mnist',
      '--data-dir',
      data,
      '--index',
      '0',
      '--json',
      '--top',
      '10',
    ]);
    // The first test image has the same bar.
    expect(jsonLines(stdout)[0]!.top).toEqual(jsonLines(test.stdout)[0]!.top);
  });

  it('is verified and drawn', async () => {
    const cwd = await temporaryFolder();
    const verified = await simdnet(['data', 'verify', '--dataset', 'mnist', '--data-dir', data]);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toContain(
      `${data}\n  28×28×1 images in 10 classes\nTraining images: 60: 0 6, 1 6, 2 6,`,
    );
    expect(verified.stderr).toContain(
      'is sound, but not the published MNIST set, which has 60,000 training and 10,000 test images',
    );
    const json = await simdnet(['data', 'verify', '--dataset', 'mnist', '--data-dir', data, '--json']);
    expect(jsonLines(json.stdout)).toMatchObject([
      { shape: [28, 28, 1], test: { count: 20 }, isFullSet: false },
    ]);
    const names = (await readdir(data)).sort();
    expect(names).toHaveLength(4);
    const { files } = jsonLines(json.stdout)[0] as unknown as { files: { name: string }[] };
    expect(files.map(({ name }) => name).sort()).toEqual(names);
    for (const name of names) {
      const bytes = await readFile(join(data, name));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(files).toContainEqual({ name, bytes: bytes.length, sha256 });
      expect(verified.stdout).toContain(
        `\n${name}: ${bytes.length.toLocaleString('en')} bytes\n  SHA-256 ${sha256}\n`,
      );
    }
    const drawn = await simdnet(['data', 'samples', '--dataset', 'mnist', '--data-dir', data], { cwd });
    expect(drawn).toEqual({ code: 0, stdout: 'samples.png\n', stderr: '' });
    expect(decodePng(await readFile(join(cwd, 'samples.png')), 'samples.png').width).toBeGreaterThan(1000);
  });

  it('may have no test images', async () => {
    const folder = await mnistFolder(join(await temporaryFolder(), 'data'), 20, 0);
    const from = ['--dataset', 'mnist', '--data-dir', folder];
    const trained = await simdnet(['train', ...from, ...quick, '--out', join(folder, 'run')]);
    expect(trained.code).toBe(0);
    expect(trained.stdout).toContain('there is no t10k-images-idx3-ubyte, so the model will not be tested');
    const evaluated = await simdnet(['evaluate', '--model', model, ...from]);
    expect([evaluated.code, evaluated.stdout]).toEqual([1, '']);
    expect(evaluated.stderr).toContain(
      `t10k-images-idx3-ubyte is missing from ${folder}: there are no test images`,
    );
  });

  it('must be 28×28', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'train-images-idx3-ubyte'), idxFile({ shape: [4, 5, 6] }));
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), idxFile({ shape: [4] }));
    const { code, stderr } = await simdnet(['train', '--dataset', 'fashion-mnist', '--data-dir', folder], {
      cwd: folder,
    });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'are 5×6×1, and those of Fashion-MNIST are 28×28×1: other IDX files are read by --dataset idx',
    );
  });

  it.runIf(process.platform === 'linux')('is left alone in a cache that is whole', async () => {
    const cache = await temporaryFolder();
    const folder = join(cache, 'simdnet', 'mnist');
    await mkdir(folder, { recursive: true });
    for (const part of ['train', 't10k'])
      for (const [what, n] of [
        ['images', 3],
        ['labels', 1],
      ] as const)
        await writeFile(join(folder, `${part}-${what}-idx${n}-ubyte.gz`), 'x');
    // Nothing answers there.
    const env = { XDG_CACHE_HOME: cache, MNIST_URL: 'http://127.0.0.1:9/' };
    const { code, stdout } = await simdnet(['data', 'download', '--dataset', 'mnist'], { env });
    expect([code, stdout]).toEqual([0, `MNIST is there already: ${folder}\n`]);
  });

  it('says how it is fetched', async () => {
    const folder = await temporaryFolder();
    const env = { XDG_CACHE_HOME: folder, HOME: folder };
    const { code, stderr } = await simdnet(['evaluate', '--model', model, '--dataset', 'mnist'], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('fetch it with "simdnet data download --dataset mnist", or name the folder');
  });
});

describe.concurrent('files of one’s own', () => {
  it('train as IDX, of any size and number of classes', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a-train-images-idx4-ubyte'), idxFile({ shape: [30, 8, 9, 3] }));
    const labels = Uint8Array.from(upTo(30), (i) => i % 3);
    await writeFile(join(folder, 'a-train-labels-idx1-ubyte'), idxFile({ shape: [30], data: labels }));
    const { code, stdout } = await simdnet([
      'train',
      '--dataset',
      'idx',
      '--data-dir',
      folder,
      ...quick,
      '--out',
      join(folder, 'run'),
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('8×9×3 images in 3 classes\n');
  });

  it('train as npz, are validated with what they bring, and go on from anywhere', async () => {
    const folder = await temporaryFolder();
    const part = (images: string, labels: string, count: number) => {
      const { images: data, labels: values } = bars(count, 4, 12);
      return {
        [images]: npyFile({ descr: '|u1', shape: [count, 12, 12], data }),
        [labels]: npyOf('<i8', [count], values),
      };
    };
    const file = npzOf({
      ...part('train_images', 'train_labels', 40),
      ...part('val_images', 'val_labels', 11),
      ...part('test_images', 'test_labels', 5),
    });
    await writeFile(join(folder, 'bars.npz'), file);
    const train = (...options: string[]) => simdnet(['train', ...options, ...quick], { cwd: folder });
    const first = await train('--dataset', 'bars.npz', '--out', 'run');
    expect([first.code, first.stderr]).toEqual([0, '']);
    const path = join(folder, 'bars.npz');
    expect(first.stdout).toContain(
      `Dataset: npz, ${path}\n  12×12×1 images in 4 classes\n  40 to train on, 11 to validate with, 5 to test with\n`,
    );
    const record = JSON.parse(await readFile(join(folder, 'run', 'run.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(record).toMatchObject({
      options: { dataset: `npz:${path}` },
      dataset: { source: path, trainImages: 40, validationImages: 11, testImages: 5 },
    });
    const more = ['train', '--resume', join(folder, 'run'), '--epochs', '2'];
    const resumed = await simdnet([...more, '--dataset', path]);
    expect([resumed.code, resumed.stderr]).toEqual([0, '']);
    const options = [...mlp, '--epochs', '2', '--out', join(folder, 'whole')];
    const whole = await simdnet(['train', '--dataset', `npz:${path}`, ...options]);
    expect([whole.code, whole.stderr]).toEqual([0, '']);
    const files = ['run', 'whole'].map((name) => readFile(join(folder, name, 'model.safetensors')));
    const [a, b] = await Promise.all(files);
    expect(a!.equals(b!)).toBe(true);
  });

  it('train as safetensors, whose names a terminal may be shown', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'pictures.safetensors');
    const { images, labels } = bars(20, 2, 8);
    const u8 = (shape: number[], values: Uint8Array): SafeTensor => ({ dtype: 'U8', shape, data: values });
    const tensors = new Map<string, SafeTensor>([
      ['images', u8([20, 8, 8], images)],
      ['labels', { dtype: 'I64', shape: [20], data: BigInt64Array.from(labels, BigInt) }],
      ['test_images', u8([2, 8, 8], images.slice(0, 128))],
      ['test_labels', u8([2], Uint8Array.from(labels.slice(0, 2)))],
    ]);
    await writeFile(path, encodeSafetensors(tensors, { classNames: '["cat\\u001b[31m","dog"]' }));
    const { code, stdout, stderr } = await simdnet([
      'train',
      '--dataset',
      path,
      ...quick,
      '--out',
      join(folder, 'run'),
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Actual class: 0 (cat\ufffd[31m)');
    expect(stdout).not.toContain('\u001b');
    const verified = await simdnet(['data', 'verify', '--dataset', path]);
    expect([verified.code, verified.stderr]).toEqual([0, '']);
    expect(verified.stdout).toContain('Training images: 20: cat\ufffd[31m 10, dog 10\nTest images: 2:');
    const [, sha256] = /: [\d,]+ bytes\n {2}SHA-256 ([0-9a-f]{64})\n$/.exec(verified.stdout) ?? [];
    expect(sha256).toBe(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
  });

  it.each([
    ['a.npz', 'is not usable: '],
    ['b.npz', 'there is no such file'],
  ])('are named where they are wrong: %s', async (name, message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.npz'), 'no zip file');
    const { code, stdout, stderr } = await simdnet(['train', '--dataset', name], { cwd: folder });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(join(folder, name));
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('have as many classes as the network must tell apart', async () => {
    const folder = await temporaryFolder();
    const file = npzOf({
      x_test: npyOf(
        '|u1',
        [1, 28, 28],
        upTo(784).map((i) => i % 256),
      ),
      y_test: npyOf('<i4', [1], [11]),
    });
    await writeFile(join(folder, 'a.npz'), file);
    const evaluated = await simdnet(['evaluate', '--model', model, '--dataset', 'a.npz'], { cwd: folder });
    expect(evaluated.code).toBe(2);
    expect(evaluated.stderr).toContain('tells 10 classes apart, but npz:');
    const trained = await simdnet(['train', '--dataset', 'a.npz'], { cwd: folder });
    expect(trained.code).toBe(2);
    expect(trained.stderr).toContain('There is nothing to train on: no x_train, train_images or images in ');
  });
});

describe.concurrent('cifar100', () => {
  it('trains', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, cifar100.folder));
    await writeFile(join(folder, cifar100.folder, 'train.bin'), cifar100Records(110));
    await writeFile(
      join(folder, cifar100.folder, 'test.bin'),
      cifar100Records(3).fill(255, 2, cifar100RecordBytes),
    );
    const { code, stdout, stderr } = await simdnet([
      'train',
      '--dataset',
      'cifar100',
      '--data-dir',
      folder,
      ...quick,
      '--out',
      join(folder, 'run'),
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      '32×32×3 images in 100 classes\n  88 to train on, 22 to validate with, 3 to test with\n',
    );
    expect(stdout).toContain('Actual class: 0 (apple)');
  });
});
