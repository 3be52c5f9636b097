/** What `simdnet train` does, from the images to the folder of results. */
import type { LabelledImages } from '../../data/dataset.ts';
import { OptionError } from '../../errors.ts';
import { categoricalCrossentropy } from '../../nn/losses/categoricalCrossentropy.ts';
import type { Recipe, RecipePlan } from '../../recipes/recipe.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import type { Model } from '../../training/model.ts';
import { momentsOf } from '../../training/normalizing.ts';
import { augmentationsOf } from '../augmentation.ts';
import type { Context } from '../command.ts';
import { slice } from '../../data/slice.ts';
import { checkChoice, definitionOf, loadSplit, settled, type LoadedSplit } from '../datasets.ts';
import { Interrupted, listenForInterrupts } from '../interrupt.ts';
import { printJson } from '../json.ts';
import { chosenTier } from '../modelOptions.ts';
import { leftOut } from '../pictures/decoding.ts';
import { mustHaveSamePictures } from '../pictures/listing.ts';
import { checkOptimizer, chosenOptimizer } from '../optimizerOptions.ts';
import { Terminal } from '../terminal.ts';
import { count } from '../units.ts';
import { begunModel } from './begunModel.ts';
import { checkCallbacks, mustHaveValidation } from './callbackOptions.ts';
import { byName, classWeightsText, weightsOfClasses, withoutFile } from './classWeight.ts';
import { checkFreezing, frozenText } from './freezing.ts';
import { checkFrom, originText, sizedByModel, Source } from './from.ts';
import { momentsText } from './normalizing.ts';
import { chosenRecipe } from './recipeOptions.ts';
import { RunFolder } from './runFolder.ts';
import { openingRecord } from './runRecord.ts';
import { resumedOptions } from './resume.ts';
import type { Compilation, Setting, Surroundings, TrainValues } from './surroundings.ts';
import { testModel } from './test.ts';
import { TrainingRun } from './trainingRun.ts';

/**
 * Trains, tests and saves.
 * @returns the folder of the results
 * @throws OptionError, DataError, FormatError, TrainingError, EngineError, and Interrupted by Ctrl-C
 */
