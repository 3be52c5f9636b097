/** What `simdnet train` does, from the images to the folder of results. */
import type { Dataset } from '../../data/dataset.ts';
import type { Tier } from '../../engine/tier.ts';
import { OptionError } from '../../errors.ts';
import { categoricalCrossentropy } from '../../nn/losses/categoricalCrossentropy.ts';
import { buildNetwork } from '../../nn/network.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { modelFromJSON, sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import { loadWeights } from '../../training/modelOnDisk.ts';
import { augmentationsOf } from '../augmentation.ts';
import type { Context } from '../command.ts';
import { checkChoice, loadSplit, slice, taskOf, type LoadedSplit } from '../datasets.ts';
import { mustFit } from '../fits.ts';
import { Interrupted, listenForInterrupts } from '../interrupt.ts';
import { printJson } from '../json.ts';
import { chosenTier } from '../modelOptions.ts';
import { layersOf } from '../networkOptions.ts';
import { checkOptimizer, chosenOptimizer } from '../optimizerOptions.ts';
import { Terminal } from '../terminal.ts';
import { count } from '../units.ts';
import { checkCallbacks } from './callbackOptions.ts';
import { RunFolder } from './runFolder.ts';
import { resumedOptions } from './resume.ts';
import type { Compilation, Setting, Surroundings, TrainValues } from './surroundings.ts';
import { testModel } from './test.ts';
import { TrainingRun } from './trainingRun.ts';

/**
 * Trains, tests and saves.
 * @returns the folder of the results
 * @throws OptionError, DataError, FormatError, TrainingError, EngineError, and Interrupted by Ctrl-C
 */
export async function train(typed: TrainValues, { commandLine, given }: Context): Promise<string> {
  const begin = new Date();
  const { values, record, complete } =
    typed.resume === undefined
      ? { values: typed, record: undefined, complete: false }
      : await resumedOptions(typed.resume, typed, given);
  const terminal = new Terminal(values.json ? process.stderr : process.stdout);
  if (complete) {
    terminal.print(`${values.out!} is complete. To train on, give more than its ${values.epochs} --epochs.`);
    return values.out!;
  }
  const { signal, stopListening } = listenForInterrupts(() => {
    terminal.print('Stopping … (Ctrl-C again stops at once)');
  });
  const emit = (event: string, data: object): void => {
    if (values.json) printJson({ event, ...data });
  };
  try {
    // What can be wrong is found out before the first image is read.
    checkChoice(values);
    checkOptimizer(values, values.epochs);
    checkCallbacks(values);
    const tier = chosenTier(values.tier, values.turbo);
    // Nobody else can have the folder from here on.
    const folder = record ? RunFolder.reclaim(values.out!) : await RunFolder.claim(values.out, begin);
    try {
      const earlier = record && { record, checkpoint: await lastCheckpoint(folder, terminal) };
      const model = await chosenModel(values, tier, earlier?.checkpoint);
      try {
        await inFolder(folder, model, { values, earlier, commandLine, begin, terminal, signal, emit });
      } finally {
        await model.dispose();
      }
    } finally {
      await folder.release();
    }
    return folder.path;
  } finally {
    terminal.clear();
    stopListening();
  }
}

/** Loads the images, and trains on them. */
async function inFolder(
  folder: RunFolder,
  model: Model,
  setting: Omit<Setting, 'compilation' | 'augment'>,
): Promise<void> {
  const { values, terminal, signal } = setting;
  const augment = augmentationsOf(values.augment, model.network.inputShape);
  const split = await loadSplit(values, { download: { terminal, signal } });
  const set = slice(split.train, 0, Math.min(values.trainLimit ?? Infinity, split.train.count));
  const training = trainingCount(set, values.validationSplit);
  tellAboutData(split, set, training, values, setting);
  const compilation = compilationOf(values, training);
  model.compile({ ...compilation, metrics: ['accuracy'] });
  terminal.print();
  model.summary((table) => {
    terminal.print(table);
  }, terminal.width);
  await carryOut(model, set, split, folder, { ...setting, compilation, augment });
}

/** Where a run goes on; says so, and what was passed over. */
async function lastCheckpoint(folder: RunFolder, terminal: Terminal): Promise<Checkpoint | undefined> {
  const checkpoint = await folder.checkpoints.latest((damage) => {
    terminal.print(terminal.paint('yellow', `Passed over: ${damage}`));
  });
  const { epoch, batch } = checkpoint?.training?.position ?? { epoch: 0, batch: 0 };
  const step = batch === 0 ? '' : ` behind step ${batch}`;
  terminal.print(
    checkpoint
      ? `Going on with ${folder.path} in epoch ${epoch + 1}${step}`
      : `There is no good checkpoint in ${folder.path}: it begins anew`,
  );
  return checkpoint;
}

