/** A run as its folder tells of it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, FormatError } from '../../errors.ts';
import { readText } from '../../files/readFile.ts';
import { parseJson } from '../../formats/json.ts';
import { isObject } from '../../isObject.ts';
import { MAX_JSON_BYTES } from '../../limits.ts';
import { presentName } from '../../recipes/earlierNames.ts';
import type { RunRecord } from './runRecord.ts';

/** What of run.json can be relied upon. */
export type StoredRecord = Pick<
  RunRecord,
  'status' | 'commandLine' | 'options' | 'startTime' | 'resumed' | 'durationSeconds' | 'epochsCompleted'
> &
  Partial<Pick<RunRecord, 'engine' | 'from' | 'test' | 'tta' | 'versions'>> & {
    /** What it tells of a folder of pictures, unchecked. */
    readonly pictures?: Readonly<Record<string, unknown>>;
  };

const STATUSES: readonly string[] = ['running', 'completed', 'stopped', 'failed'];

/** Reads run.json. @throws DataError if there is none, FormatError if it is damaged */
export async function readRun(folder: string): Promise<StoredRecord> {
  const path = join(folder, 'run.json');
  if (!(await stat(path).catch(() => undefined))) {
    throw new DataError(`${folder} is no folder of a run: it has no run.json. "simdnet runs" lists them.`);
  }
  let json: unknown;
  try {
    json = parseJson(await readText(path, MAX_JSON_BYTES));
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new FormatError(`${path} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  const record = isObject(json) ? json : {};
  const { status, options, commandLine, startTime, resumed = [], engine, from, test, tta, versions } = record;
  const pictures = isObject(record.dataset) ? record.dataset.pictures : undefined;
  const texts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (
    !STATUSES.includes(status as string) ||
    !isObject(options) ||
    !texts(commandLine) ||
    !Array.isArray(resumed)
  )
    throw new FormatError(`${path} does not describe a run: its status, options or commandLine are missing.`);
  return {
    status: status as RunRecord['status'],
    options: presentOptions(record, options),
    commandLine,
    startTime: String(startTime),
    resumed: resumed as RunRecord['resumed'],
    durationSeconds: Number(record.durationSeconds) || 0,
    epochsCompleted: Number(record.epochsCompleted) || 0,
    ...(isObject(pictures) && { pictures }),
    ...(isObject(engine) && { engine: engine as unknown as NonNullable<RunRecord['engine']> }),
    ...(isObject(from) && { from: from as unknown as NonNullable<RunRecord['from']> }),
    ...(isObject(test) && { test: test as unknown as NonNullable<RunRecord['test']> }),
    ...(isObject(tta) && { tta: tta as unknown as NonNullable<RunRecord['tta']> }),
    ...(isObject(versions) && { versions: versions as unknown as RunRecord['versions'] }),
  };
}

/** Versions whose only optimizer for a recipe was gradient descent. */
const BEFORE_MUON = /^0\.[0-6]\./;

/** The options that a run.json has, with the recipe's name of today. */
export function presentOptions(
  { optimizer, versions }: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const version = isObject(versions) ? String(versions.simdnet) : '';
  // A run that was killed while it read its images does not tell yet.
  const known = optimizer ?? (BEFORE_MUON.test(version) ? { name: 'sgd' } : undefined);
  const recipe = presentName(options.recipe, known);
  return recipe === options.recipe ? options : { ...options, recipe };
}