export async function train(asTyped: TrainValues, { commandLine, given }: Context): Promise<string> {
  const begin = new Date();
  const typed = { ...asTyped, classWeight: await withoutFile(asTyped.classWeight) };
  const {
    values: chosen,
    record,
    complete,
  } = typed.resume === undefined
    ? { values: typed, record: undefined, complete: false }
    : await resumedOptions(typed.resume, typed, given);
  const terminal = new Terminal(chosen.json ? process.stderr : process.stdout);
  if (complete) {
    await RunFolder.tidy(chosen.out!);
    terminal.print(`${chosen.out!} is complete. To train on, give more than its ${chosen.epochs} --epochs.`);
    return chosen.out!;
  }
  const { signal, stopListening } = listenForInterrupts((again) => {
    terminal.print(`Stopping … (${again} again stops at once)`);
  });
  const emit = (event: string, data: object): void => {
    if (chosen.json) printJson({ event, ...data });
  };
  try {
    // What can be wrong is found out before the first image is read.
    checkChoice(chosen);
    checkOptimizer(chosen, chosen.epochs);
    checkCallbacks(chosen);
    checkFreezing(chosen);
    checkFrom(typed, given);
    const recipe = chosenRecipe(chosen);
    const tier = chosenTier(chosen.tier, chosen.turbo);
    if (record) {
      const remedy =
        'Make it as it was, to go on; or start a new run, with --from to begin with its weights.';
      await mustHaveSamePictures(chosen.dataset, record.pictures?.listing, chosen.out!, remedy);
    }
    const from = chosen.from === undefined ? undefined : new Source(chosen.from, chosen.network);
    // Of a run that is gone on with, the files that it was made of may be gone.
    if (!record) await from?.open();
    // Nobody else can have the folder from here on.
    const folder = record ? RunFolder.reclaim(chosen.out!) : await RunFolder.claim(chosen.out, begin);
    try {
      if (!record) await folder.announce(openingRecord(chosen, commandLine, begin, folder.path));
      const sized = await sizedByModel(chosen, from);
      const settledValues = await settled(sized, { decoding: { terminal, signal } });
      const earlier = record && { record, checkpoint: await lastCheckpoint(folder, terminal) };
      const begun = await begunModel(settledValues, {
        ...{ recipe, given, tier, from },
        checkpoint: earlier?.checkpoint,
      });
      const { model, origin } = begun;
      const values = { ...settledValues, normalize: begun.normalize };
      try {
        const surroundings = { terminal, signal, emit };
        const run = { recipe, earlier, origin, commandLine, begin };
        await inFolder(folder, model, { values, ...run, ...surroundings });
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

/** What is known before the images. */
type EarlySetting = Omit<Setting, 'plan' | 'compilation' | 'augment' | 'classWeight' | 'classWeights'>;

/** Loads the images, and trains on them. */
async function inFolder(folder: RunFolder, model: Model, setting: EarlySetting): Promise<void> {
  const { values, terminal, signal } = setting;
  const augment = augmentationsOf(values.augment, model.network);
  const watched = { terminal, signal };
  const split = await loadSplit(values, { download: watched, decoding: watched });
  try {
    await onSplit(folder, model, split, { ...setting, augment });
  } finally {
    await split.close?.();
  }
}

async function onSplit(
  folder: RunFolder,
  model: Model,
  loaded: LoadedSplit,
  setting: EarlySetting & Pick<Setting, 'augment'>,
): Promise<void> {
  const { values, terminal, recipe, earlier } = setting;
  const split = values.noTest ? { ...loaded, test: undefined } : loaded;
  const set = slice(split.train, 0, Math.min(values.trainLimit ?? Infinity, split.train.count));
  const counts = countsOf(split, set, values.validationSplit);
  mustHaveValidation(values, counts.validation);
  const plan = recipe && planFor(recipe, set, counts.train, values);
  tellAboutData(split, set, counts, values, setting);
  const trained = slice(set, 0, counts.train);
  if (!earlier?.checkpoint) {
    if (values.normalize) model.adapt(await momentsOf(trained, model.network.pixelScale));
    await plan?.prepare(model, trained);
  }
  const classWeight = weightsOfClasses(values.classWeight, set, counts.train);
  const classWeights = classWeight && byName(classWeight, set.classNames);
  const compilation = plan ? compiledBy(plan) : compilationOf(values, counts.train);
  model.compile({ ...compilation, metrics: ['accuracy'] });
  terminal.print();
  model.summary((table) => {
    terminal.print(table);
  }, terminal.width);
  tellAboutModel(model, { ...setting, classWeights }, set.classNames);
  await carryOut(model, set, split, counts, folder, {
    ...setting,
    plan,
    augment: plan?.fit.augment ?? setting.augment,
    compilation,
    classWeight,
    classWeights,
  });
}

/** @param images  how many are trained on @throws OptionError if they are too few */
function planFor(
  recipe: Recipe,
  { height, width, channels, classNames }: LabelledImages,
  images: number,
  { epochs, batchSize }: TrainValues,
): RecipePlan {
  const inputShape = [height, width, channels];
  // Those to validate with have been left out already.
  const task = { inputShape, classes: classNames.length, images, epochs, batchSize, validationSplit: 0 };
  return recipe.plan(task);
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

function compiledBy({ compile: { optimizer, loss } }: RecipePlan): Compilation {
  return { optimizer, loss };
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
  set: LabelledImages,
  split: LoadedSplit,
  counts: ImageCounts,
  folder: RunFolder,
  surroundings: Setting,
): Promise<void> {
  const { terminal, signal, emit, values } = surroundings;
  const run = new TrainingRun(model, folder, surroundings, {
    source: split.source,
    trainImages: counts.train,
    validationImages: counts.validation,
    testImages: counts.test,
    ...(split.pictures && { pictures: split.pictures }),
  });
  const history = await run.fit(set, split.validation);
  if (!history.stopped && split.test) {
    await run.guard(async () => {
      run.tested = await testModel(model, split.test!, values.batchSize, surroundings);
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
  leftOut(split.pictures?.skipped ?? [], terminal);
}

interface ImageCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** How many images there are for what: Keras' rule, where there are none to validate with. @throws OptionError if none are left */
function countsOf(
  { validation, test }: LoadedSplit,
  set: LabelledImages,
  validationSplit: number,
): ImageCounts {
  const tested = test?.count ?? 0;
  if (validation !== undefined) return { train: set.count, validation: validation?.count ?? 0, test: tested };
  const training = Math.floor(set.count * (1 - validationSplit));
  if (training > 0) return { train: training, validation: set.count - training, test: tested };
  throw new OptionError(
    `--validation-split ${validationSplit} leaves none of the ${set.count} images to train on: make it smaller.`,
  );
}

function tellAboutModel(
  model: Model,
  { values, origin, terminal, classWeights }: Omit<Setting, 'plan' | 'compilation' | 'classWeight'>,
  classNames: readonly string[],
): void {
  const lines = [
    ...(origin ? originText(origin, classNames) : []),
    frozenText(model, values),
    momentsText(model),
    classWeights && classWeightsText(classWeights),
  ].filter((line) => line !== undefined);
  if (lines.length === 0) return;
  terminal.print();
  for (const line of lines) terminal.print(line);
}

function tellAboutData(
  split: LoadedSplit,
  set: LabelledImages,
  counts: ImageCounts,
  values: TrainValues,
  { terminal, emit }: Surroundings,
): void {
  const { source, test, testPlace, pictures } = split;
  const { height, width, channels, classNames } = set;
  const { train: training, validation } = counts;
  const dataset = definitionOf(values).name;
  terminal.print(`Dataset: ${dataset}, ${source}`);
  terminal.print(`  ${height}×${width}×${channels} images in ${classNames.length} classes`);
  const parts = [`${count(training)} to train on`];
  if (validation > 0) parts.push(`${count(validation)} to validate with`);
  if (test) parts.push(`${count(test.count)} to test with`);
  terminal.print(`  ${parts.join(', ')}`);
  if (values.noTest) terminal.print('  the test images are left alone');
  else if (!test) {
    const notice = `there is no ${testPlace}, so the model will not be tested`;
    terminal.print(terminal.paint('yellow', `  ${notice}`));
    if (!values.json && !process.stderr.isTTY) process.stderr.write(`simdnet: ${source}: ${notice}\n`);
  }
  emit('dataset', {
    name: dataset,
    source,
    train: training,
    validation,
    test: counts.test,
    shape: [height, width, channels],
    classNames,
    ...(pictures && { pictures }),
  });
}
