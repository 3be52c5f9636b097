/** `simdnet train` with --early-stopping, --save-best, --reduce-lr-on-plateau and --tensorboard. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cifar10Folder, jsonLines, simdnet, temporaryFolder } from './simdnet.ts';

/** 32 images to train on, 8 to validate with, 8 to test with. */
let data: string;
/** What is learned from so little goes up and down, but in the same way everywhere. */
let always: string[];
beforeAll(async () => {
  data = await cifar10Folder(40, 8);
  always = [
    ...['train', '--data-dir', data, '--batch-size', '8', '--threads', '1', '--network', 'lenet'],
    ...['--tier', 'simd', '--seed', '1', '--learning-rate', '0.03'],
  ];
});

async function train(...more: string[]) {
  const out = await temporaryFolder();
  const { code, stdout, stderr } = await simdnet([...always, '--out', out, ...more]);
  if (!more.includes('--json')) expect(stderr).toBe('');
  expect(code).toBe(0);
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(out, name), 'utf8'));
  const { epoch, history, stopped } = (await json('history.json')) as {
    epoch: number[];
    history: Record<string, number[]>;
    stopped: boolean;
  };
  return {
    ...{ out, stdout, history, stopped },
    epochs: epoch.length,
    run: (await json('run.json')) as Record<string, unknown>,
    model: (name = 'model.safetensors') => readFile(join(out, name)),
  };
}

const indexOfBest = (values: readonly number[], best: number): number => values.indexOf(best);

describe('--early-stopping', () => {
  it('ends with the weights of the best epoch, and is a training like any other', async () => {
    const early = await train('--epochs', '20', '--early-stopping', '2', '--save-best');
    const losses = early.history.val_loss!;
    const best = indexOfBest(losses, Math.min(...losses));
    expect(best).toBeGreaterThan(0);
    expect(early.epochs).toBe(best + 3);
    expect(early.epochs).toBeLessThan(20);
    expect(early.stdout).toContain(
      `Stopped early: val_loss has not fallen for 2 epochs; the weights of epoch ${best + 1} are restored.\n`,
    );
    expect(early.stdout).toContain('Test accuracy = ');
    expect(early.stopped).toBe(false);
    expect(early.run).toMatchObject({
      status: 'completed',
      epochsCompleted: early.epochs,
      test: { count: 8 },
      options: { earlyStopping: 2, saveBest: true },
    });
    // The best accuracy is that of another epoch.
    const accuracies = early.history.val_accuracy!;
    const accurate = indexOfBest(accuracies, Math.max(...accuracies));
    expect(accurate).not.toBe(best);
    const value = accuracies[accurate]!.toFixed(4);
    const path = join(early.out, 'best.safetensors');
    expect(early.stdout).toContain(`Best val_accuracy ${value} in epoch ${accurate + 1}: ${path}\n`);

    const [upToBest, upToAccurate] = await Promise.all(
      [best, accurate].map((epoch) => train('--epochs', String(epoch + 1))),
    );
    expect(await early.model()).toEqual(await upToBest!.model());
    expect(upToBest!.stdout).not.toContain('restored');
    expect(await early.model('best.safetensors')).toEqual(await upToAccurate!.model());
  });

  it('takes back the best weights when all epochs are over, too', async () => {
    const early = await train('--epochs', '12', '--early-stopping', '2', '--json');
    const restored = jsonLines(early.stdout).find(({ event }) => event === 'earlyStopping')!;
    expect(restored).toEqual({
      event: 'earlyStopping',
      epoch: early.epochs,
      restoredEpoch: early.epochs - 2,
    });
    const epochs = early.epochs - 1;
    const over = await train('--epochs', String(epochs), '--early-stopping', '2');
    expect(over.epochs).toBe(epochs);
    expect(over.stdout).toContain(
      `The weights of epoch ${epochs - 1}, with the lowest val_loss, are restored.\n`,
    );
    expect(await over.model()).toEqual(await early.model());
  });
});

describe('--save-best', () => {
  it('goes by the accuracy in training where there is no validation', async () => {
    const { stdout, history, out } = await train(
      '--validation-split',
      '0',
      '--epochs',
      '3',
      '--save-best',
      '--json',
    );
    const accuracies = history.accuracy!;
    const value = Math.max(...accuracies);
    expect(jsonLines(stdout).find(({ event }) => event === 'best')).toEqual({
      event: 'best',
      epoch: indexOfBest(accuracies, value) + 1,
      metric: 'accuracy',
      value,
      model: join(out, 'best.safetensors'),
    });
  });
});

describe('--reduce-lr-on-plateau', () => {
  it('goes on with a tenth of the learning rate', async () => {
    const { history, stdout } = await train('--epochs', '9', '--reduce-lr-on-plateau', '1');
    const losses = history.val_loss!;
    const first = losses.findIndex((loss, i) => i > 0 && loss > Math.min(...losses.slice(0, i)) - 1e-4);
    const lines = stdout.split('\n');
    const line = lines.indexOf('val_loss has not fallen for 1 epoch: the learning rate is 0.003 now.');
    expect(lines[line - 1]).toMatch(new RegExp(`^Epoch ${first + 1}/9 `));
    const plain = await train('--epochs', '9');
    expect(plain.history.loss!.slice(0, first + 1)).toEqual(history.loss!.slice(0, first + 1));
    expect(plain.history.loss![first + 1]).not.toBe(history.loss![first + 1]);
  });
});

describe('--tensorboard', () => {
  it('writes event files', async () => {
    const folder = join(await temporaryFolder(), 'logs');
    await train('--epochs', '2', '--tensorboard', folder);
    expect((await readdir(folder)).sort()).toEqual(['train', 'validation']);
    for (const run of ['train', 'validation']) {
      const [file, ...others] = await readdir(join(folder, run));
      expect(others).toEqual([]);
      const content = await readFile(join(folder, run, file!), 'latin1');
      expect(content.match(/epoch_(loss|accuracy|learning_rate)/g)).toEqual(
        Array.from({ length: 2 }, () => [
          'epoch_loss',
          'epoch_accuracy',
          ...(run === 'train' ? ['epoch_learning_rate'] : []),
        ]).flat(),
      );
    }
  });
});

describe('what does not go together', () => {
  it.each([
    [['--early-stopping', '0'], /--early-stopping must be a whole number of at least 1, not 0/],
    [
      ['--early-stopping', '3', '--validation-split', '0'],
      /--early-stopping watches val_loss, but there is no validation: give --validation-split 0\.2/,
    ],
    [['--reduce-lr-on-plateau', '3', '--validation-split', '0'], /--reduce-lr-on-plateau watches val_loss/],
    [
      ['--reduce-lr-on-plateau', '3', '--schedule', 'cosine'],
      /--reduce-lr-on-plateau is for --schedule constant, not cosine/,
    ],
    [
      ['--early-stopping', '3', '--ema', '0.9'],
      /--early-stopping takes back weights as they were.*leave out --ema/,
    ],
    [['--tensorboard', ''], /--tensorboard must not be empty/],
  ])('%j is refused', async (options, message) => {
    const { code, stderr } = await simdnet([...always, '--out', await temporaryFolder(), ...options]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
