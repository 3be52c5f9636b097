/** Going on with a run, with the options that its run.json holds. */
import { resolve } from 'node:path';
import { DataError, OptionError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { camelCase, readOptions } from '../options.ts';
import { readRun, type StoredRecord } from './storedRun.ts';
import type { TrainValues } from './surroundings.ts';
import { trainOptions } from './trainOptions.ts';

/** What is gone on with. */
export interface EarlierRun {
  readonly record: StoredRecord;
  /** Where it goes on; at the beginning without one. */
  readonly checkpoint: Checkpoint | undefined;
}

export interface ResumedOptions {
  readonly values: TrainValues;
  readonly record: StoredRecord;
  /** Whether there is nothing more to train. */
  readonly complete: boolean;
}

/** What may be given anew, because it does not change the result. */
const FREE: readonly string[] = [
  'resume',
  'config',
  'threads',
  'data-dir',
  'pixel-memory',
  'checkpoint-every',
  'json',
  'no-color',
];

/** What of it stays as it was, if it is not given anew. */
const KEPT: readonly string[] = ['threads', 'data-dir', 'pixel-memory', 'checkpoint-every'];

/** What of it is up to the machine and the hour: it holds for one command, and the next goes on as the run began. */
const PASSING: readonly string[] = ['threads', 'pixel-memory'];

/** The options that run.json goes on to say as the run began, whatever was given to go on with it. */
export function beganWith({ options }: StoredRecord): Readonly<Record<string, unknown>> {
  const keys = PASSING.map(camelCase).filter((key) => key in options);
  return Object.fromEntries(keys.map((key) => [key, options[key]]));
}

/**
 * The options of a run that is to go on: those of its run.json, and of the command line what does not change the result.
 * @param values  those of the command line
 * @param given   the names of those that were given
 * @throws OptionError if one would change the result; DataError, FormatError if there is no such run
 */
export async function resumedOptions(
  folder: string,
  values: TrainValues,
  given: ReadonlySet<string>,
): Promise<ResumedOptions> {
  const record = await readRun(folder);
  const stored = repeatedOptions(record, folder);
  for (const name of given) {
    const key = camelCase(name) as keyof TrainValues;
    if (FREE.includes(name) || JSON.stringify(values[key]) === JSON.stringify(stored[key])) continue;
    if (samePath(values[key], stored[key])) continue;
    if (name === 'epochs' && values.epochs > stored.epochs && stored.recipe === undefined) continue;
    const was = stored[key] === undefined ? 'without it' : `with ${JSON.stringify(stored[key])}`;
    const remedy =
      name === 'epochs' && stored.recipe === undefined
        ? 'there can be more, not fewer.'
        : 'it goes on as it began: leave it out.';
    throw new OptionError(`--${name}: ${folder} was trained ${was}; ${remedy}`);
  }
  const anew = Object.fromEntries(
    [...FREE, 'epochs']
      .filter((name) => given.has(name))
      .map((name) => [camelCase(name), values[camelCase(name) as keyof TrainValues]]),
  );
  const merged = { ...stored, ...anew, resume: folder, out: folder };
  return { values: merged, record, complete: isComplete(record, folder, stored.epochs, merged.epochs) };
}

/**
 * The options that a run had, but for those that do not change the result, and the tier that it used.
 * @throws OptionError for one that is not known here or out of range
 */
export function repeatedOptions({ options, engine }: StoredRecord, folder: string): TrainValues {
  const names = new Map(Object.keys(trainOptions).map((name) => [camelCase(name), name]));
  const texts: Record<string, string | undefined> = {};
  for (const [key, value] of Object.entries(options)) {
    const name = names.get(key);
    if (name === undefined) {
      throw new OptionError(
        `${folder} was trained with the option ${key}, which this simdnet does not know: use a newer one.`,
      );
    }
    if (FREE.includes(name) && !KEPT.includes(name)) continue;
    texts[name] = value === null || value === false ? undefined : textOf(value);
  }
  const values = readOptions(trainOptions, texts);
  return { ...values, ...tierOf(engine?.tier, values) };
}

/**
 * Whether there is nothing more to train.
 * @throws DataError if it stopped early, so that more epochs are of no use
 */
function isComplete(record: StoredRecord, folder: string, before: number, now: number): boolean {
  if (record.status !== 'completed') return false;
  if (now > before && record.epochsCompleted < before) {
    throw new DataError(
      `${folder} stopped early, in epoch ${record.epochsCompleted}, and would again: start a new run without --early-stopping.`,
    );
  }
  return now <= before;
}

function samePath(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string' && resolve(a) === resolve(b);
}

/** The tier that was used: `auto` may be another one here. */
function tierOf(used: string | undefined, { tier, turbo }: TrainValues): Partial<TrainValues> {
  return tier === 'auto' && !turbo && (used === 'simd' || used === 'relaxed') ? { tier: used } : {};
}

/** As it would be typed. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { seconds, steps } = isObject(value) ? value : {};
  if (typeof seconds === 'number') return `${seconds}s`;
  return typeof steps === 'number' ? `${steps} steps` : JSON.stringify(value);
}
