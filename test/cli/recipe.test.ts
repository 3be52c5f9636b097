/** Training by a recipe, from the command line to the bytes; and the views that its model is tested with. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { recipe } from '../../src/recipes/registry.ts';
import { evaluateViews, predictViews, PLAIN_VIEW } from '../../src/recipes/views.ts';
import { withConfig } from '../../src/cli/train/config.ts';
import { readCifar10 } from '../../src/data/cifar10.ts';
import { cifar10RecordBytes } from '../../src/data/cifar10Format.ts';
import { encodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';
import { randomStream } from '../../src/random.ts';
import { sequential } from '../../src/training/factories.ts';
import { loadModel } from '../../src/exchange/loadModel.ts';
import {
  jsonLines,
  once,
  signalWhen,
  simdnet,
  temporaryFolder,
  type Result,
  type RunOptions,
} from './simdnet.ts';

const [TRAIN, TEST, BATCH, EPOCHS, SEED] = [72, 24, 32, 5, 3];

let data: string;
let cwd: string;
let small: string[];

beforeAll(async () => {
  data = await temporaryFolder();
  await writeFile(join(data, 'data_batch_1.bin'), noise(TRAIN));
  await writeFile(join(data, 'test_batch.bin'), noise(TEST));
  cwd = await temporaryFolder();
  const options = { recipe: 'airbench94', 'data-dir': data, 'batch-size': BATCH, epochs: EPOCHS, seed: SEED };
  const typed = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  small = ['train', ...typed, '--tier', 'simd', '--threads', '2'];
  const { code, stderr } = await simdnet([...small, '--out', 'whole'], { cwd });
  expect([code, stderr]).toEqual([0, '']);
}, 120_000);

/** Records of the CIFAR-10 format: noise, the brighter the higher its label. Images that are all alike would be whitened to nothing. */
function noise(count: number): Uint8Array {
  const stream = randomStream(count, 'records');
  const records = new Uint8Array(count * cifar10RecordBytes);
  for (let i = 0; i < records.length; i++) {
    const label = Math.floor(i / cifar10RecordBytes) % 10;
    records[i] = i % cifar10RecordBytes === 0 ? label : 12 * label + stream.below(128);
  }
  return records;
}

const run = (args: readonly string[], options: RunOptions = {}): Promise<Result> =>
  simdnet(args, { cwd, ...options });

async function readJson(...path: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(cwd, ...path), 'utf8')) as Record<string, unknown>;
}

async function mustBeTheSame(other: string, as = 'whole'): Promise<void> {
  for (const name of ['model.safetensors', 'history.csv']) {
    const [expected, found] = await Promise.all(
      [as, other].map((folder) => readFile(join(cwd, folder, name))),
    );
    expect(found!.equals(expected!), name).toBe(true);
  }
}

