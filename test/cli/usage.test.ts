import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entry, fixture, simdnet, temporaryFolder } from './simdnet.ts';

const COMMANDS = [
  ['train'],
  ['runs'],
  ['rerun'],
  ['evaluate'],
  ['predict'],
  ['summary'],
  ['plot'],
  ['export'],
  ['data', 'download'],
  ['data', 'verify'],
  ['data', 'samples'],
];

it('is built as a file that can be run', async () => {
  await access(entry, constants.X_OK);
});

describe.concurrent('help', () => {
  it.each([[[]], ...COMMANDS.map((command) => [command]), [['data']]])(
    'of %j fits a terminal',
    async (command) => {
      const { code, stdout, stderr } = await simdnet([...command, '--help']);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain(['simdnet', ...command].join(' '));
      if (command[0] !== 'data' || command.length > 1) expect(stdout).toContain('Examples:');
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    },
  );

  it('shows defaults, in groups', async () => {
    const { stdout } = await simdnet(['train', '--help']);
    expect(stdout).toMatch(/--epochs .*\[default: 15\]/);
    expect(stdout).toMatch(/--learning-rate [^[]*\[default: 0.001; sgd: 0.01; muon: 0.02\]/);
    for (const group of ['Data:', 'Network:', 'Training:', 'Optimizer:', 'Engine:', 'Output:'])
      expect(stdout).toContain(`\n${group}\n`);
  });

  it('has the version of the package', async () => {
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(await simdnet(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('goes to stderr if no command is named', async () => {
    for (const args of [[], ['data']]) {
      const { code, stdout, stderr } = await simdnet(args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('Commands:');
    }
  });
});

describe.concurrent('wrong usage', () => {
  it.each([
    [['trian'], 'Unknown command trian. Did you mean train?'],
    [['xyzzy'], 'Unknown command xyzzy. See simdnet --help.'],
    [['data', 'verfy'], 'Unknown command data verfy. Did you mean data verify?'],
    [['train', '--epoch', '5'], 'Unknown option --epoch. Did you mean --epochs?'],
    [['train', '--learnign-rate=1'], 'Unknown option --learnign-rate. Did you mean --learning-rate?'],
    [['train', '--frobnicate'], 'Unknown option --frobnicate. See simdnet train --help.'],
    [['train', '-e', '5'], 'Unknown option -e.'],
    [
      ['train', 'cifar10'],
      'cifar10 is a dataset, not a folder: give --dataset cifar10, or ./cifar10 for a folder.',
    ],
    [['train', '--epochs'], '--epochs needs a value.'],
    [['train', '--epochs', '0'], '--epochs must be a whole number of at least 1, not 0.'],
    [['train', '--epochs', '1.5'], '--epochs must be a whole number of at least 1, not 1.5.'],
    [['train', '--epochs', 'NaN'], '--epochs must be a whole number of at least 1, not NaN.'],
    [['train', '--epochs='], '--epochs must be a whole number of at least 1, not "".'],
    [['train', '--batch-size', '-1'], '--batch-size must be a whole number of at least 1, not -1.'],
    [['train', '--threads', '0'], '--threads must be a whole number from 1 to '],
    [['evaluate', '--model', 'm', '--threads', '100000'], '--threads must be a whole number from 1 to '],
    [['train', '--train-limit', '0'], '--train-limit must be a whole number of at least 1, not 0.'],
    [['train', '--validation-split', '1'], '--validation-split must be at least 0 and below 1, not 1.'],
    [['train', '--validation-split', '-0.1'], '--validation-split must be at least 0 and below 1, not -0.1.'],
    [['train', '--learning-rate', '0'], '--learning-rate must be a number above 0, not 0.'],
    [['train', '--learning-rate', 'fast'], '--learning-rate must be a number above 0, not fast.'],
    [['train', '--learning-rate', 'Infinity'], '--learning-rate must be a number above 0, not Infinity.'],
    [['train', '--seed', '1e400'], '--seed must be a whole number, not 1e400.'],
    [['train', '--tier', 'warp'], '--tier must be auto, simd or relaxed, not warp.'],
    [['train', '--tier', 'simd', '--turbo'], 'Give --tier simd or --turbo, not both.'],
    [
      ['train', '--dataset', 'mnits'],
      '--dataset must be cifar10, cifar100, mnist, fashion-mnist, shapes, idx, npz:FILE, safetensors:FILE or folder:FOLDER, not "mnits". Did you mean mnist?',
    ],
    [
      ['train', '--dataset', 'npz:'],
      '--dataset must be cifar10, cifar100, mnist, fashion-mnist, shapes, idx, npz:FILE, safetensors:FILE or folder:FOLDER, not "npz:".',
    ],
    [['train', '--dataset', 'idx'], '--dataset idx needs --data-dir: the folder of the IDX files.'],
    [['train', '--dataset', 'a.npz', '--data-dir', '.'], '--data-dir is not for --dataset npz:FILE'],
    [['data', 'download', '--dataset', 'shapes'], '--dataset shapes is not downloaded'],
    [['train', '--dataset', 'shapes', '--data-dir', '.'], '--data-dir is not for --dataset shapes'],
    [
      ['train', '--network', 'resnet8'],
      '--network must be tutorial, lenet, mlp, patch, allcnn, vgg, airbench94, airbench95, resnet18, mobilenetv2, or FILE.json, not "resnet8". Did you mean resnet18?',
    ],
    [
      ['train', '--network', 'a.json', '--dropout', '0.5'],
      '--dropout is for the networks that simdnet knows: in a.json, write layers',
    ],
    [['train', '--dropout', '1'], '--dropout must be at least 0 and below 1, not 1.'],
    [
      ['train', '--optimizer', 'adm'],
      '--optimizer must be adam, adamw, sgd, rmsprop, lion or muon, not adm.',
    ],
    [
      ['train', '--momentum', '0.9'],
      '--momentum is for sgd, rmsprop and muon, not adam: leave it out, or give --optimizer sgd.',
    ],
    [['train', '--nesterov'], '--nesterov is for sgd, not adam: give --optimizer sgd --momentum 0.9 too.'],
    [['train', '--optimizer', 'sgd', '--nesterov'], '--nesterov needs a momentum: give --momentum 0.9 too.'],
    [['train', '--optimizer', 'sgd', '--momentum', '1'], '--momentum must be at least 0 and below 1, not 1.'],
    [['train', '--weight-decay', '-1'], '--weight-decay must be a number of at least 0, not -1.'],
    [['train', '--clip-norm', '0'], '--clip-norm must be a number above 0, not 0.'],
    [['train', '--ema', '1'], '--ema must be at least 0 and below 1, not 1.'],
    [['train', '--label-smoothing', '1'], '--label-smoothing must be at least 0 and below 1, not 1.'],
    [
      ['train', '--schedule', 'cos'],
      '--schedule must be constant, cosine, exponential, polynomial or one-cycle, not cos.',
    ],
    [['train', '--warmup-epochs', '2'], '--warmup-epochs is for --schedule cosine, not constant.'],
    [
      ['train', '--schedule', 'one-cycle', '--warmup-epochs', '2'],
      '--warmup-epochs is for --schedule cosine, not one-cycle, since one-cycle has a warm-up of its own.',
    ],
    [
      ['train', '--schedule', 'cosine', '--epochs', '2', '--warmup-epochs', '2'],
      '--warmup-epochs 2 leaves no epoch of 2 for the schedule: make it smaller, or give more --epochs.',
    ],
    [
      ['summary', '--model', 'm', '--classes', '3'],
      '--classes is for the networks that simdnet knows: m says its own.',
    ],
    [
      ['summary', '--network', 'a.json', '--input-shape', '8,8,3'],
      '--input-shape is for the networks that simdnet knows: a.json says its own.',
    ],
    [
      ['summary', '--input-shape', '32,32'],
      '--input-shape must be height,width,channels, such as 32,32,3, not "32,32".',
    ],
    [['summary', '--dataset', 'mnist', '--classes', '3'], 'Give --dataset or --classes, not both.'],
    [['summary', '--dataset', 'mnist', '--model', 'm'], 'Give --dataset or --model, not both.'],
    [['summary', '--data-dir', 'x'], '--data-dir goes with --dataset: give that too.'],
    [['summary', '--dataset', 'idx'], '--dataset idx needs --data-dir'],
    [['summary', '--image-size', '8'], '--image-size is for folders of pictures: name one, or leave it out.'],
    [['summary', '--batch-size', '8'], '--batch-size goes with --memory: give that too.'],
    [['summary', '--memory', '--momentum', '0.5'], '--momentum is for sgd, rmsprop and muon, not adam'],
    [['train', '--out', ''], '--out must not be empty.'],
    [['evaluate'], '--model is missing.'],
    [['predict'], '--model is missing.'],
    [['predict', '--model', 'm', '--top', '0'], '--top must be a whole number of at least 1, not 0.'],
    [['predict', '--model', 'm', '--index', 'x'], '--index must be a whole number, not x.'],
    [['predict', '--model', 'm', '--index', '1', 'a.png'], 'Name images or give --index, not both.'],
    [
      ['predict', '--model', 'm', 'a.png', '--output', 'a.txt'],
      '--output must end in .csv or .jsonl, not be "a.txt"; or give --format too.',
    ],
    [
      ['predict', '--model', 'm', 'a.png', '--format', 'xml'],
      '--format must be text, csv or jsonl, not xml.',
    ],
    [
      ['predict', '--model', 'm', 'a.png', '--json', '--format', 'csv'],
      'Give --json or --format csv, not both.',
    ],
    [
      ['predict', '--model', 'm', '--output', 'a.csv'],
      '--output is for pictures: name some, or a folder of them.',
    ],
    [
      ['predict', '--model', 'm', 'a.png', '--format', 'text', '--probabilities'],
      '--probabilities is for --format csv and jsonl; for people, give a large --top.',
    ],
    [['evaluate', '--model', 'm', '--report', ''], '--report must not be empty.'],
    [['plot'], 'Not enough arguments.'],
    [['plot', 'a', 'b'], 'Unexpected argument b.'],
    [['plot', 'a', '--out', 'a.pdf'], '--out must end in .png or .svg, not be "a.pdf".'],
    [['data', 'samples', '--out', 'a.jpg'], '--out must end in .png, not be "a.jpg".'],
  ])('%j', async (args, message) => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await simdnet(args, { cwd });
    expect(stderr).toContain(`simdnet: ${message}`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([2, '']);
    expect(await readdir(cwd)).toEqual([]);
  });

  it.runIf(process.versions.node < '24')('says what --turbo needs, before anything is read', async () => {
    const cwd = await temporaryFolder();
    const { code, stderr } = await simdnet(['train', '--dataset', 'shapes', '--turbo'], { cwd });
    expect(stderr).toBe(
      'simdnet: The tier "turbo" needs Node 24 or newer on an x64 machine with AVX2: use the tier "auto" here.\n',
    );
    expect(code).toBe(1);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('takes the last of an option given twice, and options before the command', async () => {
    const { code, stderr } = await simdnet(['--epochs', '0', 'train', '--epochs', '3', '--tier', 'x']);
    expect(stderr).toBe('simdnet: --tier must be auto, simd or relaxed, not x.\n');
    expect(code).toBe(2);
  });

  it('shows a stack trace only with DEBUG', async () => {
    const args = ['evaluate', '--model', '/nowhere/model.safetensors'];
    const quiet = await simdnet(args);
    expect(quiet).toEqual({
      code: 1,
      stdout: '',
      stderr: 'simdnet: cannot read /nowhere/model.safetensors: there is no such file; check the path\n',
    });
    const loud = await simdnet(args, { env: { DEBUG: '1' } });
    expect(loud.code).toBe(1);
    expect(loud.stderr).toContain(quiet.stderr);
    expect(loud.stderr).toMatch(/\n {4}at /);
    expect(loud.stderr).toContain('[cause]: Error: ENOENT');
  });
});

describe.concurrent('start-up', () => {
  it.each([
    [['--help']],
    [['--version']],
    [['summary']],
    [['summary', '--network', 'resnet18']],
    [['train', '--help']],
    [['predict', '--help']],
  ])('of %j loads neither figures nor archives nor threads', async (args) => {
    const folder = await temporaryFolder();
    const log = join(folder, 'loaded');
    const nodeOptions = ['--import', fixture('logModules.mjs')];
    const { code } = await simdnet(args, { nodeOptions, env: { LOADED_MODULES: log } });
    expect(code).toBe(0);
    const loaded = await readFile(log, 'utf8');
    expect(loaded).toContain('/dist/cli/commandLine.js');
    for (const module of ['echarts', 'resvg', 'tar-stream', 'pngjs', '/engine/team.js']) {
      expect(loaded).not.toContain(module);
    }
  });
});

it('ends quietly when its reader has gone', async () => {
  for (const args of [['train', '--help'], ['summary']]) {
    const { code, stderr } = await simdnet(args, { closeStdout: true });
    expect([code, stderr]).toEqual([0, '']);
  }
});

it.skipIf(process.platform !== 'linux')('says so when its output cannot be written', async () => {
  const { code, stderr } = await simdnet(['summary'], { stdoutTo: '/dev/full' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^simdnet: The output cannot be written: ENOSPC.*\n$/);
});
