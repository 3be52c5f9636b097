import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/formats/png.ts';
import { cifar10Folder, fixture, jsonLines, simdnet, temporaryFolder } from './simdnet.ts';

let data: string;
let model: string;
let picture: string;

beforeAll(async () => {
  data = await cifar10Folder(64, 8);
  const out = await temporaryFolder();
  const { code } = await simdnet(['train', '--data-dir', data, '--epochs', '1', '--out', out]);
  expect(code).toBe(0);
  model = join(out, 'model.safetensors');
  picture = join(out, 'picture.png');
  const pixels = Uint8Array.from({ length: 50 * 20 * 4 }, (_, i) => (i % 4 === 3 ? 255 : i & 255));
  await writeFile(picture, encodePng({ width: 50, height: 20, data: pixels }));
});

describe.concurrent('predict', () => {
  it('takes the first test image, and lists the likeliest classes', async () => {
    const { code, stdout, stderr } = await simdnet(['predict', '--model', model, '--data-dir', data]);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('Test image 0');
    expect(lines[1]).toMatch(/^Predicted class: \d \([a-z]+\)$/);
    expect(lines[2]).toBe('Actual class: 3 (cat)');
    expect(lines.slice(3)).toHaveLength(3);
    for (const line of lines.slice(3)) expect(line).toMatch(/^ {2}[a-z]+ + [\d.]+% {2}[━─]{20}$/);
  });

  it('agrees with itself in JSON, whose probabilities add up to 1', async () => {
    const args = ['predict', '--model', model, '--data-dir', data, '--index', '5', '--top', '10'];
    const human = await simdnet(args);
    const { code, stdout } = await simdnet([...args, '--json']);
    expect(code).toBe(0);
    const [prediction, ...more] = jsonLines(stdout) as unknown as [
      {
        predicted: { class: number; name: string };
        actual: object;
        top: { class: number; probability: number }[];
      },
    ];
    expect(more).toEqual([]);
    expect(prediction).toMatchObject({ index: 5, actual: { class: 8, name: 'ship' } });
    const { predicted, top } = prediction;
    expect(human.stdout).toContain(
      `Predicted class: ${predicted.class} (${predicted.name})\nActual class: 8 (ship)\n`,
    );
    expect(top.map((entry) => entry.class).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(top[0]!.class).toBe(predicted.class);
    const probabilities = top.map(({ probability }) => probability);
    expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
  });

  it('takes PNG files of any size, a block each where it is asked for text', async () => {
    const log = join(await temporaryFolder(), 'loaded');
    const { code, stdout, stderr } = await simdnet(
      ['predict', '--model', model, picture, '--top=1', picture, '--format', 'text'],
      {
        nodeOptions: ['--import', fixture('logModules.mjs')],
        env: { LOADED_MODULES: log },
      },
    );
    expect([code, stderr]).toEqual([0, '']);
    const [first, second, ...more] = stdout.split('\n\n');
    expect(more).toEqual([]);
    expect(first!.trimEnd().split('\n')).toHaveLength(3);
    expect(first!.split('\n')[0]).toBe(picture);
    expect(second!.trimEnd()).toBe(first);
    const loaded = await readFile(log, 'utf8');
    for (const module of ['echarts', 'resvg', 'tar-stream']) expect(loaded).not.toContain(module);
  });

  it('finds the same of a JPEG or a WebP as of a PNG that shows the same', async () => {
    for (const name of ['baseline.jpg', 'lossy.webp']) {
      const paths = [name, `${name}.png`].map((each) =>
        fileURLToPath(new URL(`../fixtures/pictures/${each}`, import.meta.url)),
      );
      const { code, stdout } = await simdnet(['predict', '--model', model, '--json', ...paths]);
      expect(code).toBe(0);
      const [first, second] = jsonLines(stdout) as { top: unknown }[];
      expect(first!.top).toEqual(second!.top);
    }
  });

  it.each([
    ['8', 'there is no test image 8: .*test_batch.bin holds images 0 to 7'],
    ['-1', 'there is no test image -1: .*test_batch.bin holds images 0 to 7'],
  ])('says which test images there are when asked for %s', async (index, message) => {
    const { code, stdout, stderr } = await simdnet([
      'predict',
      '--model',
      model,
      '--data-dir',
      data,
      '--index',
      index,
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^simdnet: ${message}`));
  });

  it('knows the shapes too, and warns that the model learned something else', async () => {
    const { code, stdout, stderr } = await simdnet(['predict', '--model', model, '--dataset', 'shapes']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /Actual class: \d \((circle|square|triangle|star|cross|ring|bars|crescent|dots|hourglass)\)/,
    );
    expect(stderr).toContain(
      'warning: the model was trained on other classes (airplane, automobile, bird …)',
    );
    const none = await simdnet(['predict', '--model', model, '--dataset', 'shapes', '--index', '1000']);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('There is no test image 1000: --index must be from 0 to 999');
  });

  it.each([
    ['that is not there', undefined, /cannot read .*no\.png/],
    ['that is a text', Buffer.from('I am a text file, not a picture.'), /no\.png/],
    ['that is damaged', 'cut', /no\.png/],
  ])('names an image %s', async (_what, content, message) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'no.png');
    if (content === 'cut') {
      const whole = encodePng({ width: 8, height: 8, data: new Uint8Array(256) });
      await writeFile(path, whole.subarray(0, whole.length - 20));
    } else if (content) await writeFile(path, content);
    const { code, stdout, stderr } = await simdnet(['predict', '--model', model, path]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe.concurrent('evaluate', () => {
  it('prints the accuracy', async () => {
    const { code, stdout, stderr } = await simdnet(['evaluate', '--model', model, '--data-dir', data]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^8 test images of cifar10 .*\nTest loss = \d\.\d{4}\nTest accuracy = [01]\.\d{3}\n/,
    );
  });

  it('needs a test file, and the data', async () => {
    const folder = await cifar10Folder(4, 0);
    const noTest = await simdnet(['evaluate', '--model', model, '--data-dir', folder]);
    expect([noTest.code, noTest.stdout]).toEqual([1, '']);
    expect(noTest.stderr).toContain(`test_batch.bin is missing from ${folder}`);
    const noData = await simdnet(['evaluate', '--model', model], {
      env: { XDG_CACHE_HOME: folder, HOME: folder },
    });
    expect(noData.code).toBe(1);
    expect(noData.stderr).toContain(
      'fetch it with "simdnet data download", or name the folder that holds it with --data-dir or CIFAR10_DIR',
    );
    expect(await readdir(folder)).toEqual(['data_batch_1.bin']);
  });
});

describe.concurrent('summary', () => {
  it('shows the tutorial’s network, and that of a file', async () => {
    const tutorial = await simdnet(['summary']);
    expect(tutorial.stdout).toContain('Total params: 319,178 (1.22 MB)\n');
    expect(tutorial.stdout).toMatch(/dense_1 \(Dense\) .*\(None, 10\) .* 650 /);
    expect(await simdnet(['summary', '--model', model])).toEqual(tutorial);
    expect(tutorial).toMatchObject({ code: 0, stderr: '' });
  });
});
