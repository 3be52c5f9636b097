import type { LabelledImages } from '../../data/dataset.ts';
import { slice } from '../../data/slice.ts';
import { EngineError, TrainingError } from '../../errors.ts';
import type { ViewsEvaluation } from '../../recipes/views.ts';
import type { EpochLogs, History } from '../../training/history.ts';
import type { Model } from '../../training/model.ts';
import { optimizerText, peakRate } from '../optimizerOptions.ts';
import { wrap } from '../text.ts';
import { count, duration, rate } from '../units.ts';
import { viewsText } from '../views.ts';
import { ChosenCallbacks } from './chosenCallbacks.ts';
import type { EpochSpeed } from './epochText.ts';
import { unfreezing } from './freezing.ts';
import { Progress } from './progress.ts';
import { recipeText } from './recipeText.ts';
import { release } from './release.ts';
import { beganWith } from './resume.ts';
import type { RunFolder } from './runFolder.ts';
import { engineRecord, openingRecord, peakMemoryMB, type RunRecord } from './runRecord.ts';
import { Saving } from './saving.ts';
import type { Setting } from './surroundings.ts';
import { overViews, type TestResult } from './test.ts';
import { USUAL_NETWORK } from './trainOptions.ts';

/** A training and the folder that it is kept in, which is up to date after every epoch. */
export class TrainingRun {
  /** The result of the test, once there is one. */
  tested: TestResult | undefined;
  readonly #model: Model;
  readonly #folder: RunFolder;
  readonly #setting: Setting;
  readonly #dataset: RunRecord['dataset'];
  readonly #progress: Progress;
  readonly #saving: Saving;
  /** What came of the validation over the views of the recipe. */
  #validated: ViewsEvaluation | undefined;
  /** Whether the folder tells of it. */
  #begun = false;

