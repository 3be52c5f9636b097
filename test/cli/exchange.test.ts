/** Models of other programs on the command line: in, out, and what is said when that cannot be. */
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../src/exchange/exportModel.ts';
import { loadModel } from '../../src/exchange/loadModel.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { categoricalCrossentropy } from '../../src/nn/losses/categoricalCrossentropy.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { saveModel } from '../../src/training/modelOnDisk.ts';
import { simdnet, temporaryFolder } from './simdnet.ts';

const fixtures = fileURLToPath(new URL('../fixtures/exchange/', import.meta.url));

let folder: string;

/** The largest difference between the output of a prediction and what the other program computed. */
async function difference(output: string, expected: string): Promise<number> {
  const read = async (path: string) =>
    decodeSafetensors(await readFile(path), path).tensors.get('output')!.data as Float32Array;
  const [found, wanted] = [await read(output), await read(expected)];
  expect(found.length).toBe(wanted.length);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
}

const predicted = async (model: string, input: string, ...more: string[]): Promise<number> => {
  const output = join(folder, `${Math.random()}.safetensors`);
  const result = await simdnet(['predict', '--model', model, '--input', input, '--output', output, ...more]);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return difference(output, input);
};

beforeAll(async () => {
  folder = await temporaryFolder();
});

describe.concurrent('predict --input', () => {
  it.each([
    ['mobile.onnx', 'mobile.onnx', []],
    ['plain-dynamo.onnx', 'plain.onnx', []],
    ['functional.keras', 'functional.keras', []],
    ['sequential.h5', 'sequential.keras', []],
    ['plain.torch.safetensors', 'plain.onnx', ['--network', join(fixtures, 'plain.network.json')]],
  ])('gives what the other program gives for %s', async (model, input, more) => {
    const most = await predicted(join(fixtures, model), join(fixtures, `${input}.safetensors`), ...more);
    expect(most).toBeLessThan(2e-6);
  });

  it.each<[string, string[], RegExp]>([
    ['no output', [], /--input needs --output/],
    ['another extension', ['--output', 'a.csv'], /--output must end in \.safetensors for --input/],
    ['pictures', ['--output', 'a.safetensors', 'cat.png'], /Name images or give --input, not both/],
    ['options of pictures', ['--output', 'a.safetensors', '--top', '3'], /--top is for pictures/],
    [
      'images of another layout',
      ['--output', 'a.safetensors', '--layout', 'nhwc'],
      /"input" is \[4, 3, 16, 16\], but the model takes \[count, 16, 16, 3\] \(nhwc\)\./,
    ],
  ])('refuses %s', async (_, more, message) => {
    const model = join(fixtures, 'mobile.onnx');
    const given = ['--model', model, '--input', `${model}.safetensors`];
    expect(await simdnet(['predict', ...given, ...more])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message) as string,
    });
  });
});

