/** What runs there are in a folder, and how they ended. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { folderHolder } from '../files/lock.ts';
import { table } from '../training/table.ts';
import type { RunRecord } from './train/runRecord.ts';
import { readRun } from './train/storedRun.ts';
import { duration } from './units.ts';

export interface ListedRun {
  readonly run: string;
  readonly status: RunRecord['status'] | 'killed' | 'damaged';
  /** These five are null if run.json is damaged. */
  readonly network: string | null;
  readonly epochsCompleted: number | null;
  readonly epochs: number | null;
  /** On the test images, over the views of its recipe if it has some; null if it was not tested. */
  readonly testAccuracy: number | null;
  readonly seconds: number | null;
  readonly startTime: string | null;
}

/** The runs in a folder, the first that was started first; or the one that it is. @throws DataError if there is no such folder */
export async function listRuns(folder: string): Promise<ListedRun[]> {
  const itself = await listed(folder);
  if (itself) return [itself];
  let names: string[];
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? `There is no folder ${folder}: "simdnet train" makes it, or name another`
        : `${folder} cannot be listed${code === 'ENOTDIR' ? ': it is a file' : ` (${code})`}. Name a folder`;
    throw new DataError(`${reason}.`, { cause });
  }
  const runs = await Promise.all(names.map((name) => listed(join(folder, name))));
  return runs
    .filter((run) => run !== undefined)
    .sort((a, b) => compare(a.startTime ?? '', b.startTime ?? '') || compare(a.run, b.run));
}

async function listed(run: string): Promise<ListedRun | undefined> {
  try {
    const { status, options, epochsCompleted, test, tta, durationSeconds, startTime } = await readRun(run);
    return {
      run,
      status: status === 'running' && !folderHolder(run) ? 'killed' : status,
      network: String(options.recipe ?? options.from ?? options.network),
      epochsCompleted,
      epochs: Number(options.epochs),
      testAccuracy: (tta ?? test)?.accuracy ?? null,
      seconds: durationSeconds,
      startTime,
    };
  } catch (error) {
    // What is no run at all is none of ours.
    if (error instanceof DataError) return undefined;
    return {
      ...{ run, status: 'damaged', network: null, epochsCompleted: null, epochs: null },
      ...{ testAccuracy: null, seconds: null, startTime: null },
    };
  }
}

export function runsTable(runs: readonly ListedRun[], folder: string, width: number): string {
  if (runs.length === 0) return `There are no runs in ${folder}.`;
  const columns = [
    { title: 'Run' },
    { title: 'Status', numeric: false },
    { title: 'Network' },
    { title: 'Epochs', numeric: true },
    { title: 'Test accuracy', numeric: true },
    { title: 'Time', numeric: true },
  ];
  const rows = runs.map(({ run, status, network, epochsCompleted, epochs, testAccuracy, seconds }) => [
    run,
    status,
    network ?? '',
    epochs === null ? '' : `${epochsCompleted}/${epochs}`,
    testAccuracy?.toFixed(3) ?? '',
    seconds === null ? '' : duration(seconds),
  ]);
  return table(columns, rows, width);
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en');
}
