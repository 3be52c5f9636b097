/** What a checkpoint holds besides tensors, as JSON. */
import { FITS, type Fit } from '../data/fitPicture.ts';
import { FormatError } from '../errors.ts';
import { parseJson } from '../formats/json.ts';
import { isObject } from '../isObject.ts';
import type { Options } from '../nn/named.ts';
import type { CallbackState } from './callbacks.ts';
import type { BatchOrder, Checkpoint } from './checkpoint.ts';
import type { CompiledOptions } from './objectives.ts';

export type CheckpointRecord = Omit<Checkpoint, 'weights' | 'optimizer' | 'callbacks'> & {
  readonly callbacks: Readonly<Record<string, CallbackState['values']>>;
};

/** Of the format: rises when what is there means something else. */
const VERSION = 1;

/** JSON has no words for these. */
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
  '-0': -0,
};

export function recordJson(record: CheckpointRecord): string {
  // No option is NaN or infinite, and −0 is as good as 0: they are as anywhere else.
  const compiled = JSON.parse(JSON.stringify(record.compiled)) as CheckpointRecord['compiled'];
  return JSON.stringify({ version: VERSION, ...record, compiled }, (_key, value: unknown) => {
    if (typeof value !== 'number') return value;
    return Object.keys(SPECIAL).find((word) => Object.is(SPECIAL[word], value)) ?? value;
  });
}

/**
 * @param where  what it is from, for messages
 * @throws FormatError if it is not JSON, or not what `recordJson` writes
 */
export function parseCheckpointRecord(json: string, where: string): CheckpointRecord {
  const broken = (what: string): FormatError => new FormatError(`${where}: ${what}.`);
  let record: unknown;
  try {
    record = parseJson(json);
  } catch (cause) {
    throw new FormatError(`${where} is no JSON to rely on: ${(cause as Error).message}.`, { cause });
  }
  if (!isObject(record)) throw broken('it is no object');
  const { version, network, seed, tier, steps, learningRate, training, callbacks } = record;
  // Checkpoints of before they were there have none of these.
  const { classNames = null, imageFit = null, compiled = null } = record;
  if (version !== VERSION)
    throw broken(
      `it is version ${JSON.stringify(version)} of the format, and this simdnet reads version ${VERSION}`,
    );
  if (!isObject(network)) throw broken('network is no object');
  if (!Number.isSafeInteger(seed)) throw broken('seed is no whole number');
  if (classNames !== null && !isNames(classNames)) throw broken('classNames is no list of names');
  if (imageFit !== null && !isFit(imageFit)) throw broken(`imageFit is none of ${FITS.join(', ')}`);
  if (compiled !== null && !isCompiled(compiled))
    throw broken('compiled has no optimizer, no loss or no metrics');
  if (!isCount(steps)) throw broken('steps is no whole number of at least 0');
  if (!isObject(callbacks) || !Object.values(callbacks).every(isObject))
    throw broken('callbacks has no states');
  return {
    network,
    seed: seed as number,
    classNames,
    imageFit,
    steps,
    tier: typeof tier === 'string' ? tier : null,
    learningRate: typeof learningRate === 'number' ? learningRate : null,
    compiled,
    training: training === null ? null : trainingOf(training, broken),
    callbacks: callbacks as CheckpointRecord['callbacks'],
  };
}

function trainingOf(given: unknown, broken: (what: string) => FormatError): CheckpointRecord['training'] {
  const {
    position,
    epochsBefore,
    order,
    optimizer,
    loss,
    augment = '[]',
    data,
  } = isObject(given) ? given : {};
  const { epoch, batch, totals, history } = isObject(position) ? position : {};
  const { sums, seen } = isObject(totals) ? totals : {};
  const recorded = isObject(history) ? history : {};
  if (!isCount(epochsBefore) || !isObject(order)) throw broken('training has no epochsBefore or no order');
  if (!isCount(epoch) || !isCount(batch) || !isCount(seen)) throw broken('training has no position');
  if (typeof optimizer !== 'string' || typeof loss !== 'string')
    throw broken('training has no optimizer or no loss');
  if (data !== null && !isObject(data)) throw broken('training has no data');
  const { epoch: epochs, history: series } = recorded;
  if (!Array.isArray(epochs) || !epochs.every(isCount) || !isObject(series))
    throw broken('training has no history');
  // Checkpoints of before there was a choice have no word on the remainder.
  const {
    batchSize,
    shuffle,
    stepsPerEpoch,
    dropRemainder = false,
    validationSplit,
  } = order as unknown as Omit<BatchOrder, 'dropRemainder'> & Partial<BatchOrder>;
  return {
    epochsBefore,
    order: { batchSize, shuffle, stepsPerEpoch, dropRemainder, validationSplit },
    optimizer,
    loss,
    augment: String(augment),
    data: data as NonNullable<CheckpointRecord['training']>['data'],
    position: {
      epoch,
      batch,
      totals: { sums: numbers(sums, 'totals', broken), seen },
      history: { epoch: epochs, history: seriesOf(series, epochs.length, broken) },
    },
  };
}

function seriesOf(
  series: Options,
  count: number,
  broken: (what: string) => FormatError,
): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(series).map(([metric, values]) => {
      const read = numbers(values, metric, broken);
      if (read.length !== count) throw broken(`${metric} has ${read.length} values for ${count} epochs`);
      return [metric, read];
    }),
  );
}

function numbers(given: unknown, what: string, broken: (what: string) => FormatError): number[] {
  if (!Array.isArray(given)) throw broken(`${what} is no list of numbers`);
  return given.map((value: unknown) => {
    const number = typeof value === 'string' ? SPECIAL[value] : value;
    if (typeof number !== 'number') throw broken(`${what} is no list of numbers`);
    return number;
  });
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isFit(value: unknown): value is Fit {
  return FITS.includes(value as Fit);
}

/** Whether it looks like it: what is in it is checked when a model is compiled with it. */
function isCompiled(value: unknown): value is CompiledOptions {
  const { optimizer, loss, metrics } = isObject(value) ? value : {};
  return [optimizer, loss].every(isObject) && Array.isArray(metrics) && metrics.every(isObject);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