/** The network with the weights that it begins with: whether all that fits is known without any images. */
async function chosenModel(
  values: TrainValues,
  tier: Tier,
  checkpoint: Checkpoint | undefined,
): Promise<Model> {
  const task = taskOf(values.dataset);
  const options = {
    seed: values.seed,
    tier,
    convolution: values.conv,
    classNames: task.classNames,
    ...(values.threads !== undefined && { threads: values.threads }),
  };
  // The files that it was made of may be gone.
  if (checkpoint) return modelFromJSON(checkpoint.network, options);
  const weights = values.init === undefined ? undefined : await loadWeights(values.init);
  const layers = await layersOf(values.network, { ...task, dropout: values.dropout });
  mustFit(buildNetwork(layers), task, values.network);
  const model = sequential(layers, options);
  if (weights) model.setWeights(weights, values.init);
  return model;
}

/** @param images  how many are trained on */
function compilationOf(values: TrainValues, images: number): Compilation {
  const epoch = Math.ceil(images / values.batchSize);
  return {
    optimizer: chosenOptimizer(values, { epoch, all: epoch * values.epochs }),
    loss: categoricalCrossentropy({ labelSmoothing: values.labelSmoothing }),
  };
}

/** Trains, tests, and writes the folder. */
async function carryOut(
  model: Model,
  set: Dataset,
  split: LoadedSplit,
  folder: RunFolder,
  surroundings: Setting,
): Promise<void> {
  const { terminal, signal, emit, values } = surroundings;
  const run = new TrainingRun(model, folder, surroundings, {
    source: split.source,
    trainImages: trainingCount(set, values.validationSplit),
    validationImages: set.count - trainingCount(set, values.validationSplit),
    testImages: split.test?.count ?? 0,
  });
  const history = await run.fit(set);
  if (!history.stopped && split.test) {
    await run.guard(async () => {
      run.evaluation = await testModel(model, split.test!, values.batchSize, surroundings);
    });
  }
  const stopped = history.stopped || signal.aborted;
  await run.finish(stopped ? 'stopped' : 'completed');
  const epochs = history.epoch.length;
  emit('end', {
    stopped,
    epochs,
    out: folder.path,
    model: folder.modelPath,
    ...(epochs > 0 && { plot: folder.plotPath }),
  });
  if (stopped) {
    const complete =
      epochs === 0 ? 'no epoch was complete' : `${epochs} of ${values.epochs} epochs were complete`;
    throw new Interrupted(
      `Interrupted: ${complete}. The model as it is now is saved in ${folder.modelPath}. ` +
        `To go on: simdnet train --resume ${folder.path}`,
    );
  }
  terminal.print();
  terminal.print(`Accuracy plot: ${folder.plotPath}`);
  terminal.print(`Model: ${folder.modelPath}`);
}

/** How many of the images are trained on: Keras' rule. @throws OptionError if it is none */
function trainingCount(set: Dataset, validationSplit: number): number {
  const training = Math.floor(set.count * (1 - validationSplit));
  if (training > 0) return training;
  throw new OptionError(
    `--validation-split ${validationSplit} leaves none of the ${set.count} images to train on: make it smaller.`,
  );
}

function tellAboutData(
  { source, test }: LoadedSplit,
  set: Dataset,
  training: number,
  { dataset, json }: TrainValues,
  { terminal, emit }: Surroundings,
): void {
  const { height, width, channels, classNames } = set;
  const validation = set.count - training;
  terminal.print(`Dataset: ${dataset}, ${source}`);
  terminal.print(`  ${height}×${width}×${channels} images in ${classNames.length} classes`);
  const parts = [`${count(training)} to train on`];
  if (validation > 0) parts.push(`${count(validation)} to validate with`);
  if (test) parts.push(`${count(test.count)} to test with`);
  terminal.print(`  ${parts.join(', ')}`);
  if (!test) {
    const notice = 'there is no test_batch.bin, so the model will not be tested';
    terminal.print(terminal.paint('yellow', `  ${notice}`));
    if (!json && !process.stderr.isTTY) process.stderr.write(`simdnet: ${source}: ${notice}\n`);
  }
  emit('dataset', {
    name: dataset,
    source,
    train: training,
    validation,
    test: test?.count ?? 0,
    shape: [height, width, channels],
    classNames,
  });
}
