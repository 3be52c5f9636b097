/** A report on a model, from the claim on its folder until it is written. */
import type { LabelledImages } from '../../data/dataset.ts';
import { OptionError, TrainingError } from '../../errors.ts';
import type { ClaimedFolder } from '../../files/claimedFolder.ts';
import type { ViewsEvaluation } from '../../recipes/views.ts';
import type { Model } from '../../training/model.ts';
import type { Evaluation } from '../../training/options.ts';
import { evaluationLine } from '../evaluationLine.ts';
import { listenForInterrupts, type Interrupts } from '../interrupt.ts';
import type { Terminal } from '../terminal.ts';

/** Where lines end that are not on a terminal. */
const WIDTH = 79;

export interface ReportSetting {
  readonly batchSize: number;
  readonly evaluation: Evaluation;
  /** What came of looking at each image several times: the report is then on that. */
  readonly looked: { readonly probabilities: Float32Array; readonly evaluation: ViewsEvaluation } | undefined;
  /** What model and images they are, for the record. */
  readonly facts: object;
  /** Of each image, the path of its file, where each has one. */
  readonly files: readonly string[] | undefined;
  readonly terminal: Terminal;
}

export class Reporter {
  readonly #folder: ClaimedFolder;
  readonly #interrupts: Interrupts;

  private constructor(folder: ClaimedFolder) {
    this.#folder = folder;
    this.#interrupts = listenForInterrupts(() => undefined);
  }

  /**
   * @param classes  how many there are
   * @throws OptionError if they are too many to be drawn; SimdnetError if the folder cannot be written to, or another process works in it
   */
  static async begin(path: string, classes: number): Promise<Reporter> {
    const [{ claimReportFolder }, { MOST_CONFUSION_CLASSES }] = await Promise.all([
      import('./reportFolder.ts'),
      import('../../plot/confusionFigure.ts'),
    ]);
    if (classes > MOST_CONFUSION_CLASSES) {
      throw new OptionError(
        `--report is for at most ${MOST_CONFUSION_CLASSES} classes, and there are ${classes}: leave it out.`,
      );
    }
    return new Reporter(await claimReportFolder(path));
  }

  /** Aborted by the first SIGINT or SIGTERM: so that the folder is left as it was. */
  get signal(): AbortSignal {
    return this.#interrupts.signal;
  }

  /**
   * Predicts all images and writes the report on them.
   * @returns what report.json holds, and what to print
   * @throws TrainingError if the loss is not a number, SimdnetError if something cannot be written
   */
  async report(
    model: Model,
    test: LabelledImages,
    { batchSize, evaluation, looked, facts, files, terminal }: ReportSetting,
  ): Promise<{ readonly record: object; readonly text: string }> {
    const { loss } = evaluation;
    if (!Number.isFinite(loss)) {
      throw new TrainingError(
        `There is nothing to report: the loss on the test images is ${loss}. The training diverged.`,
      );
    }
    const [{ classificationReport }, { predictAll }, { reportText }, { writeReport }] = await Promise.all([
      import('../../evaluation/classificationReport.ts'),
      import('./predictAll.ts'),
      import('./reportText.ts'),
      import('./reportFolder.ts'),
    ]);
    const onProgress = (done: number): void => {
      this.signal.throwIfAborted();
      terminal.draw((width) => evaluationLine(done, test.count, width));
    };
    const probabilities = looked?.probabilities ?? (await predictAll(model, test, batchSize, onProgress));
    terminal.clear();
    const report = classificationReport(test.labels, probabilities, { classNames: test.classNames });
    const { tier, threads } = model.engine!;
    const mistakes = files
      ? report.mistakes.map((mistake) => ({ file: files[mistake.index]!, ...mistake }))
      : report.mistakes;
    const figures = looked ? { loss, tta: looked.evaluation, plain: evaluation } : evaluation;
    const record = { ...facts, tier, threads, ...report, mistakes, ...figures };
    await writeReport(this.#folder, { ...report, mistakes }, test, record);
    const text = `\n${reportText(report, Math.min(terminal.width, WIDTH))}\n\nReport: ${this.#folder.path}`;
    return { record, text };
  }

  /** Lets other processes have the folder, and signals end the process again. */
  async end(): Promise<void> {
    this.#interrupts.stopListening();
    await this.#folder.release();
  }
}
