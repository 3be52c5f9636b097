/** Batches that are made while training goes on. */
import { OptionError } from '../errors.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import type { BatchSource, EpochBatches, SourcedBatch } from './batchSource.ts';
import { batchOf, toldApart, type Examples, type ImageData } from './examples.ts';
import type { TargetData } from './targets.ts';
import type { WeightOptions } from './weights.ts';

/** A batch as a generator makes it. */
export interface GeneratedBatch extends Pick<WeightOptions, 'sampleWeight'> {
  readonly x: ImageData;
  readonly y: TargetData;
}

type Batches = AsyncIterable<GeneratedBatch> | Iterable<GeneratedBatch>;

/** Batches one after the other; or what makes them anew for every epoch, counted from 0. */
export type BatchGenerator = Batches | ((epoch: number) => Batches);

/** Whether what was given for x makes batches. */
export function isGenerator(x: unknown): x is BatchGenerator {
  if (typeof x === 'function') return true;
  if (typeof x !== 'object' || x === null || ArrayBuffer.isView(x) || Array.isArray(x)) return false;
  return Symbol.asyncIterator in x || Symbol.iterator in x;
}

/** What becomes of batches. */
export interface BatchChecks {
  /** Examples of what was made. @throws OptionError if something is wrong with it */
  read(batch: GeneratedBatch): Examples;
  /** The same as all others. @param name  for messages: "Batch 3 of the generator" @throws OptionError if they cannot be */
  conform(set: Examples, name: string): Examples;
}

/** Batches of a generator, of which one is looked at before training begins. */
export class GeneratedBatches implements BatchSource {
  readonly #generator: BatchGenerator;
  readonly #steps: number | undefined;
  readonly #checks: BatchChecks;
  #iterator: AsyncIterator<GeneratedBatch> | Iterator<GeneratedBatch> | undefined;
  #first: Examples | undefined;
  #made = 0;
  /** Images of the epoch so far. */
  #seen = 0;

  constructor(generator: BatchGenerator, stepsPerEpoch: number | undefined, checks: BatchChecks) {
    if (typeof generator !== 'function' && stepsPerEpoch === undefined) {
      throw new OptionError('A generator that is no function needs stepsPerEpoch.');
    }
    this.#generator = generator;
    this.#steps = stepsPerEpoch;
    this.#checks = checks;
  }

  /** The first batch of an epoch, which says what all are like. @throws OptionError if there is none */
  async first(epoch: number): Promise<Examples> {
    this.#first = await this.#take(epoch);
    if (!this.#first) throw new OptionError('The generator made no batch.');
    return this.#first;
  }

  epoch(epoch: number): EpochBatches {
    return {
      total: NaN,
      steps: typeof this.#generator === 'function' ? undefined : this.#steps,
      next: (index) => this.#next(epoch, index),
      close: () => this.#close(),
    };
  }

  async #next(epoch: number, index: number): Promise<SourcedBatch | undefined> {
    if (index >= (this.#steps ?? Infinity)) return undefined;
    const made = this.#first ?? (await this.#take(epoch));
    this.#first = undefined;
    if (!made) {
      this.#mustNotEnd(epoch, index);
      return undefined;
    }
    const batch = this.#checks.conform(made, this.#name());
    const { count, pixels } = batch;
    const before = index === 0 ? 0 : this.#seen;
    this.#seen = before + count;
    return { count, pixels, ...toldApart(batchOf(batch, 0, count), epoch, (i) => before + i) };
  }

  /** An epoch has its steps if their number is known, and at least one if not. */
  #mustNotEnd(epoch: number, index: number): void {
    if (typeof this.#generator !== 'function') {
      throw new OptionError(
        `The generator ended in epoch ${epoch + 1} after ${index} of ${this.#steps!} batches: it must go on, ` +
          'or be a function.',
      );
    }
    if (index === 0) throw new OptionError(`The generator of epoch ${epoch + 1} made no batch.`);
  }

  async #take(epoch: number): Promise<Examples | undefined> {
    this.#iterator ??= iteratorOf(this.#generator, epoch);
    const result = await this.#iterator.next();
    if (result.done) return undefined;
    this.#made++;
    const { value } = result;
    try {
      if (typeof value !== 'object' || (value as unknown) === null)
        throw new OptionError('it must be { x, y }.');
      refuseUnknown('It', value, ['x', 'y', 'sampleWeight']);
      return this.#checks.read(value);
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      throw new OptionError(`${this.#name()}: ${error.message}`, { cause: error });
    }
  }

  #name(): string {
    return `Batch ${this.#made} of the generator`;
  }

  /** The next epoch begins with a generator of its own; one that was given goes on, even in another training. */
  async #close(): Promise<void> {
    if (typeof this.#generator !== 'function') return;
    const iterator = this.#iterator;
    this.#iterator = undefined;
    await iterator?.return?.();
  }
}

function iteratorOf(
  generator: BatchGenerator,
  epoch: number,
): AsyncIterator<GeneratedBatch> | Iterator<GeneratedBatch> {
  const made = Object(typeof generator === 'function' ? generator(epoch) : generator) as Batches;
  if (Symbol.asyncIterator in made) return made[Symbol.asyncIterator]();
  if (Symbol.iterator in made) return made[Symbol.iterator]();
  throw new OptionError(
    'The function that was given for x must return what batches can be had of, one by one.',
  );
}
