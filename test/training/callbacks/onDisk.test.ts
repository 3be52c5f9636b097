/** Callbacks that write files, in real trainings. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstEvent, scalarsEvent } from '../../../src/formats/eventFile.ts';
import type { CallbackState, Callbacks } from '../../../src/training/callbacks.ts';
import { csvLogger } from '../../../src/training/callbacks/onDisk/csvLogger.ts';
import { filled } from '../../../src/training/callbacks/onDisk/filePattern.ts';
import { jsonLinesLogger } from '../../../src/training/callbacks/onDisk/jsonLinesLogger.ts';
import { modelCheckpoint } from '../../../src/training/callbacks/onDisk/modelCheckpoint.ts';
import { tensorBoard } from '../../../src/training/callbacks/onDisk/tensorBoard.ts';
import type { EpochLogs } from '../../../src/training/history.ts';
import type { Model } from '../../../src/training/model.ts';
import { encodeModel } from '../../../src/training/modelFile.ts';
import { loadModel } from '../../../src/exchange/loadModel.ts';
import type { FitOptions } from '../../../src/training/options.ts';
import { brightestChannel, smallModel } from '../smallModel.ts';
import { FakeModel, lead } from './fakeModel.ts';

let all: string;
let folder: string;
beforeAll(async () => {
  all = await mkdtemp(join(tmpdir(), 'simdnet-callbacks-'));
});
beforeEach(async () => {
  folder = await mkdtemp(join(all, '-'));
});
afterAll(() => rm(all, { recursive: true }));

const models: Model[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await Promise.all(models.splice(0).map((model) => model.dispose()));
});
function newModel(): Model {
  const model = smallModel({ threads: 1 });
  models.push(model);
  return model;
}

const { x, y } = brightestChannel(24);
const each: FitOptions = { epochs: 3, batchSize: 8, validationSplit: 0.25 };
const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

const LOGS: readonly EpochLogs[] = [
  { loss: 2, val_loss: 2.5, accuracy: 0.25 },
  { loss: 1, val_loss: 1e-7, accuracy: 0.5 },
  { loss: 0.1, val_loss: 0.2, accuracy: 0.75 },
];

/** Stops after some epochs, and goes on from the state of an epoch before the last. */
async function resumed(make: () => Callbacks, from: number, until: number): Promise<void> {
  const first = make();
  let state: CallbackState | undefined;
  const onEpochEnd = first.onEpochEnd!.bind(first);
  first.onEpochEnd = async (epoch, logs) => {
    await onEpochEnd(epoch, logs);
    if (epoch === from - 1) state = JSON.parse(JSON.stringify(first.getState!())) as CallbackState;
  };
  await lead(new FakeModel(), first, LOGS, { until, end: false });
  const second = make();
  await lead(new FakeModel(), second, LOGS, {
    begin: from,
    restore: () => {
      second.setState!(state!);
    },
  });
}

describe('csvLogger', () => {
  const WHOLE = 'epoch,accuracy,loss,val_loss\n0,0.25,2,2.5\n1,0.5,1,1e-7\n2,0.75,0.1,0.2\n';

  it('writes a row for each epoch, in the place of what was there, or behind it', async () => {
    const filename = join(folder, 'new', 'log.csv');
    await lead(new FakeModel(), csvLogger({ filename }), LOGS);
    expect(await text('new/log.csv')).toBe(WHOLE);
    await lead(new FakeModel(), csvLogger({ filename }), LOGS.slice(0, 1));
    expect(await text('new/log.csv')).toBe(WHOLE.slice(0, WHOLE.indexOf('1,')));
    await lead(new FakeModel(), csvLogger({ filename, append: true }), LOGS, { begin: 1 });
    expect(await text('new/log.csv')).toBe(WHOLE);
    await lead(new FakeModel(), csvLogger({ filename, separator: '_' }), LOGS.slice(0, 1));
    expect(await text('new/log.csv')).toBe('epoch_accuracy_loss_"val_loss"\n0_0.25_2_2.5\n');
  });

  it.each([false, true])('goes on where a checkpoint was made: append %s', async (append) => {
    await resumed(() => csvLogger({ filename: join(folder, 'log.csv'), append }), 1, 3);
    expect(await text('log.csv')).toBe(WHOLE);
  });

  it('writes what the history has', async () => {
    const { history } = await newModel().fit(x, y, {
      ...each,
      callbacks: csvLogger({ filename: join(folder, 'log.csv') }),
    });
    const [head, ...rows] = (await text('log.csv')).trim().split('\n');
    expect(head).toBe('epoch,accuracy,loss,val_accuracy,val_loss');
    expect(rows.map((row) => row.split(',').map(Number))).toEqual(
      [0, 1, 2].map((epoch) => [
        epoch,
        ...['accuracy', 'loss', 'val_accuracy', 'val_loss'].map((metric) => history[metric]![epoch]),
      ]),
    );
  });
});

