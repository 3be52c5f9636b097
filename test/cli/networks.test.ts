import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import { NETWORKS } from '../../src/networks/registry.ts';
import { idxFile } from '../formats/idxBuilder.ts';
import { cifar10Folder, jsonLines, readTensors, simdnet, temporaryFolder } from './simdnet.ts';

let data: string;
let small: string[];
beforeAll(async () => {
  data = await cifar10Folder(40, 8);
  small = ['train', '--data-dir', data, '--batch-size', '8', '--threads', '2', '--epochs', '1'];
});

async function record(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as Record<string, unknown>;
}

async function fileOf(content: unknown, name = 'net.json'): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const LAYERS = [
  { type: 'conv2d', filters: 4, kernelSize: 3, strides: 2, inputShape: [32, 32, 3], name: 'first' },
  { type: 'flatten' },
  { type: 'dense', units: 10, activation: 'softmax', name: 'last' },
];

/** What Keras 3 writes of the same. */
const KERAS = {
  module: 'keras',
  class_name: 'Sequential',
  config: {
    name: 'sequential',
    layers: [
      {
        module: 'keras.layers',
        class_name: 'InputLayer',
        config: { batch_shape: [null, 32, 32, 3], name: 'in' },
      },
      {
        module: 'keras.layers',
        class_name: 'Conv2D',
        config: {
          name: 'first',
          filters: 4,
          kernel_size: [3, 3],
          strides: [2, 2],
          padding: 'valid',
          activation: 'linear',
        },
      },
      {
        module: 'keras.layers',
        class_name: 'Flatten',
        config: { name: 'flatten', data_format: 'channels_last' },
      },
      {
        module: 'keras.layers',
        class_name: 'Dense',
        config: { name: 'last', units: 10, activation: 'softmax' },
      },
    ],
  },
};

