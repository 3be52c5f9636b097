import { TrainingError } from '../errors.ts';
import type { BatchMetrics, Session } from '../nn/session.ts';
import { randomStream, shuffle } from '../random.ts';
import { copyImages, copyLabels, type Examples, type Images } from './examples.ts';
import { HistoryRecorder, type EpochLogs, type History } from './history.ts';
import { pipeline } from './pipeline.ts';

/** Running averages over the batches of an epoch so far. */
export interface BatchLogs {
  /** How many images have been seen in this epoch, of how many. */
  readonly seen: number;
  readonly total: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** What to call as training goes on. Those that may return a promise are waited for. */
export interface Callbacks {
  onTrainBegin?: () => void | Promise<void>;
  onEpochBegin?: (epoch: number) => void | Promise<void>;
  /** Before each step is asked for, which is some steps ahead. A promise holds the training until it is fulfilled. */
  onBatchBegin?: (batch: number) => void | Promise<void>;
  /** After each step; must be quick. */
  onBatchEnd?: (batch: number, logs: BatchLogs) => void;
  /** Before each batch of the validation set is asked for; as `onBatchBegin`. */
  onValidationBatchBegin?: (batch: number) => void | Promise<void>;
  /** After each batch of the validation set; must be quick. */
  onValidationBatchEnd?: (batch: number, logs: BatchLogs) => void;
  onEpochEnd?: (epoch: number, logs: EpochLogs) => void | Promise<void>;
  onTrainEnd?: (history: History) => void | Promise<void>;
}

export interface FitSettings {
  readonly epochs: number;
  /** How many epochs the model has been trained for before: the next one is shuffled in its own way. */
  readonly epochsBefore: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly learningRate: number;
  readonly withAccuracy: boolean;
  readonly callbacks: Callbacks;
  readonly signal: AbortSignal | undefined;
}

/**
 * The training loop. An abort ends it after the steps that are under way.
 * @throws TrainingError if the loss, in training or in validation, is no longer finite
 */
export async function runTraining(
  session: Session,
  train: Examples,
  validation: Examples | undefined,
  settings: FitSettings,
): Promise<History> {
  const { callbacks, signal } = settings;
  const recorder = new HistoryRecorder();
  await callbacks.onTrainBegin?.();
  for (let epoch = 0; epoch < settings.epochs && !signal?.aborted; epoch++) {
    await callbacks.onEpochBegin?.(epoch);
    const order = Uint32Array.from({ length: train.count }, (_, i) => i);
    if (settings.shuffle) {
      shuffle(order, randomStream(settings.seed, `shuffling/${settings.epochsBefore + epoch}`));
    }
    const logs = await trainEpoch(session, train, order, epoch, settings);
    if (signal?.aborted) break;
    const validated = validation && (await runEvaluation(session, validation, settings));
    if (signal?.aborted) break;
    if (validated && !Number.isFinite(validated.loss)) {
      throw new TrainingError(
        `The validation loss became ${validated.loss} in epoch ${epoch + 1}. ${likelyCause(settings.learningRate)}`,
      );
    }
    const epochLogs: EpochLogs = {
      loss: logs.loss,
      ...(settings.withAccuracy && { accuracy: logs.accuracy }),
      ...(validated && { val_loss: validated.loss }),
      ...(validated && settings.withAccuracy && { val_accuracy: validated.accuracy }),
    };
    recorder.add(epoch, epochLogs);
    await callbacks.onEpochEnd?.(epoch, epochLogs);
  }
  const history = recorder.snapshot(signal?.aborted ?? false);
  await callbacks.onTrainEnd?.(history);
  return history;
}

async function trainEpoch(
  session: Session,
  train: Examples,
  order: Uint32Array,
  epoch: number,
  { batchSize, callbacks, signal, learningRate }: FitSettings,
): Promise<BatchLogs> {
  const average = new RunningAverage(train.count);
  const batches = Math.ceil(train.count / batchSize);
  try {
    await pipeline(
      batches,
      (batch) => {
        const begin = batch * batchSize;
        const count = Math.min(batchSize, train.count - begin);
        return session.train(count, train.pixels, (images, labels) => {
          copyImages(train, images, begin, count, order);
          copyLabels(train, labels, begin, count, order);
        });
      },
      (metrics, batch) => {
        if (!Number.isFinite(metrics.loss))
          throw divergence(metrics.loss, epoch, batch, batches, learningRate);
        const logs = average.add(metrics);
        callbacks.onBatchEnd?.(batch, logs);
      },
      async (batch) => {
        if (!signal?.aborted) await callbacks.onBatchBegin?.(batch);
        return !signal?.aborted;
      },
    );
  } finally {
    // However it ends, the weights are then those of the last step. A failure of the engine fails both in the same way.
    await session.fetch();
  }
  return average.logs();
}

function divergence(
  loss: number,
  epoch: number,
  batch: number,
  batches: number,
  learningRate: number,
): TrainingError {
  const where = `step ${epoch * batches + batch + 1} (epoch ${epoch + 1}, step ${batch + 1} of ${batches})`;
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

/** The mean loss and the accuracy over a set. An abort ends it early, with what was seen until then. */
export async function runEvaluation(
  session: Session,
  set: Examples,
  { batchSize, callbacks, signal }: Pick<FitSettings, 'batchSize' | 'callbacks' | 'signal'>,
): Promise<BatchLogs> {
  const average = new RunningAverage(set.count);
  await pipeline(
    Math.ceil(set.count / batchSize),
    (batch) => {
      const begin = batch * batchSize;
      const count = Math.min(batchSize, set.count - begin);
      return session.evaluate(count, set.pixels, (images, labels) => {
        copyImages(set, images, begin, count);
        copyLabels(set, labels, begin, count);
      });
    },
    (metrics, batch) => {
      const logs = average.add(metrics);
      callbacks.onValidationBatchEnd?.(batch, logs);
    },
    async (batch) => {
      if (!signal?.aborted) await callbacks.onValidationBatchBegin?.(batch);
      return !signal?.aborted;
    },
  );
  return average.logs();
}

/** Predicts batch by batch. @param data  receives [count, outputs] */
export async function predictInto(
  session: Session,
  given: Images,
  step: number,
  data: Float32Array,
): Promise<void> {
  const outputs = data.length / given.count;
  for (let begin = 0; begin < given.count; begin += step) {
    const count = Math.min(step, given.count - begin);
    const output = await session.predict(count, given.pixels, (batch) => {
      copyImages(given, batch, begin, count);
    });
    data.set(output, begin * outputs);
  }
}

class RunningAverage {
  readonly #total: number;
  #seen = 0;
  #loss = 0;
  #correct = 0;

  constructor(total: number) {
    this.#total = total;
  }

  add({ loss, correct, count }: BatchMetrics): BatchLogs {
    this.#loss += loss;
    this.#correct += correct;
    this.#seen += count;
    return this.logs();
  }

  logs(): BatchLogs {
    return {
      seen: this.#seen,
      total: this.#total,
      loss: this.#loss / this.#seen,
      accuracy: this.#correct / this.#seen,
    };
  }
}
