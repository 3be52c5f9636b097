/** The training loop. */
import { OptionError } from '../errors.ts';
import { LOSS, type Objective } from '../nn/objective.ts';
import type { BatchResults, Session } from '../nn/session.ts';
import type { AverageName } from '../nn/update.ts';
import type { BatchSource, EpochBatches } from './batchSource.ts';
import type { CallbackHooks } from './callbacks.ts';
import { trainingDivergence, validationDivergence } from './divergence.ts';
import { runEvaluation } from './evaluation.ts';
import type { Examples } from './examples.ts';
import { HistoryRecorder, type EpochLogs, type History } from './history.ts';
import { pipeline, type Started } from './pipeline.ts';
import { beginning, type Position } from './position.ts';
import { RunningTotals, type Sums } from './totals.ts';

export interface FitSettings {
  readonly objective: Objective;
  /** Where to begin. */
  readonly start: Position;
  /** The epoch to stop before. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly callbacks: Required<CallbackHooks>;
  readonly signal: AbortSignal | undefined;
  /** Whether somebody wants no more steps. */
  readonly stopped: () => boolean;
  /** Whether the steps that are under way are to be waited for, so that there is a position to go on from. */
  readonly pauses: () => boolean;
  /** Is told each position that could be gone on from, and may take its time with it. */
  readonly onPosition: (position: Position) => void | Promise<void>;
  /** The optimizer's average that takes the weights' place in the end, and after how many steps there is one. */
  readonly averaged: { readonly variable: AverageName; readonly fromStep: number } | undefined;
  /** The session to go on in, at the beginning of an epoch: another one once other layers are trained. */
  readonly renewed: (session: Session) => Session | Promise<Session>;
  /** For messages. */
  readonly learningRate: () => number;
}

/**
 * Trains. An abort ends it after the steps that are under way; so does `stopped`, but then the epoch is brought to its end.
 * @throws TrainingError if the loss, in training or in validation, is no longer finite
 */
export async function runTraining(
  first: Session,
  source: BatchSource,
  validation: Examples | undefined,
  settings: FitSettings,
): Promise<History> {
  const { start, epochs, callbacks, stopped, onPosition } = settings;
  const recorder = new HistoryRecorder(start.history);
  const recorded = (): Position['history'] => recorder.snapshot(false);
  const aborted = (): boolean => settings.signal?.aborted ?? false;
  let [session, complete] = [first, true];
  const names = namesOfLogs(settings.objective, validation !== undefined);
  await callbacks.onTrainBegin(names);
  for (let epoch = start.epoch; epoch < epochs; epoch++) {
    if (aborted() || stopped()) complete = false;
    if (!complete) break;
    await callbacks.onEpochBegin(epoch);
    session = await settings.renewed(session);
    const begin = epoch === start.epoch ? start : beginning(epoch);
    const atBatch = (batch: number, totals: Sums): void | Promise<void> =>
      onPosition({ epoch, batch, totals, history: recorded() });
    const trained = await trainEpoch(session, source.epoch(epoch), begin, settings, atBatch);
    complete = trained.complete;
    if (aborted()) await atBatch(trained.batch, trained.totals.sums());
    if (aborted() || trained.totals.seen === 0) break;
    const validated = validation && (await runEvaluation(session, validation, settings));
    if (aborted()) {
      await atBatch(trained.batch, trained.totals.sums());
      break;
    }
    if (validated && !Number.isFinite(validated.loss))
      throw validationDivergence(validated.loss, epoch, settings.learningRate());
    const epochLogs = logsOfEpoch(trained.totals.means(), validated);
    recorder.add(epoch, epochLogs);
    await callbacks.onEpochEnd(epoch, epochLogs);
    await onPosition({ ...beginning(epoch + 1), history: recorded() });
  }
  // As in Keras, the averaged weights take the place of the last ones; but there are none before the first step.
  const { averaged } = settings;
  if (averaged && session.steps >= averaged.fromStep) session.takeAverages(averaged.variable);
  const history = recorder.snapshot(aborted() || !complete);
  await callbacks.onTrainEnd(history);
  return history;
}

/**
 * @param validated  whether there is a validation
 * @throws OptionError if what is gone on from was trained with other metrics
 */
export function mustHaveMetrics(
  { history, totals }: Position,
  objective: Objective,
  validated: boolean,
): void {
  const recorded = Object.keys(history.history);
  const names = namesOfLogs(objective, validated);
  const same = recorded.length === 0 || recorded.toSorted().join() === names.toSorted().join();
  if (same && (totals.seen === 0 || totals.sums.length === objective.results)) return;
  throw new OptionError(
    `resumeFrom: the checkpoint was trained with other metrics (${recorded.join(', ')}): compile with the same ones, and validate as before.`,
  );
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

interface TrainedEpoch {
  readonly totals: RunningTotals;
  /** How many batches there were. */
  readonly batch: number;
  /** Whether all steps were taken. */
  readonly complete: boolean;
}

/** @param onPause  is told how far it is whenever it is to pause */
async function trainEpoch(
  session: Session,
  batches: EpochBatches,
  begin: Position,
  settings: FitSettings,
  onPause: (batch: number, totals: Sums) => void | Promise<void>,
): Promise<TrainedEpoch> {
  const { epoch } = begin;
  const { objective, callbacks, signal, stopped, pauses, learningRate } = settings;
  const totals = new RunningTotals(objective, batches.total, begin.totals);
  const ended = (): boolean => (signal?.aborted ?? false) || stopped();
  let [batch, complete] = [begin.batch, false];
  const start = async (
    index: number,
    first: number,
  ): Promise<Started<BatchResults> | 'pause' | undefined> => {
    complete = index === batches.steps;
    if (complete || ended()) return undefined;
    if (index > first && pauses()) return 'pause';
    const next = await batches.next(index);
    complete = next === undefined;
    if (!next) return undefined;
    await callbacks.onBatchBegin(index);
    await next.load?.();
    return ended() ? undefined : { result: session.train(next.count, next.pixels, next.fill) };
  };
  /** @returns whether it is to pause */
  const trainOn = async (first: number): Promise<boolean> => {
    let last: Awaited<ReturnType<typeof start>>;
    await pipeline(
      async (index) => {
        last = await start(first + index, first);
        return last === 'pause' ? undefined : last;
      },
      (results, index) => {
        const loss = results.sums[LOSS]!;
        if (!Number.isFinite(loss))
          throw trainingDivergence(loss, epoch, first + index, batches.steps, learningRate());
        batch = first + index + 1;
        callbacks.onBatchEnd(first + index, totals.add(results));
      },
    );
    return last === 'pause';
  };
  try {
    // What has been trained on already is passed over.
    for (let index = 0; index < batch; index++) if (!(await batches.next(index))) break;
    while (await trainOn(batch)) {
      await session.fetch();
      await onPause(batch, totals.sums());
    }
  } finally {
    await batches.close();
    // However it ends, the weights are then those of the last step. A failure of the engine fails both in the same way.
    await session.fetch();
  }
  return { totals, batch, complete };
}
