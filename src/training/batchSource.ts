/** Where the batches of an epoch come from: examples that are all there, or a generator (generatedBatches.ts). */
import type { Pixels } from '../nn/session.ts';
import { randomStream, shuffle } from '../random.ts';
import { batchOf, toldApart, type Examples, type LoadedBatch } from './examples.ts';

/** A batch on its way into the engine. */
export interface SourcedBatch extends LoadedBatch {
  readonly count: number;
  readonly pixels: Pixels;
}

/** The batches of one epoch. */
export interface EpochBatches {
  /** How many images there will be; NaN if that is not known. */
  readonly total: number;
  /** How many batches there will be, if that is known. */
  readonly steps: number | undefined;
  next(index: number): SourcedBatch | undefined | Promise<SourcedBatch | undefined>;
  /** No more are wanted. */
  close(): void | Promise<void>;
}

export interface BatchSource {
  epoch(epoch: number): EpochBatches;
}

export interface ExampleOrder {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /** How many epochs come before the one that is counted as 0: each is shuffled in its own way. */
  readonly epochsBefore: number;
  /** Batches in an epoch; all that there are by default. */
  readonly stepsPerEpoch: number | undefined;
  /** Whether a pass leaves out what does not fill its last batch. */
  readonly dropRemainder: boolean;
}

/**
 * Passes through the examples, each in an order of its own. An epoch is a pass; or, of so many steps as were asked for, begins
 * where the epoch before it ended.
 */
export function fromExamples(set: Examples, order: ExampleOrder): BatchSource {
  const { batchSize, seed, epochsBefore } = order;
  const stepsPerPass = (order.dropRemainder ? Math.floor : Math.ceil)(set.count / batchSize);
  const steps = order.stepsPerEpoch ?? stepsPerPass;
  const countOf = (step: number): number =>
    Math.min(batchSize, set.count - (step % stepsPerPass) * batchSize);
  const shuffled = (pass: number): Uint32Array => {
    const indices = Uint32Array.from({ length: set.count }, (_, i) => i);
    if (order.shuffle) shuffle(indices, randomStream(seed, `shuffling/${pass}`));
    return indices;
  };
  return {
    epoch: (epoch) => {
      const first = (epochsBefore + epoch) * steps;
      let pass = NaN;
      let indices: Uint32Array = new Uint32Array(0);
      return {
        total: Array.from({ length: steps }, (_, i) => countOf(first + i)).reduce((a, b) => a + b),
        steps,
        next: (batch) => {
          if (batch >= steps) return undefined;
          const step = first + batch;
          const wanted = Math.floor(step / stepsPerPass);
          if (wanted !== pass) indices = shuffled((pass = wanted));
          const [begin, count, now] = [(step % stepsPerPass) * batchSize, countOf(step), indices];
          const filled = toldApart(batchOf(set, begin, count, now), wanted, (i) => now[begin + i]!);
          return { count, pixels: set.pixels, ...filled };
        },
        close: () => undefined,
      };
    },
  };
}
