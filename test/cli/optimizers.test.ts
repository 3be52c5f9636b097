import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkOptimizer,
  chosenOptimizer,
  optimizerOptions,
  optimizerText,
} from '../../src/cli/optimizerOptions.ts';
import { readOptions } from '../../src/cli/options.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import { rateAt } from '../../src/nn/schedules/registry.ts';
import { cifar10Folder, jsonLines, readTensors, simdnet, temporaryFolder } from './simdnet.ts';

let data: string;
beforeAll(async () => {
  data = await cifar10Folder(40, 8);
});

/** Trains the smallest of networks on 32 images in batches of 8. @returns the folder, and what was printed */
async function train(...more: string[]) {
  const out = await temporaryFolder();
  const args = [
    'train',
    '--data-dir',
    data,
    '--batch-size',
    '8',
    '--threads',
    '1',
    '--epochs',
    '1',
    '--out',
    out,
  ];
  const { code, stdout, stderr } = await simdnet([...args, '--network', 'lenet', '--tier', 'simd', ...more]);
  expect([code, stderr]).toEqual([0, '']);
  const run = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as {
    optimizer: Record<string, unknown>;
    loss: Record<string, unknown>;
  };
  return { out, stdout, ...run, model: await readFile(join(out, 'model.safetensors')) };
}

/** What options on the command line come to, for three epochs of four steps. */
function chosen(options: Readonly<Record<string, string>>): { config: OptimizerConfig; text: string } {
  const values = readOptions(optimizerOptions, options);
  checkOptimizer(values, 3);
  return {
    config: chosenOptimizer(values, { epoch: 4, all: 12 }),
    text: optimizerText(values).join(', '),
  };
}

describe('an optimizer by name', () => {
  it.each([
    ['adam', { learningRate: 0.001, weightDecay: null }],
    ['adamw', { learningRate: 0.001, weightDecay: 0.004 }],
    ['sgd', { learningRate: 0.01, momentum: 0, nesterov: false }],
    ['rmsprop', { learningRate: 0.001, momentum: 0 }],
    ['lion', { learningRate: 0.001, weightDecay: null }],
    ['muon', { learningRate: 0.02, momentum: 0.95, nesterov: true }],
  ])('%s has the defaults of the library', (optimizer, settings) => {
    const { config, text } = chosen({ optimizer });
    expect(config).toMatchObject({ name: optimizer, ...settings, useEma: false, globalClipnorm: null });
    expect(text).toBe(`${optimizer}, learning rate ${settings.learningRate}`);
  });

  it.each([
    ['cosine', { name: 'cosineDecay', initialLearningRate: 0.02, decaySteps: 12, alpha: 0 }],
    ['exponential', { name: 'exponentialDecay', initialLearningRate: 0.02, decaySteps: 12, decayRate: 0.01 }],
    ['polynomial', { name: 'polynomialDecay', decaySteps: 12, endLearningRate: 0, power: 1 }],
    ['one-cycle', { name: 'oneCycle', maxLearningRate: 0.02, steps: 12 }],
  ])('has its learning rate go by %s over all steps', (schedule, settings) => {
    const { config, text } = chosen({ optimizer: 'sgd', 'learning-rate': '0.02', schedule });
    expect(config.learningRate).toMatchObject(settings);
    expect(text).toBe(`sgd, learning rate 0.02 (${schedule})`);
    const rates = Array.from({ length: 12 }, (_, step) => rateAt(config.learningRate, step));
    expect(Math.max(...rates)).toBeLessThanOrEqual(0.02);
    expect(rates.at(-1)).toBeLessThan(0.0018);
  });
});

describe('train --optimizer', () => {
  it('takes all that belongs to it', async () => {
    const given =
      '--optimizer sgd --learning-rate 0.1 --momentum 0.9 --nesterov --weight-decay 5e-4 --clip-norm 1 --ema 0.9 --label-smoothing 0.1 --schedule cosine --warmup-epochs 1 --epochs 3';
    const { optimizer, loss, stdout } = await train(...given.split(' '));
    expect(optimizer).toMatchObject({
      name: 'sgd',
      momentum: 0.9,
      nesterov: true,
      weightDecay: 5e-4,
      globalClipnorm: 1,
      useEma: true,
      emaMomentum: 0.9,
      // Four steps in each of three epochs, the first of which is for warming up.
      learningRate: {
        name: 'cosineDecay',
        initialLearningRate: 0,
        warmupTarget: 0.1,
        warmupSteps: 4,
        decaySteps: 8,
      },
    });
    expect(loss).toMatchObject({ name: 'categoricalCrossentropy', labelSmoothing: 0.1 });
    expect(stdout).toContain(
      '\nsgd, learning rate 0.1 (cosine after 1 epoch of warm-up), Nesterov momentum 0.9, weight decay 0.0005, ' +
        'gradients clipped to 1, weights averaged with 0.9, label smoothing 0.1\n',
    );
  });

  const models = new Set<string>();
  it.each([
    '',
    '--momentum 0.9',
    '--momentum 0.9 --nesterov',
    '--weight-decay 0.01',
    '--clip-norm 0.01',
    '--ema 0.5',
    '--label-smoothing 0.1',
    '--dropout 0.5',
  ])('computes something else with %s', async (options) => {
    const given = options.split(' ').filter((word) => word !== '');
    const { model } = await train('--optimizer', 'sgd', '--learning-rate', '0.05', ...given);
    expect(models).not.toContain(model.toString('latin1'));
    models.add(model.toString('latin1'));
  });

  it('saves the averaged weights, which are those that it tests', async () => {
    const out = await temporaryFolder();
    const args = ['train', '--data-dir', data, '--batch-size', '8', '--epochs', '2', '--out', out, '--json'];
    const { stdout } = await simdnet([...args, '--network', 'lenet', '--ema', '0.9']);
    const tested = jsonLines(stdout).find(({ event }) => event === 'evaluation')!;
    const model = join(out, 'model.safetensors');
    const evaluated = await simdnet([
      'evaluate',
      '--model',
      model,
      '--data-dir',
      data,
      '--batch-size',
      '8',
      '--json',
    ]);
    expect({ event: 'evaluation', ...jsonLines(evaluated.stdout)[0] }).toEqual(tested);
    expect((await readTensors(model)).size).toBe(10);
  });

  it('has the tutorial’s network with Adam by default, bit for bit', async () => {
    const usual = await train('--network', 'tutorial');
    const explicit = await train(
      ...'--network tutorial --optimizer adam --learning-rate 1e-3 --label-smoothing 0 --dropout 0'.split(
        ' ',
      ),
    );
    expect(usual.model.equals(explicit.model)).toBe(true);
  });
});
