/** The training loop. */
import { TrainingError } from '../errors.ts';
import { LOSS, type Objective } from '../nn/objective.ts';
import type { Session } from '../nn/session.ts';
import type { BatchSource } from './batchSource.ts';
import type { CallbackHooks } from './callbacks.ts';
import { runEvaluation } from './evaluation.ts';
import type { Examples } from './examples.ts';
import { HistoryRecorder, type EpochLogs, type History } from './history.ts';
import { pipeline } from './pipeline.ts';
import { RunningTotals } from './totals.ts';

export interface FitSettings {
  readonly objective: Objective;
  /** The epochs [initialEpoch, epochs). */
  readonly initialEpoch: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly callbacks: Required<CallbackHooks>;
  readonly signal: AbortSignal | undefined;
  /** Whether somebody wants no more steps. */
  readonly stopped: () => boolean;
  /** Whether the optimizer's averages take the weights' place in the end. */
  readonly useEma: boolean;
  /** For messages. */
  readonly learningRate: () => number;
}

/**
 * Trains. An abort ends it after the steps that are under way; so does `stopped`, but then the epoch is brought to its end.
 * @throws TrainingError if the loss, in training or in validation, is no longer finite
 */
export async function runTraining(
  session: Session,
  source: BatchSource,
  validation: Examples | undefined,
  settings: FitSettings,
): Promise<History> {
  const { initialEpoch, epochs, callbacks, stopped } = settings;
  const recorder = new HistoryRecorder();
  const aborted = (): boolean => settings.signal?.aborted ?? false;
  let complete = true;
  await callbacks.onTrainBegin(namesOfLogs(settings.objective, validation !== undefined));
  for (let epoch = initialEpoch; epoch < epochs; epoch++) {
    if (aborted() || stopped()) complete = false;
    if (!complete) break;
    await callbacks.onEpochBegin(epoch);
    const trained = await trainEpoch(session, source, epoch, settings);
    complete = trained.complete;
    if (aborted() || trained.totals.seen === 0) break;
    const validated = validation && (await runEvaluation(session, validation, settings));
    if (aborted()) break;
    if (validated && !Number.isFinite(validated.loss)) {
      throw new TrainingError(
        `The validation loss became ${validated.loss} in epoch ${epoch + 1}. ${likelyCause(settings.learningRate())}`,
      );
    }
    const epochLogs = logsOfEpoch(trained.totals.means(), validated);
    recorder.add(epoch, epochLogs);
    await callbacks.onEpochEnd(epoch, epochLogs);
  }
  // As in Keras, the averaged weights take the place of the last ones; but there are none before the first step.
  if (settings.useEma && session.steps > 0) session.takeAverages();
  const history = recorder.snapshot(aborted() || !complete);
  await callbacks.onTrainEnd(history);
  return history;
}

/** What the logs of an epoch will hold. */
function namesOfLogs(objective: Objective, validated: boolean): string[] {
  const nothing = objective.logs({ sums: new Float64Array(objective.results), count: 0 });
  return Object.keys(logsOfEpoch(nothing, validated ? nothing : undefined));
}

function logsOfEpoch(trained: EpochLogs, validated: EpochLogs | undefined): EpochLogs {
  const prefixed = Object.entries(validated ?? {}).map(([name, value]) => [`val_${name}`, value]);
  return { ...trained, ...Object.fromEntries(prefixed) } as EpochLogs;
}

/** @returns complete  whether all steps were taken */
async function trainEpoch(
  session: Session,
  source: BatchSource,
  epoch: number,
  settings: FitSettings,
): Promise<{ readonly totals: RunningTotals; readonly complete: boolean }> {
  const { objective, callbacks, signal, stopped } = settings;
  const batches = source.epoch(epoch);
  const totals = new RunningTotals(objective, batches.total);
  const ended = (): boolean => (signal?.aborted ?? false) || stopped();
  let complete = false;
  try {
    await pipeline(
      async (index) => {
        complete = index === batches.steps;
        if (ended()) return undefined;
        const batch = await batches.next(index);
        complete = batch === undefined;
        if (!batch) return undefined;
        await callbacks.onBatchBegin(index);
        if (ended()) return undefined;
        return { result: session.train(batch.count, batch.pixels, batch.fill) };
      },
      (results, index) => {
        const loss = results.sums[LOSS]!;
        if (!Number.isFinite(loss))
          throw divergence(loss, epoch, index, batches.steps, settings.learningRate());
        const logs = totals.add(results);
        callbacks.onBatchEnd(index, logs);
      },
    );
  } finally {
    await batches.close();
    // However it ends, the weights are then those of the last step. A failure of the engine fails both in the same way.
    await session.fetch();
  }
  return { totals, complete };
}

function divergence(
  loss: number,
  epoch: number,
  batch: number,
  batches: number | undefined,
  learningRate: number,
): TrainingError {
  const of = batches === undefined ? '' : ` of ${batches}`;
  const step = batches === undefined ? '' : `step ${epoch * batches + batch + 1} (`;
  const where = `${step}epoch ${epoch + 1}, step ${batch + 1}${of}${step && ')'}`;
  // The first step's loss is that of the initial weights: the learning rate has had no part in it yet.
  const cause = epoch === 0 && batch === 0 ? BAD_INPUT : likelyCause(learningRate);
  return new TrainingError(`The loss became ${loss} at ${where}. ${cause}`);
}

const BAD_INPUT =
  'Look for values that are too large or no numbers in the images and in the initial weights.';

function likelyCause(learningRate: number): string {
  return (
    `The likely cause is a learning rate that is too high: it is ${learningRate}, ` +
    `try ${Number((learningRate / 10).toPrecision(3))}. Otherwise: ${BAD_INPUT}`
  );
}