describe('train --recipe', () => {
  it('trains as the recipe does in a program', async () => {
    const { train, test } = await readCifar10(data);
    const plan = recipe('airbench94').plan({
      inputShape: [32, 32, 3],
      classes: 10,
      images: train.count,
      epochs: EPOCHS,
      batchSize: BATCH,
    });
    const model = sequential(plan.layers, { seed: SEED, tier: 'simd', threads: 2 });
    model.compile(plan.compile);
    await plan.prepare(model, train);
    const { history } = await model.fit(train.images, train.labels, {
      ...plan.fit,
      callbacks: plan.callbacks(model),
    });
    const saved = await loadModel(join(cwd, 'whole', 'model.safetensors'), { tier: 'simd' });
    expect(saved.getWeights()).toEqual(model.getWeights());
    expect(saved.getLayer('whiten').trainable).toBe(false);
    const { accuracy } = await evaluateViews(model, test.images, test.labels);
    const record = await readJson('whole', 'run.json');
    expect(record.tta).toEqual({ accuracy, count: TEST, views: 6 });
    expect(record.test).toEqual(await model.evaluate(test.images, test.labels));
    expect((await readJson('whole', 'history.json')).history).toEqual(history);
    await Promise.all([model.dispose(), saved.dispose()]);
  });

  it('names the recipe in run.json, and leaves out what it decides', async () => {
    const { options, optimizer, loss, augment } = await readJson('whole', 'run.json');
    expect(options).toMatchObject({
      ...{ recipe: 'airbench94', epochs: EPOCHS, batchSize: BATCH, validationSplit: 0, seed: SEED },
      ...{ network: null, optimizer: null, learningRate: null, labelSmoothing: null, augment: null },
    });
    // 8 images of 72 fill no batch.
    expect(optimizer).toMatchObject({ name: 'muon', learningRate: { decaySteps: 2 * EPOCHS } });
    expect(loss).toMatchObject({ labelSmoothing: 0.2 });
    expect(augment).toMatchObject([{ type: 'randomFlip' }, { type: 'randomTranslation' }]);
    const { stdout } = await run(['runs', '.', '--json']);
    const listed = jsonLines(stdout).find((each) => each.run === 'whole')!;
    const { tta } = await readJson('whole', 'run.json');
    expect(listed).toMatchObject({
      network: 'airbench94',
      testAccuracy: (tta as { accuracy: number }).accuracy,
    });
  });

  it('goes on behind the epoch in which the bias is frozen, to the same bytes', async () => {
    // Two steps an epoch: of the fourth one has been taken, the first without the bias.
    const checkpoint = 'epoch-0003-batch-000001.safetensors';
    const folder = join(cwd, 'killed', 'checkpoints');
    const killed = await run([...small, '--checkpoint-every', '1 steps', '--out', 'killed'], {
      onOutput: once((child) => {
        const watching = setInterval(() => {
          if (existsSync(join(folder, checkpoint))) child.kill('SIGKILL');
        }, 5);
        child.on('close', () => {
          clearInterval(watching);
        });
      }),
    });
    expect(killed.code).toBeNull();
    // It may have gone a step further.
    for (const name of await readdir(folder)) if (name > checkpoint) await rm(join(folder, name));
    const { code, stdout, stderr } = await run(['train', '--resume', 'killed', '--threads', '1']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Going on with killed in epoch 4 behind step 1');
    await mustBeTheSame('killed');
    expect((await readJson('killed', 'run.json')).tta).toEqual((await readJson('whole', 'run.json')).tta);
  }, 120_000);

  it('is repeated by rerun and by its run.json as a config', async () => {
    const again = await run(['rerun', 'whole', '--threads', '1', '--out', 'again']);
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toContain('The same bytes as in whole');
    const config = await run(['train', '--config', join('whole', 'run.json'), '--out', 'config']);
    expect([config.code, config.stderr]).toEqual([0, '']);
    await mustBeTheSame('config');
  }, 120_000);

  it('goes on with a run of earlier versions by gradient descent, as airbench94 was then', async () => {
    const old = small.map((word) => (word === 'airbench94' ? 'airbench94-sgd' : word));
    const stopped = await run([...old, '--out', 'old', '--checkpoint-every', '1 steps'], {
      onOutput: signalWhen(/Epoch +1\//, 'SIGINT'),
    });
    expect(stopped.code).toBe(130);
    const record = await readJson('old', 'run.json');
    expect(record.options).toMatchObject({ recipe: 'airbench94-sgd' });
    const options = { ...(record.options as object), recipe: 'airbench94' };
    await writeFile(join(cwd, 'old', 'run.json'), JSON.stringify({ ...record, options }));
    const { code, stderr } = await run(['train', '--resume', 'old']);
    expect([code, stderr]).toEqual([0, '']);
    expect((await readJson('old', 'run.json')).options).toMatchObject({ recipe: 'airbench94-sgd' });
    // One that was killed while it read its images does not tell its optimizer.
    const config = { versions: { simdnet: '0.6.0' }, commandLine: [], options };
    await writeFile(join(cwd, 'old.json'), JSON.stringify(config));
    const again = await run(['train', '--config', 'old.json', '--out', 'old-again']);
    expect([again.code, again.stderr]).toEqual([0, '']);
    await mustBeTheSame('old-again', 'old');
  }, 120_000);

  it('has more epochs, or another recipe, only in a new run', async () => {
    const more = await run(['train', '--resume', 'whole', '--epochs', '9']);
    expect([more.code, more.stderr]).toEqual([
      2,
      'simdnet: --epochs: whole was trained with 5; it goes on as it began: leave it out.\n',
    ]);
    const other = await run(['train', '--resume', 'whole', '--recipe', 'airbench95']);
    expect([other.code, other.stderr]).toEqual([
      2,
      'simdnet: --recipe: whole was trained with "airbench94"; it goes on as it began: leave it out.\n',
    ]);
  });

  it.each([
    ['network', 'vgg'],
    ['optimizer', 'adam'],
    ['learning-rate', '0.1'],
    ['schedule', 'cosine'],
    ['augment', 'flip'],
    ['label-smoothing', '0.1'],
    ['from', 'whole'],
    ['freeze', 'whiten'],
    ['early-stopping', '2'],
    ['no-shuffle'],
  ])('does not go with --%s', async (name, ...value) => {
    const { code, stdout, stderr } = await run([...small, `--${name}`, ...value, '--out', 'refused']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`simdnet: --${name} does not go with --recipe airbench94, `);
    expect(await readdir(cwd)).not.toContain('refused');
  });

  it('takes the place of what a file of options decides, but not of what is typed', async () => {
    const path = join(cwd, 'options.json');
    await writeFile(path, JSON.stringify({ network: 'vgg', optimizer: 'sgd', nesterov: false, epochs: 7 }));
    expect(await withConfig({ config: path, recipe: 'airbench94' })).toEqual({
      config: path,
      recipe: 'airbench94',
      epochs: '7',
    });
    await writeFile(path, JSON.stringify({ recipe: 'airbench94' }));
    const { code, stderr } = await run(['train', '--config', path, '--optimizer', 'adam']);
    expect([code, stderr]).toEqual([
      2,
      'simdnet: --optimizer does not go with --recipe airbench94, which has a say in that itself: leave out one of the two.\n',
    ]);
  });

  it('tells of what cannot be before anything is written', async () => {
    const shapes = ['train', '--recipe', 'airbench94', '--out', 'impossible'];
    const cases: readonly (readonly [string[], string])[] = [
      [
        [...small, '--batch-size', '73', '--out', 'impossible'],
        'airbench94 trains on whole batches only, and 72 images do not fill one of 73',
      ],
      [[...shapes, '--dataset', await tinyImages()], 'airbench94 needs images of at least 25×25, not 8×8'],
      [
        ['train', '--recipe', 'airbensh94'],
        '--recipe must be tutorial, airbench94, airbench94-sgd or airbench95, not "airbensh94". Did you mean airbench94?',
      ],
      [[...small, '--normalize', '--out', 'impossible'], 'the network has a normalization of its own'],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await run(args);
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    }
    expect(await readdir(cwd)).not.toContain('impossible');
  });

  /** A folder of pictures of 8×8. @returns what names it */
  async function tinyImages(): Promise<string> {
    const folder = await temporaryFolder();
    const path = join(folder, 'tiny.safetensors');
    const tensors = new Map<string, SafeTensor>([
      ['x_train', { dtype: 'U8', shape: [4, 8, 8, 3], data: new Uint8Array(4 * 8 * 8 * 3) }],
      ['y_train', { dtype: 'U8', shape: [4], data: Uint8Array.of(0, 1, 0, 1) }],
    ]);
    await writeFile(path, encodeSafetensors(tensors));
    return path;
  }
});

it('train --recipe tutorial does what train does', async () => {
  const brief = ['train', '--data-dir', data, '--epochs', '2', '--tier', 'simd', '--threads', '2'];
  await run([...brief, '--out', 'default']);
  const { code, stdout } = await run([...brief, '--recipe', 'tutorial', '--out', 'tutorial']);
  expect(code).toBe(0);
  expect(stdout).not.toContain('views');
  await mustBeTheSame('tutorial', 'default');
  const records = await Promise.all(['default', 'tutorial'].map((name) => readJson(name, 'run.json')));
  for (const part of ['optimizer', 'loss', 'augment', 'dataset', 'test'])
    expect(records[1]![part]).toEqual(records[0]![part]);
  const [validationSplit, batchSize] = [0.2, 64];
  expect(records[1]!.options).toMatchObject({ validationSplit, batchSize });
});

it('--validation-split holds images out, for tuning, and --no-test leaves the test images alone', async () => {
  const held = ['--validation-split', '0.25', '--no-test', '--epochs', '1', '--json', '--out', 'tuned'];
  const { code, stdout, stderr } = await run([...small, ...held]);
  expect(code).toBe(0);
  expect(stderr).toContain('  the test images are left alone\n');
  const events = jsonLines(stdout);
  const told = (name: string): unknown => events.find(({ event }) => event === name);
  expect(told('dataset')).toMatchObject({ train: 54, validation: 18, test: 0 });
  expect(told('start')).toMatchObject({
    recipe: 'airbench94',
    network: 'airbench94',
    optimizer: { learningRate: { decaySteps: 1 } },
  });
  expect(told('epoch')).toHaveProperty('val_accuracy');
  expect(told('evaluation')).toBeUndefined();
  const { train } = await readCifar10(data);
  const model = await loadModel(join(cwd, 'tuned', 'model.safetensors'), { tier: 'simd' });
  const tta = await evaluateViews(model, train.images.subarray(54 * 3072), train.labels.subarray(54));
  await model.dispose();
  expect(told('validation')).toEqual({ event: 'validation', tta });
  const record = await readJson('tuned', 'run.json');
  expect(record).toMatchObject({ options: { noTest: true }, dataset: { testImages: 0 }, validationTta: tta });
  expect(record).not.toHaveProperty('test');
});

describe('--tta', () => {
  it('evaluates with the views of the recipe, and without, in any number of threads', async () => {
    const { test, tta } = await readJson('whole', 'run.json');
    for (const threads of ['1', '2']) {
      const args = [
        'evaluate',
        '--model',
        'whole',
        '--data-dir',
        data,
        '--tier',
        'simd',
        '--threads',
        threads,
      ];
      const { stdout } = await run([...args, '--tta', '--json']);
      // The loss is no longer that of the training: its label smoothing is not kept with the model.
      const { accuracy } = test as { accuracy: number };
      expect(jsonLines(stdout)).toEqual([{ loss: expect.any(Number) as number, accuracy, count: TEST, tta }]);
    }
    const { stdout } = await run(['evaluate', '--model', 'whole', '--data-dir', data, '--tta']);
    expect(stdout).toMatch(/Test accuracy = 0\.\d{3}\nTest accuracy over 6 views = \d\.\d{4}\n/);
  });

  it('evaluates any classifier with six views, and reports on what they come to', async () => {
    const { code } = await run([
      ...[
        'train',
        '--network',
        'lenet',
        '--data-dir',
        data,
        '--epochs',
        '1',
        '--tier',
        'simd',
        '--out',
        'lenet',
      ],
    ]);
    expect(code).toBe(0);
    const args = ['evaluate', '--model', 'lenet', '--data-dir', data, '--tier', 'simd', '--tta'];
    const { stdout } = await run([...args, '--json', '--report', 'report']);
    const model = await loadModel(join(cwd, 'lenet', 'model.safetensors'), { tier: 'simd' });
    const { test } = await readCifar10(data);
    const { accuracy } = await evaluateViews(model, test.images, test.labels);
    expect(jsonLines(stdout)[0]).toMatchObject({
      accuracy,
      tta: { accuracy, views: 6, count: TEST },
      plain: await model.evaluate(test.images, test.labels),
    });
    const { confusion } = await readJson('report', 'report.json');
    const right = (confusion as number[][]).reduce((sum, row, label) => sum + row[label]!, 0);
    expect(right / TEST).toBe(accuracy);
    await model.dispose();
  });

  it('predicts with them too', async () => {
    const args = ['predict', '--model', 'whole', '--data-dir', data, '--index', '5', '--tier', 'simd'];
    const { stdout } = await run([...args, '--tta', '--json', '--probabilities']);
    const model = await loadModel(join(cwd, 'whole', 'model.safetensors'), { tier: 'simd' });
    const { test } = await readCifar10(data);
    const image = test.images.subarray(5 * 3072, 6 * 3072);
    const looked = await predictViews(model, image);
    expect(jsonLines(stdout)[0]!.probabilities).toEqual([...looked.data]);
    const plain = await predictViews(model, image, { views: [PLAIN_VIEW] });
    expect(looked.data).not.toEqual(plain.data);
    await model.dispose();
  });
});
