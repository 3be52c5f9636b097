/** The training loop. */
import { TrainingError } from '../errors.ts';
import { LOSS, type Objective } from '../nn/objective.ts';
import type { Session } from '../nn/session.ts';
import type { BatchSource } from './batchSource.ts';
import type { Callbacks } from './callbacks.ts';
import { copyExamples, type Examples } from './examples.ts';
import { HistoryRecorder, type EpochLogs, type History } from './history.ts';
import { pipeline } from './pipeline.ts';
import { RunningTotals, type BatchLogs } from './totals.ts';

export interface FitSettings {
  readonly objective: Objective;
  /** The epochs [initialEpoch, epochs). */
  readonly initialEpoch: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly callbacks: Required<Callbacks>;
  readonly signal: AbortSignal | undefined;
  /** Whether somebody wants no more steps. */
  readonly stopped: () => boolean;
  /** For messages. */
  readonly learningRate: () => number;
}

/**
 * Trains. An abort ends it after the steps that are under way.
 * @throws TrainingError if the loss, in training or in validation, is no longer finite
 */
export async function runTraining(
  session: Session,
  source: BatchSource,
  validation: Examples | undefined,
  settings: FitSettings,
): Promise<History> {
  const { callbacks, stopped } = settings;
  const recorder = new HistoryRecorder();
  const aborted = (): boolean => settings.signal?.aborted ?? false;
  await callbacks.onTrainBegin();
  for (let epoch = settings.initialEpoch; epoch < settings.epochs && !aborted() && !stopped(); epoch++) {
    await callbacks.onEpochBegin(epoch);
    const logs = await trainEpoch(session, source, epoch, settings);
    if (aborted()) break;
    const validated = validation && (await runEvaluation(session, validation, settings));
    if (aborted()) break;
    if (validated && !Number.isFinite(validated.loss)) {
      throw new TrainingError(
        `The validation loss became ${validated.loss} in epoch ${epoch + 1}. ${likelyCause(settings.learningRate())}`,
      );
    }
    const epochLogs = logsOfEpoch(logs, validated);
    recorder.add(epoch, epochLogs);
    await callbacks.onEpochEnd(epoch, epochLogs);
  }
  const history = recorder.snapshot(aborted());
  await callbacks.onTrainEnd(history);
  return history;
}

function logsOfEpoch(logs: BatchLogs, validated: BatchLogs | undefined): EpochLogs {
  const { seen: _, total: __, ...trained } = logs;
  const { seen: ___, total: ____, ...held } = validated ?? { seen: 0, total: 0 };
  const prefixed = Object.entries(held).map(([name, value]) => [`val_${name}`, value]);
  return { ...trained, ...Object.fromEntries(prefixed) } as EpochLogs;
}

async function trainEpoch(
  session: Session,
  source: BatchSource,
  epoch: number,
  settings: FitSettings,
): Promise<BatchLogs> {
  const { objective, callbacks, signal, stopped } = settings;
  const batches = source.epoch(epoch);
  const totals = new RunningTotals(objective, batches.total);
  const ended = (): boolean => (signal?.aborted ?? false) || stopped();
  try {
    await pipeline(
      async (index) => {
        if (ended()) return undefined;
        const batch = await batches.next(index);
        if (!batch) return undefined;
        await callbacks.onBatchBegin(index);
        if (ended()) return undefined;
        return { result: session.train(batch.count, batch.pixels, batch.fill) };
      },
      (results, index) => {
        const loss = results.sums[LOSS]!;
        if (!Number.isFinite(loss))
          throw divergence(loss, epoch, index, batches.steps, settings.learningRate());
        callbacks.onBatchEnd(index, totals.add(results));
      },
    );
  } finally {
    batches.close();
    // However it ends, the weights are then those of the last step. A failure of the engine fails both in the same way.
    await session.fetch();
  }
  return totals.logs();
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

/** What {@link runEvaluation} needs to know. */
export type EvaluationSettings = Pick<FitSettings, 'objective' | 'batchSize' | 'signal'> & {
  readonly callbacks: Pick<Callbacks, 'onValidationBatchBegin' | 'onValidationBatchEnd'>;
};

/** The mean loss and the metrics over a set. An abort ends it early, with what was seen until then. */
export async function runEvaluation(
  session: Session,
  set: Examples,
  { objective, batchSize, callbacks, signal }: EvaluationSettings,
): Promise<BatchLogs> {
  const totals = new RunningTotals(objective, set.count);
  const batches = Math.ceil(set.count / batchSize);
  await pipeline(
    async (batch) => {
      if (batch >= batches || signal?.aborted) return undefined;
      await callbacks.onValidationBatchBegin?.(batch);
      if (signal?.aborted) return undefined;
      const begin = batch * batchSize;
      const count = Math.min(batchSize, set.count - begin);
      const result = session.evaluate(count, set.pixels, (target) => {
        copyExamples(set, target, begin, count);
      });
      return { result };
    },
    (results, batch) => {
      // Not among the arguments: these are only evaluated if there is somebody to call.
      const logs = totals.add(results);
      callbacks.onValidationBatchEnd?.(batch, logs);
    },
  );
  return totals.logs();
}
