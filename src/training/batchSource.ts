/** Where the batches of an epoch come from: examples that are all there, or a generator that makes them. */
import { OptionError } from '../errors.ts';
import type { FillBatch, Pixels } from '../nn/session.ts';
import { randomStream, shuffle } from '../random.ts';
import { copyExamples, type Examples, type ImageData, type WeightOptions } from './examples.ts';
import type { TargetData } from './targets.ts';

/** A batch on its way into the engine. */
export interface SourcedBatch {
  readonly count: number;
  readonly pixels: Pixels;
  readonly fill: FillBatch<Pixels>;
}

/** The batches of one epoch. */
export interface EpochBatches {
  /** How many images there will be; NaN if that is not known. */
  readonly total: number;
  /** How many batches there will be, if that is known. */
  readonly steps: number | undefined;
  next(index: number): SourcedBatch | undefined | Promise<SourcedBatch | undefined>;
  /** No more are wanted. */
  close(): void;
}

export interface BatchSource {
  epoch(epoch: number): EpochBatches;
}

export interface ExampleOrder {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /** How many epochs the model has been trained for before: the next one is shuffled in its own way. */
  readonly epochsBefore: number;
  /** Batches in an epoch; all that there are by default. */
  readonly stepsPerEpoch: number | undefined;
}

/** Examples in an order of their own in every epoch. */
export function fromExamples(set: Examples, order: ExampleOrder): BatchSource {
  const { batchSize, seed, epochsBefore } = order;
  const steps = Math.min(order.stepsPerEpoch ?? Infinity, Math.ceil(set.count / batchSize));
  const countOf = (batch: number): number => Math.min(batchSize, set.count - batch * batchSize);
  return {
    epoch: (epoch) => {
      const indices = Uint32Array.from({ length: set.count }, (_, i) => i);
      if (order.shuffle) shuffle(indices, randomStream(seed, `shuffling/${epochsBefore + epoch}`));
      return {
        total: (steps - 1) * batchSize + countOf(steps - 1),
        steps,
        next: (batch) => {
          if (batch >= steps) return undefined;
          const count = countOf(batch);
          const fill: FillBatch<Pixels> = (target) => {
            copyExamples(set, target, batch * batchSize, count, indices);
          };
          return { count, pixels: set.pixels, fill };
        },
        close: () => undefined,
      };
    },
  };
}

/** A batch as a generator makes it. */
export interface GeneratedBatch extends Pick<WeightOptions, 'sampleWeight'> {
  readonly x: ImageData;
  readonly y: TargetData;
}

/** Batches one after the other; or what makes them anew for every epoch. */
export type BatchGenerator =
  | AsyncIterable<GeneratedBatch>
  | Iterable<GeneratedBatch>
  | (() => AsyncIterable<GeneratedBatch> | Iterable<GeneratedBatch>);

/** Whether what was given for x makes batches. */
export function isGenerator(x: unknown): x is BatchGenerator {
  if (typeof x === 'function') return true;
  if (typeof x !== 'object' || x === null || ArrayBuffer.isView(x) || Array.isArray(x)) return false;
  return Symbol.asyncIterator in x || Symbol.iterator in x;
}

/** Batches of a generator, of which one is looked at before training begins. */
export class GeneratedBatches implements BatchSource {
  readonly #generator: BatchGenerator;
  readonly #steps: number | undefined;
  readonly #check: (batch: GeneratedBatch) => Examples;
  #iterator: AsyncIterator<GeneratedBatch> | Iterator<GeneratedBatch> | undefined;
  #first: Examples | undefined;

  /** @param check  makes examples of a batch, or says what is wrong with it */
  constructor(
    generator: BatchGenerator,
    stepsPerEpoch: number | undefined,
    check: (batch: GeneratedBatch) => Examples,
  ) {
    if (typeof generator !== 'function' && stepsPerEpoch === undefined) {
      throw new OptionError(
        'A generator that goes on from epoch to epoch needs stepsPerEpoch; a function that makes one for each epoch does not.',
      );
    }
    this.#generator = generator;
    this.#steps = stepsPerEpoch;
    this.#check = check;
  }

  /** The first batch, which says how large batches are. @throws OptionError if there is none */
  async first(): Promise<Examples> {
    const first = await this.#take();
    if (!first) throw new OptionError('The generator made no batch.');
    this.#first = first;
    return first;
  }

  epoch(): EpochBatches {
    return {
      total: NaN,
      steps: this.#steps,
      next: async (index) => {
        if (index >= (this.#steps ?? Infinity)) return undefined;
        const batch = this.#first ?? (await this.#take());
        this.#first = undefined;
        if (!batch) return undefined;
        const { count, pixels } = batch;
        return {
          count,
          pixels,
          fill: (target) => {
            copyExamples(batch, target, 0, count);
          },
        };
      },
      close: () => {
        // The next epoch begins with a generator of its own.
        if (typeof this.#generator === 'function') this.#iterator = undefined;
      },
    };
  }

  async #take(): Promise<Examples | undefined> {
    this.#iterator ??= iteratorOf(this.#generator);
    const { done, value } = await this.#iterator.next();
    return done ? undefined : this.#check(value);
  }
}

function iteratorOf(generator: BatchGenerator): AsyncIterator<GeneratedBatch> | Iterator<GeneratedBatch> {
  const made = typeof generator === 'function' ? generator() : generator;
  return Symbol.asyncIterator in made ? made[Symbol.asyncIterator]() : made[Symbol.iterator]();
}