describe('jsonLinesLogger', () => {
  const WHOLE = LOGS.map((logs, epoch) => `${JSON.stringify({ epoch, ...logs })}\n`).join('');

  it('writes a line for each epoch, in the place of what was there, or behind it', async () => {
    const filename = join(folder, 'log.jsonl');
    await lead(new FakeModel(), jsonLinesLogger({ filename }), LOGS);
    expect(await text('log.jsonl')).toBe(WHOLE);
    expect(WHOLE).toContain('{"epoch":1,"loss":1,"val_loss":1e-7,"accuracy":0.5}\n');
    await lead(new FakeModel(), jsonLinesLogger({ filename, append: true }), LOGS);
    expect(await text('log.jsonl')).toBe(WHOLE + WHOLE);
    await lead(new FakeModel(), jsonLinesLogger({ filename }), LOGS);
    expect(await text('log.jsonl')).toBe(WHOLE);
  });

  it('goes on where a checkpoint was made', async () => {
    await resumed(() => jsonLinesLogger({ filename: join(folder, 'log.jsonl') }), 2, 3);
    expect(await text('log.jsonl')).toBe(WHOLE);
  });
});

describe('tensorBoard', () => {
  const now = 1700000000.5;
  const eventFile = async (run: string): Promise<Buffer> => {
    const [name, ...others] = await readdir(join(folder, 'logs', run));
    expect(others).toEqual([]);
    expect(name).toMatch(/^events\.out\.tfevents\.1700000000\..+\.v2$/);
    return readFile(join(folder, 'logs', run, name!));
  };
  const make = (): Callbacks => tensorBoard({ logDir: join(folder, 'logs') });

  /** What there is to be in the files after all epochs of LOGS. */
  const train = Buffer.concat([
    firstEvent(now),
    ...LOGS.map(({ loss, accuracy }, epoch) =>
      scalarsEvent(now, epoch, {
        epoch_loss: loss,
        epoch_accuracy: accuracy!,
        epoch_learning_rate: 0.5,
      }),
    ),
  ]);
  const validation = Buffer.concat([
    firstEvent(now),
    ...LOGS.map(({ val_loss }, epoch) => scalarsEvent(now, epoch, { epoch_loss: val_loss! })),
  ]);

  it('writes the numbers of training and of validation in folders of their own', async () => {
    vi.useFakeTimers({ now: now * 1000, toFake: ['Date'] });
    await lead(new FakeModel(), make(), LOGS);
    expect(await eventFile('train')).toEqual(train);
    expect(await eventFile('validation')).toEqual(validation);
  });

  it('goes on in the files that a checkpoint knows', async () => {
    vi.useFakeTimers({ now: now * 1000, toFake: ['Date'] });
    await resumed(make, 2, 3);
    expect(await eventFile('train')).toEqual(train);
    expect(await eventFile('validation')).toEqual(validation);
    const elsewhere = { values: { file: 'events.x/../../../y', train: 0, validation: 0 } };
    expect(() => {
      make().setState!(elsewhere);
    }).toThrow(/must be the name of an event file/);
  });

  it('gives every training a file of its own, and has no folder for what is not validated', async () => {
    const losses = [{ loss: 1 }, { loss: 2 }];
    await lead(new FakeModel(), make(), losses);
    await lead(new FakeModel(), make(), losses);
    expect(await readdir(join(folder, 'logs'))).toEqual(['train']);
    expect(await readdir(join(folder, 'logs', 'train'))).toHaveLength(2);
  });
});