describe.concurrent('train --network', () => {
  it('trains one that simdnet knows, which evaluate and predict then take', async () => {
    const out = await temporaryFolder();
    const chosen = ['--network', 'lenet', '--dropout', '0.2', '--out', out];
    const { code, stdout, stderr } = await simdnet([...small, ...chosen]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('dropout (Dropout)');
    expect(stdout).toMatch(/\nadam, learning rate 0.001\nEpoch 1\/1 /);
    expect(await record(out)).toMatchObject({
      options: {
        network: 'lenet',
        dropout: 0.2,
        optimizer: 'adam',
        learningRate: 0.001,
        schedule: 'constant',
      },
      optimizer: { name: 'adam', learningRate: 0.001, weightDecay: null },
      loss: { name: 'categoricalCrossentropy', labelSmoothing: 0 },
    });
    const model = ['--model', join(out, 'model.safetensors'), '--data-dir', data];
    expect((await simdnet(['evaluate', ...model])).stdout).toContain('Test accuracy = ');
    expect((await simdnet(['predict', ...model])).stdout).toContain('Predicted class: ');
  });

  it('trains what is no chain', async () => {
    const out = await temporaryFolder();
    const residual = {
      type: 'functional',
      layers: [
        { type: 'conv2d', filters: 3, kernelSize: 3, padding: 'same', inputShape: [32, 32, 3], name: 'a' },
        { type: 'batchNormalization', name: 'b' },
        { type: 'add', inputs: ['b', 'images'], name: 'c' },
        { type: 'globalAveragePooling2d' },
        { type: 'dense', units: 10, activation: 'softmax' },
      ],
    };
    const { code, stdout } = await simdnet([...small, '--network', await fileOf(residual), '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Model: "functional"[^]*Connected to[^]*b, images[^]*State params: 6 /);
    expect([...(await readTensors(join(out, 'model.safetensors'))).keys()]).toContain('b/moving_mean');
    const summary = await simdnet(['summary', '--model', join(out, 'model.safetensors')]);
    expect(stdout).toContain(summary.stdout.trimEnd());
  });

  it('takes a model’s JSON and Keras’, which give the same bits for the same network', async () => {
    const models = await Promise.all(
      [{ layers: LAYERS }, KERAS].map(async (json) => {
        const out = await temporaryFolder();
        const network = await fileOf(json);
        const { code, stderr } = await simdnet([...small, '--network', network, '--out', out]);
        expect([code, stderr]).toEqual([0, '']);
        expect(await record(out)).toMatchObject({ options: { network }, parameters: 9_122 });
        return [...(await readTensors(join(out, 'model.safetensors')))];
      }),
    );
    expect(models[0]).toEqual(models[1]);
    expect(models[0]!.map(([name]) => name)).toEqual([
      'first/kernel',
      'first/bias',
      'last/kernel',
      'last/bias',
    ]);
  });

  const changed = (index: number, change: object): object => ({
    layers: LAYERS.map((layer, i) => (i === index ? { ...layer, ...change } : layer)),
  });
  it.each([
    ['is no JSON', '{ layers', 1, /net\.json is not JSON: .*to_json\(\)\.$/],
    ['has no layers', { type: 'sequential' }, 1, /net\.json: The model has no list of layers/],
    [
      'has an unknown layer',
      changed(0, { type: 'convv2d' }),
      1,
      /layer 1 of 3 \("first"\): .*did you mean "conv2d"/,
    ],
    [
      'has an option out of range',
      changed(2, { units: 0 }),
      1,
      /net\.json: .*layer 3 of 3 \("last"\): dense: units/,
    ],
    ['has layers that do not fit', changed(1, { type: 'add' }), 1, /net\.json: .*"add"/],
    [
      'forgets to flatten',
      { layers: [LAYERS[0], LAYERS[2]] },
      2,
      /gives \[15, 15, 10\] for an image, .*in front of its last layer, "last" \(Dense\)/,
    ],
    [
      'takes other images',
      changed(0, { inputShape: [28, 28, 1] }),
      2,
      /takes 28×28×1 images, but those of cifar10 are 32×32×3.*"first" \(Conv2D\), must be \[32, 32, 3\]/,
    ],
    [
      'has another number of classes',
      changed(2, { units: 12 }),
      2,
      /12 classes apart, but cifar10 has 10\. .*"last" \(Dense\), must have 10 units/,
    ],
    [
      'is no classifier',
      changed(2, { activation: 'relu' }),
      2,
      /no classifier: .*"last" \(Dense\).*activation "softmax"/,
    ],
    [
      'has a Keras layer that there is none like',
      JSON.parse(JSON.stringify(KERAS).replace('Flatten', 'LSTM')),
      1,
      /net\.json: .*"flatten" \(LSTM\) is not supported/,
    ],
  ])('refuses a file that %s, before anything is done', async (_what, json, exit, message) => {
    const folder = await temporaryFolder();
    const network = await fileOf(json);
    const { code, stdout, stderr } = await simdnet([...small, '--network', network], { cwd: folder });
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr).toContain(network);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([exit, '']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('checks --init against the network', async () => {
    const init = await fileOf('', 'init.safetensors');
    await writeFile(
      init,
      encodeModel(sequential([flatten({ inputShape: [32, 32, 3] }), dense({ units: 10 })])),
    );
    const { code, stderr } = await simdnet([...small, '--network', 'mlp', '--init', init]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${init}: the tensor "dense/kernel" is [3072, 10], but the network needs [3072, 512].`,
    );
  });
});

describe.concurrent('a model that is no classifier', () => {
  let path: string;
  beforeAll(async () => {
    path = await fileOf('', 'regression.safetensors');
    const layers = [
      conv2d({ filters: 2, kernelSize: 3, inputShape: [32, 32, 3] }),
      flatten(),
      dense({ units: 10, name: 'answer' }),
    ];
    await writeFile(path, encodeModel(sequential(layers)));
  });

  it.each([['evaluate'], ['predict'], ['predict', 'a.png']])(
    'is refused by %s %s',
    async (name, ...operands) => {
      const { code, stdout, stderr } = await simdnet([
        name,
        '--model',
        path,
        '--data-dir',
        data,
        ...operands,
      ]);
      expect(stderr).toMatch(/regression\.safetensors is no classifier: its last layer, "answer" \(Dense\)/);
      expect([code, stdout]).toEqual([2, '']);
    },
  );

  it('is told what would make it one: another, if it ends in an activation', async () => {
    const sigmoid = await fileOf('', 'sigmoid.safetensors');
    const layers = [
      flatten({ inputShape: [32, 32, 3] }),
      dense({ units: 1, activation: 'sigmoid', name: 'answer' }),
    ];
    await writeFile(sigmoid, encodeModel(sequential(layers)));
    const refusal = async (model: string): Promise<string> =>
      (await simdnet(['evaluate', '--model', model, '--data-dir', data])).stderr;
    expect(await refusal(path)).toMatch(/put a softmax layer behind it: .* do with --softmax\.$/m);
    const other = await refusal(sigmoid);
    expect(other).toMatch(/an output for each class, as "train --from" does/);
    expect(other).not.toContain('--softmax');
  });

  it('has a summary, and memory', async () => {
    const { code, stdout } = await simdnet(['summary', '--model', path, '--memory']);
    expect(code).toBe(0);
    expect(stdout).toContain('answer (Dense)');
    expect(stdout).toMatch(/│ In all .* MB │/);
  });
});

describe.concurrent('summary', () => {
  it('knows every network', async () => {
    for (const { name } of NETWORKS) {
      const { code, stdout } = await simdnet(['summary', '--network', name, '--json']);
      expect(code).toBe(0);
      const [summary] = jsonLines(stdout) as unknown as [{ parameters: { total: number; state: number } }];
      expect(summary.parameters.total, name).toBeGreaterThan(50_000);
      expect(summary.parameters.state > 0).toBe(
        ['airbench94', 'airbench95', 'resnet18', 'mobilenetv2'].includes(name),
      );
    }
  });

  it('takes the size of the images and the classes', async () => {
    const args = ['summary', '--network', 'mlp', '--input-shape', '8,8,1', '--classes', '3'];
    const { stdout } = await simdnet(args);
    expect(stdout).toMatch(/flatten \(Flatten\) .*\(None, 64\)/);
    expect(stdout).toMatch(/dense_2 \(Dense\) .*\(None, 3\) .* 1,539 /);
  });

  it('takes them from a dataset', async () => {
    const { code, stdout } = await simdnet(['summary', '--network', 'mlp', '--dataset', 'mnist']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/flatten \(Flatten\) .*\(None, 784\)/)]);
    const cifar100 = await simdnet(['summary', '--dataset', 'cifar100']);
    expect(cifar100.stdout).toMatch(/\(Dense\) .*\(None, 100\)/);
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'train-images-idx3-ubyte'), idxFile({ shape: [4, 9, 7] }));
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), idxFile({ shape: [4] }));
    const idx = await simdnet(['summary', '--network', 'mlp', '--dataset', 'idx', '--data-dir', folder]);
    const other = await simdnet([
      'summary',
      '--network',
      await fileOf({ layers: LAYERS }),
      '--dataset',
      'mnist',
    ]);
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining('takes 32×32×3 images, but those of mnist are 28×28×1'),
    ]);
    expect([idx.code, idx.stdout]).toEqual([0, expect.stringMatching(/flatten \(Flatten\) .*\(None, 63\)/)]);
  });

  it('tells what memory training and prediction take, as JSON too', async () => {
    const args = ['summary', '--network', 'resnet18', '--memory', '--optimizer', 'sgd', '--momentum', '0.9'];
    const more = ['--batch-size', '64', '--threads', '2'];
    const { code, stdout } = await simdnet([...args, ...more]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n│ Gradients +│ +44\.7 MB │ +│\n/);
    expect(stdout).toContain('In batches of 64 images, sgd with momentum 0.9, 2 threads.');
    const [{ memory }] = jsonLines((await simdnet([...args, ...more, '--json'])).stdout) as unknown as [
      { memory: Record<'training' | 'prediction', Record<string, number>> },
    ];
    const { arena, parameters, gradients, variables, slots, training, inference, other } =
      memory.training as Record<string, number> & { arena: number; training: number; inference: number };
    expect(arena).toBeLessThan(700e6);
    expect(arena).toBe(
      parameters! + gradients! + variables! + slots! + other! + Math.max(training, inference),
    );
    expect(memory.prediction).toMatchObject({ gradients: 0, variables: 0, training: 0, parameters });
  });

  it('says what training then uses', async () => {
    const out = await temporaryFolder();
    expect((await simdnet([...small, '--out', out])).code).toBe(0);
    const { engine } = (await record(out)) as { engine: { arenaBytes: number } };
    const args = ['summary', '--memory', '--json', '--batch-size', '8', '--threads', '2'];
    const [{ memory }] = jsonLines((await simdnet(args)).stdout) as unknown as [
      { memory: { training: { arena: number } } },
    ];
    expect(memory.training.arena).toBe(engine.arenaBytes);
  });
});
