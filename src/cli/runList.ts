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
  readonly network: string;
  readonly epochsCompleted: number;
  readonly epochs: number;
  /** On the test images; null if it was not tested. */
  readonly testAccuracy: number | null;
  readonly seconds: number;
  readonly startTime: string;
}

/** The runs in a folder, the first that was started first. @throws DataError if there is no such folder */
export async function listRuns(folder: string): Promise<ListedRun[]> {
  let names: string[];
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    throw new DataError(`There is no folder ${folder}: "simdnet train" makes it, or name another.`, {
      cause,
    });
  }
  const runs = await Promise.all(names.map((name) => listed(join(folder, name))));
  return runs
    .filter((run) => run !== undefined)
    .sort((a, b) => a.startTime.localeCompare(b.startTime, 'en') || a.run.localeCompare(b.run, 'en'));
}

async function listed(run: string): Promise<ListedRun | undefined> {
  try {
    const { status, options, epochsCompleted, test, durationSeconds, startTime } = await readRun(run);
    return {
      run,
      status: status === 'running' && !folderHolder(run) ? 'killed' : status,
      network: String(options.network ?? options.from),
      epochsCompleted,
      epochs: Number(options.epochs),
      testAccuracy: test?.accuracy ?? null,
      seconds: durationSeconds,
      startTime,
    };
  } catch (error) {
    // What is no run at all is none of ours.
    if (error instanceof DataError) return undefined;
    return {
      ...{
        run,
        status: 'damaged',
        network: '',
        epochsCompleted: 0,
        epochs: 0,
        testAccuracy: null,
        seconds: 0,
      },
      startTime: '',
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
    network,
    status === 'damaged' ? '' : `${epochsCompleted}/${epochs}`,
    testAccuracy?.toFixed(3) ?? '',
    status === 'damaged' ? '' : duration(seconds),
  ]);
  return table(columns, rows, width);
}