describe('modelCheckpoint', () => {
  it('saves the model after every epoch, as it is then', async () => {
    const model = newModel();
    const bytes: unknown[] = [];
    const filepath = join(folder, 'models', '{epoch:02d}-{val_loss:.3f}.safetensors');
    const callbacks: Callbacks[] = [
      modelCheckpoint({ filepath }),
      { onEpochEnd: () => void bytes.push(Buffer.from(encodeModel(model))) },
    ];
    const { history } = await model.fit(x, y, { ...each, callbacks });
    const names = history.val_loss!.map((loss, epoch) => `0${epoch + 1}-${loss.toFixed(3)}.safetensors`);
    expect((await readdir(join(folder, 'models'))).sort()).toEqual(names);
    for (const [epoch, name] of names.entries()) {
      expect(await readFile(join(folder, 'models', name))).toEqual(bytes[epoch]);
    }
    const loaded = await loadModel(join(folder, 'models', names[2]!));
    models.push(loaded);
    expect([...loaded.getWeights()]).toEqual([...model.getWeights()]);
  });

  it('saves in a folder for each epoch', async () => {
    const callback = modelCheckpoint({ filepath: join(folder, '{epoch}', 'model.safetensors') });
    await newModel().fit(x, y, { ...each, epochs: 2, callbacks: callback });
    expect((await readdir(folder)).sort()).toEqual(['1', '2']);
    expect(await readdir(join(folder, '2'))).toEqual(['model.safetensors']);
  });

  it('saves the best only, and tells it from those of a training before', async () => {
    const filepath = join(folder, 'best.safetensors');
    const callback = modelCheckpoint({ filepath, monitor: 'loss', saveBestOnly: true });
    const model = newModel();
    callback.setModel(model);
    const epochs = async (...losses: number[]): Promise<(number | null)[]> => {
      const saved: (number | null)[] = [];
      await callback.onTrainBegin(['loss']);
      for (const [epoch, loss] of losses.entries()) {
        callback.savedEpoch = null;
        await callback.onEpochEnd(epoch, { loss });
        saved.push(callback.savedEpoch);
      }
      return saved;
    };
    expect(await epochs(3, 4, 2, 2)).toEqual([0, null, 2, null]);
    expect(await epochs(2.5, 1.5)).toEqual([null, 1]);
    const again = modelCheckpoint({ filepath, monitor: 'loss', saveBestOnly: true });
    again.setModel(model);
    again.setState(callback.getState());
    await again.onEpochEnd(0, { loss: 1.6 });
    expect(again.savedEpoch).toBe(1);
    await again.onEpochEnd(0, { loss: 1.4 });
    expect(again.savedEpoch).toBe(0);
  });

  it('says what it does, if asked to', async () => {
    const lines: unknown[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
    const filepath = join(folder, 'm');
    for (const saveBestOnly of [false, true]) {
      const callback = modelCheckpoint({ filepath, monitor: 'loss', saveBestOnly, verbose: 1 });
      callback.setModel(newModel());
      await callback.onEpochEnd(0, { loss: 0.5 });
      await callback.onEpochEnd(1, { loss: 0.75 });
    }
    expect(lines).toEqual([
      `Epoch 1: saved the model to ${filepath}`,
      `Epoch 2: saved the model to ${filepath}`,
      `Epoch 1: loss is 0.50000, the best so far; saved the model to ${filepath}`,
    ]);
  });

  it('formats as Python does', () => {
    const logs = { loss: 0.000012345, big: 1e21 };
    const name = (pattern: string): string => filled('', pattern, 6, logs);
    expect(name('{epoch}-{epoch:d}-{epoch:3d}-{epoch:03}-{epoch:.1f}')).toBe('7-7-  7-007-7.0');
    expect(name('{loss:.6f} {loss:f} {loss:.2e} {loss:012.3e} {big:.1e}')).toBe(
      '0.000012 0.000012 1.23e-05 0001.234e-05 1.0e+21',
    );
    expect(name('{{epoch}} {loss}')).toBe('{epoch} 0.000012345');
    for (const wrong of ['{loss:d}', '{loss:x}', '{epoch:.2}', '{epoch:.2d}', '{epoch:>3}', '{loss:.200f}']) {
      expect(() => name(wrong), wrong).toThrow(/is no format; there are \{epoch:02d\}/);
    }
  });
});

describe('before the first step', () => {
  const begin = (callback: Callbacks): Promise<unknown> => {
    const onBatchBegin = (): never => {
      throw new Error('a step');
    };
    return newModel().fit(x, y, { ...each, callbacks: [callback, { onBatchBegin }] });
  };

  it('is known what cannot be written', async () => {
    const blocked = join(folder, 'file');
    await writeFile(blocked, '');
    await mkdir(join(folder, 'sub'));
    const names = /cannot write .*file/;
    await expect(begin(modelCheckpoint({ filepath: join(blocked, 'm') }))).rejects.toThrow(names);
    await expect(begin(csvLogger({ filename: join(blocked, 'l.csv') }))).rejects.toThrow(names);
    await expect(begin(csvLogger({ filename: join(folder, 'sub') }))).rejects.toThrow(/it is a folder/);
    await expect(begin(jsonLinesLogger({ filename: join(blocked, 'l') }))).rejects.toThrow(names);
    await expect(begin(tensorBoard({ logDir: blocked }))).rejects.toThrow(names);
  });

  it('is known which metrics there are not', async () => {
    const wrong = modelCheckpoint({ filepath: join(folder, '{val_los:.2f}') });
    await expect(begin(wrong)).rejects.toThrow(
      /modelCheckpoint: filepath "val_los" is none of the metrics, which are epoch, loss, accuracy, val_loss/,
    );
    const format = modelCheckpoint({ filepath: join(folder, '{val_loss:.2x}') });
    await expect(begin(format)).rejects.toThrow(/\{val_loss:\.2x\} is no format/);
    const monitor = modelCheckpoint({ filepath: folder, monitor: 'f1', saveBestOnly: true });
    await expect(begin(monitor)).rejects.toThrow(/monitor "f1" is none of the metrics/);
    // What is not watched need not be there.
    await expect(begin(modelCheckpoint({ filepath: join(folder, 'm'), monitor: 'f1' }))).rejects.toThrow(
      'a step',
    );
  });

  it.each<[() => unknown, RegExp]>([
    [() => modelCheckpoint({ filepath: 'a', saveBestonly: true } as never), /"saveBestonly".*"saveBestOnly"/],
    [() => modelCheckpoint({} as never), /modelCheckpoint: filepath must be a path, not undefined/],
    [
      () => modelCheckpoint({ filepath: 'a', saveBestOnly: 1 as never }),
      /saveBestOnly must be true or false/,
    ],
    [() => modelCheckpoint({ filepath: 'a', initialValueThreshold: NaN }), /initialValueThreshold must be/],
    [() => modelCheckpoint({ filepath: 'a', mode: 'up' as never }), /mode must be auto or min or max/],
    [() => csvLogger({ filename: '' }), /csvLogger: filename must be a path, not ""/],
    [() => csvLogger({ filename: 'a', seperator: ';' } as never), /"seperator".*"separator"/],
    [() => csvLogger({ filename: 'a', separator: '' }), /separator must be a text such as ","/],
    [() => csvLogger({ filename: 'a', append: 1 as never }), /append must be true or false/],
    [() => jsonLinesLogger({ file: 'a' } as never), /jsonLinesLogger has no option "file"/],
    [() => jsonLinesLogger({ filename: 'a', append: 1 as never }), /append must be true or false/],
    [() => tensorBoard({ logdir: 'a' } as never), /tensorBoard has no option "logdir".*"logDir"/],
    [() => tensorBoard({ logDir: '' }), /tensorBoard: logDir must be a path/],
  ])('%s is refused', (make, message) => {
    expect(make).toThrow(message);
  });
});