  constructor(model: Model, folder: RunFolder, setting: Setting, dataset: RunRecord['dataset']) {
    this.#model = model;
    this.#folder = folder;
    this.#setting = setting;
    this.#dataset = dataset;
    this.#progress = new Progress(setting.values.epochs, setting.terminal, setting.earlier?.checkpoint);
    this.#saving = new Saving((text) => {
      setting.terminal.print(setting.terminal.paint('yellow', text));
    });
  }

  /**
   * Trains on a set, whose images are gone afterwards: drawing the history wants as much memory again.
   * @param validation  what to validate with; null for nothing, undefined for a part of the set
   * @throws TrainingError if the training diverges: the last good epoch's model is kept; EngineError, SimdnetError
   */
  async fit(set: LabelledImages, validation: LabelledImages | null | undefined): Promise<History> {
    const { values, signal, terminal, earlier, augment, classWeight, plan } = this.#setting;
    if (!earlier) await this.#begin(() => this.#folder.begin(this.#record('running')));
    const validated = this.#dataset.validationImages > 0;
    const chosen = new ChosenCallbacks(values, this.#folder.path, validated, this.#saving, this.#setting);
    return this.guard(async () => {
      const fitted = await this.#model.fit(set.images, set.labels, {
        epochs: values.epochs,
        batchSize: values.batchSize,
        validationSplit: validation === null ? 0 : values.validationSplit,
        ...(validation && { validationData: [validation.images, validation.labels] as const }),
        shuffle: !values.noShuffle,
        dropRemainder: plan?.fit.dropRemainder ?? false,
        signal,
        checkpointEvery: values.checkpointEvery,
        ...(classWeight && { classWeight }),
        augment,
        ...(earlier?.checkpoint && { resumeFrom: earlier.checkpoint }),
        callbacks: [
          plan ? plan.callbacks(this.#model) : unfreezing(this.#model, values, this.#setting),
          {
            onTrainBegin: async () => {
              // What does not fit a run that is there must leave it as it is.
              if (earlier) await this.#begin(() => this.#folder.describe(this.#record('running')));
              this.#tellBegin();
            },
            ...this.#progress.callbacks((epoch, logs, speed) => this.#endEpoch(epoch, logs, speed)),
            onCheckpoint: () =>
              this.#saving.inBackground(this.#model.checkpoint(), (checkpoint) =>
                this.#folder.checkpoints.save(checkpoint),
              ),
          },
          ...chosen.list,
        ],
      });
      await this.#saving.settled();
      // Where it stopped by itself, it is complete.
      const history = { ...fitted, stopped: signal.aborted };
      // The weights may be others than those after the last epoch: their averages, or the best ones.
      this.#mustBeFinite();
      await this.#save(history.stopped);
      chosen.tellEnd(history.epoch.length);
      if (!history.stopped) await this.#validateOverViews(validation ?? set);
      await release(set.images);
      if (validation) await release(validation.images);
      if (history.epoch.length > 0) {
        const speed = rate(this.#progress.imagesPerSecond);
        terminal.print(`${duration(this.#seconds())} in all, ${speed} images/s in training`);
        await this.#folder.plot(history);
      }
      return history;
    });
  }

  /** Does something that may fail; if it does, says so in run.json, and which model is kept. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.#saving.settled().catch(() => undefined);
      const reason = error instanceof Error ? error.message : String(error);
      // The first error is the one to tell.
      if (this.#begun)
        await this.#folder.describe({ ...this.#record('failed'), error: reason }).catch(() => undefined);
      if (error instanceof TrainingError)
        throw new TrainingError(`${reason} ${this.#kept()}`, { cause: error });
      if (error instanceof EngineError) throw new EngineError(`${reason} ${this.#kept()}`, { cause: error });
      throw error;
    }
  }

  /** Writes the last of run.json. */
  async finish(status: 'completed' | 'stopped'): Promise<void> {
    await this.#folder.describe(this.#record(status));
  }

  async #begin(write: () => Promise<void>): Promise<void> {
    await write();
    this.#begun = true;
  }

  #tellBegin(): void {
    const { terminal, values, compilation, origin, emit, recipe } = this.#setting;
    const { tier, threads } = this.#model.engine!;
    const inThreads = threads === 1 ? '1 thread' : `${threads} threads`;
    terminal.print();
    terminal.print(
      `Training in batches of ${count(values.batchSize)}, seed ${values.seed}; ${inThreads}, ${tier} engine`,
    );
    const learning = recipe ? recipeText(recipe, this.#setting) : this.#learningText();
    const words = learning.map((text, i) => (i < learning.length - 1 ? `${text},` : text));
    terminal.print(wrap(words, terminal.width));
    emit('start', {
      out: this.#folder.path,
      ...(recipe && { recipe: recipe.name }),
      ...(values.from === undefined
        ? { network: recipe?.network ?? values.network ?? USUAL_NETWORK }
        : { from: values.from, madeAnew: origin?.madeAnew }),
      ...compilation,
      ...this.#model.engine,
      seed: values.seed,
      epochs: values.epochs,
    });
  }

  /** What the recipe's views come to on images that are not trained on. @param set  of which they are the last */
  async #validateOverViews(set: LabelledImages): Promise<void> {
    const { validationImages } = this.#dataset;
    const { values, terminal, signal, emit } = this.#setting;
    if (validationImages === 0) return;
    const held = slice(set, set.count - validationImages, set.count);
    try {
      this.#validated = await overViews(this.#model, held, values.batchSize, this.#setting);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!this.#validated) return;
    terminal.print(viewsText('Validation', this.#validated, terminal));
    emit('validation', { tta: this.#validated });
  }

  /** How it learns, in words. */
  #learningText(): readonly string[] {
    const { values } = this.#setting;
    const smoothing = values.labelSmoothing > 0 ? [`label smoothing ${values.labelSmoothing}`] : [];
    const changes = values.augment === undefined ? [] : [`images changed by ${values.augment}`];
    return [...optimizerText(values), ...smoothing, ...changes];
  }

  async #endEpoch(epoch: number, logs: EpochLogs, speed: EpochSpeed): Promise<void> {
    this.#setting.emit('epoch', { epoch: epoch + 1, ...logs, ...speed });
    this.#mustBeFinite();
    await this.#saving.now(async () => {
      await this.#save(false);
      await this.#folder.describe(this.#record('running'));
    });
  }

  async #save(stopped: boolean): Promise<void> {
    await this.#folder.save(this.#model, this.#progress.history(stopped));
  }

  #mustBeFinite(): void {
    for (const [name, { data }] of this.#model.getWeights()) {
      const bad = data.find((weight) => !Number.isFinite(weight));
      if (bad === undefined) continue;
      const { recipe, values } = this.#setting;
      const remedy = recipe
        ? 'Look for images that are all alike, or labels that are wrong.'
        : `Try a lower --learning-rate than ${peakRate(values)}.`;
      throw new TrainingError(`The training diverged: ${name} has a weight of ${bad}. ${remedy}`);
    }
  }

  #kept(): string {
    const epochs = this.#progress.history(false).epoch.length;
    if (epochs === 0) return 'No epoch was completed, so no model was saved.';
    return `The model of epoch ${epochs} is kept in ${this.#folder.modelPath}.`;
  }

  #record(status: RunRecord['status']): RunRecord {
    const { values, compilation, augment, commandLine, begin, earlier, origin, classWeights } = this.#setting;
    const from = origin ?? earlier?.record.from;
    const opening = openingRecord(values, commandLine, begin, this.#folder.path);
    return {
      ...opening,
      ...(earlier && {
        commandLine: earlier.record.commandLine,
        options: { ...opening.options, ...beganWith(earlier.record) },
        startTime: earlier.record.startTime,
      }),
      status,
      ...(from && { from }),
      ...(classWeights && { classWeights }),
      ...compilation,
      augment,
      parameters: this.#model.network.parameterCount,
      dataset: this.#dataset,
      ...engineRecord(this.#model.engine),
      resumed: [
        ...(earlier?.record.resumed ?? []),
        ...(earlier ? [{ time: begin.toISOString(), commandLine }] : []),
      ],
      epochsCompleted: this.#progress.history(false).epoch.length,
      durationSeconds: (earlier?.record.durationSeconds ?? 0) + this.#seconds(),
      imagesPerSecond: this.#progress.imagesPerSecond,
      peakMemoryMB: peakMemoryMB(),
      ...(this.#validated && { validationTta: this.#validated }),
      ...(this.tested && { test: this.tested.evaluation }),
      ...(this.tested?.views && { tta: this.tested.views }),
    };
  }

  #seconds(): number {
    return (Date.now() - this.#setting.begin.getTime()) / 1000;
  }
}