describe.concurrent('convert', () => {
  it('makes a model of simdnet, which stays what it was', async () => {
    const own = join(folder, 'own.safetensors');
    const { stdout, stderr } = await simdnet(['convert', join(fixtures, 'residual.onnx'), own]);
    expect([stdout, stderr]).toEqual([
      expect.stringMatching(/own\.safetensors\n\d+ layers, [\d,]+ parameters, 16×16×3 images, \d+ KB\n$/),
      '',
    ]);
    expect(await predicted(own, join(fixtures, 'residual.onnx.safetensors'))).toBeLessThan(2e-6);
  });

  it.each(['again.onnx', 'again.keras', 'web'])('goes through %s', async (name) => {
    const path = join(folder, name);
    expect(await simdnet(['convert', join(fixtures, 'functional.keras'), path])).toMatchObject({ code: 0 });
    expect(await predicted(path, join(fixtures, 'functional.keras.safetensors'))).toBeLessThan(2e-6);
  });

  it('makes a class for PyTorch', async () => {
    const path = join(folder, 'mobile.py');
    const { stdout } = await simdnet(['convert', join(fixtures, 'mobile.onnx'), path, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ files: [path, join(folder, 'mobile.safetensors')] });
    expect(await readFile(path, 'utf8')).toContain('class Network(nn.Module):');
  });

  it.each<[string, () => Promise<string[]>, number, RegExp]>([
    [
      'a target that would take the place of the model',
      async () => {
        await copyFile(join(fixtures, 'mobile.onnx'), join(folder, 'mine.onnx'));
        return [join(folder, 'mine.onnx'), join(folder, 'mine.onnx')];
      },
      2,
      /mine\.onnx would take the place of .*mine\.onnx, which it is made of: name another file\./,
    ],
    [
      'a network for what has one',
      () =>
        Promise.resolve([
          join(fixtures, 'mobile.onnx'),
          join(folder, 'no.onnx'),
          '--network',
          join(fixtures, 'mobile.network.json'),
        ]),
      2,
      /A network is for the weights of PyTorch in safetensors, but .*mobile\.onnx has one itself/,
    ],
    ['one file only', () => Promise.resolve(['a.onnx']), 2, /Name two files/],
    [
      'an unknown extension',
      () => Promise.resolve([join(fixtures, 'mobile.onnx'), 'a.txt']),
      2,
      /must end in/,
    ],
    [
      'weights without a network',
      () => Promise.resolve([join(fixtures, 'plain.torch.safetensors'), join(folder, 'no.onnx')]),
      1,
      /has the weights of a PyTorch model, not its layers: give them by --network FILE\.json/,
    ],
    [
      'what is no model',
      async () => {
        await writeFile(join(folder, 'text.onnx'), 'I am a text.');
        return [join(folder, 'text.onnx'), join(folder, 'no.onnx')];
      },
      1,
      /text\.onnx/,
    ],
    [
      'a tfjs model without its shards',
      async () => {
        await mkdir(join(folder, 'half'), { recursive: true });
        const whole = join(folder, 'whole');
        await simdnet(['convert', join(fixtures, 'functional.keras'), whole]);
        await copyFile(join(whole, 'model.json'), join(folder, 'half', 'model.json'));
        return [join(folder, 'half'), join(folder, 'no.onnx')];
      },
      1,
      /half\/model\.json keeps a part of itself in group1-shard1of1\.bin, beside it: cannot read .*group1-shard1of1\.bin: there is no such file/,
    ],
  ])('refuses %s, and writes nothing', async (_, operands, code, message) => {
    const given = await operands();
    expect(await simdnet(['convert', ...given])).toMatchObject({
      code,
      stderr: expect.stringMatching(message) as string,
    });
    expect(await readdir(folder)).not.toContain('no.onnx');
  });
});

describe('convert', () => {
  it('does not take the place of a model with weights that stand beside a class', async () => {
    const own = join(folder, 'kept.safetensors');
    await simdnet(['convert', join(fixtures, 'plain.onnx'), own]);
    const before = await readFile(own);
    const python = join(folder, 'kept.py');
    expect(await simdnet(['convert', join(fixtures, 'residual.onnx'), python])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /kept\.safetensors, a model of simdnet, would be lost to the weights that .*kept\.py needs beside it: name another file\.$/m,
      ) as string,
    });
    expect((await readFile(own)).equals(before)).toBe(true);
    expect(await readdir(folder)).not.toContain('kept.py');
    // Weights that it wrote before, it writes anew.
    const again = join(folder, 'again.py');
    for (const name of ['plain.onnx', 'residual.onnx'])
      expect(await simdnet(['convert', join(fixtures, name), again])).toMatchObject({ code: 0 });
  });

  it('says that a file is no folder', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'hello');
    expect(await simdnet(['convert', join(fixtures, 'plain.onnx'), file])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/a part of .*file is a file, not a folder/) as string,
    });
  });
});

it('train --from goes on from what PyTorch exported, with a softmax behind it', async () => {
  const out = join(folder, 'run');
  const args = [
    '--dataset',
    'shapes',
    '--train-limit',
    '200',
    '--epochs',
    '1',
    '--threads',
    '1',
    '--out',
    out,
  ];
  const { code, stdout } = await simdnet(['train', ...args, '--from', join(fixtures, 'mobile.onnx')]);
  expect(code).toBe(0);
  expect(stdout).toContain('a softmax is put behind its last layer');
  expect(await simdnet(['export', out, '--to', 'onnx'])).toMatchObject({ code: 0 });
  expect(await readdir(out)).toContain('model.onnx');
  // What the optimizer knows goes along from a checkpoint.
  const [checkpoint] = await readdir(join(out, 'checkpoints'));
  const exporting = [
    'export',
    join(out, 'checkpoints', checkpoint!),
    '--to',
    'keras',
    '--out',
    join(folder, 'going.keras'),
  ];
  expect(await simdnet(exporting)).toMatchObject({ code: 0 });
  const { compiled, iterations } = await loadModel(join(folder, 'going.keras'));
  expect([compiled!.optimizer.name, compiled!.loss.name]).toEqual(['adam', 'categoricalCrossentropy']);
  expect(iterations).toBeGreaterThan(0);
});

describe.concurrent('a state_dict', () => {
  const weights = join(fixtures, 'mobile.torch.safetensors');
  const network = join(fixtures, 'mobile.network.json');
  const options = ['--dataset', 'shapes', '--train-limit', '100', '--epochs', '1', '--threads', '1'];

  it('is gone on from with its network, and the run is repeated with it', async () => {
    const out = join(folder, 'of-torch');
    const args = ['train', ...options, '--from', weights, '--network', network, '--out', out];
    expect(await simdnet(args)).toMatchObject({ code: 0, stderr: '' });
    const record = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as { options: object };
    expect(record.options).toMatchObject({ from: weights, network });
    const again = await simdnet(['rerun', out, '--out', join(folder, 'of-torch-again')]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('The same bytes') as string });
    expect((await simdnet(['runs', out])).stdout).toContain(weights);
  });

  it('is summarised with its network', async () => {
    const summary = await simdnet(['summary', '--model', weights, '--network', network]);
    expect(summary).toEqual(await simdnet(['summary', '--network', network]));
    expect(summary.code).toBe(0);
  });

  it.each([
    ['train', [...options, '--from', weights]],
    ['summary', ['--model', weights]],
  ])('is refused by %s without', async (command, args) => {
    const out = join(folder, `refused-by-${command}`);
    const { code, stderr } = await simdnet([
      command,
      ...args,
      ...(command === 'train' ? ['--out', out] : []),
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('give them by --network FILE.json, or as')]);
    expect(await readdir(folder)).not.toContain(`refused-by-${command}`);
  });

  it('is what a network is for: models have one', async () => {
    const own = join(folder, 'has-one.safetensors');
    await simdnet(['convert', join(fixtures, 'mobile.onnx'), own]);
    for (const model of [own, join(fixtures, 'mobile.onnx')]) {
      const { code, stderr } = await simdnet(['summary', '--model', model, '--network', network]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${model} has one itself: leave it out`)]);
    }
  });
});

it('evaluate judges a classifier like any other, whatever it was trained towards', async () => {
  const layers = [
    conv2d({ filters: 2, kernelSize: 3, strides: 4, inputShape: [32, 32, 3] }),
    flatten(),
    dense({ units: 10, activation: 'softmax' }),
  ];
  const model = sequential(layers, { threads: 1 });
  model.compile({ optimizer: 'sgd', loss: categoricalCrossentropy({ labelSmoothing: 0.5 }) });
  const [keras] = await exportModel(model, { format: 'keras', name: 'judged' });
  await writeFile(join(folder, keras!.name), keras!.content);
  await saveModel(model, join(folder, 'judged.safetensors'));
  const answers = await Promise.all(
    ['judged.keras', 'judged.safetensors'].map((name) =>
      simdnet(['evaluate', '--dataset', 'shapes', '--json', '--model', join(folder, name)]),
    ),
  );
  expect(answers[0]).toMatchObject({ code: 0, stdout: expect.stringContaining('"accuracy":') as string });
  expect(answers[0]).toEqual(answers[1]);
});
