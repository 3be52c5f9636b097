/** Repeating a run, to see whether the same comes out. */
import { join, resolve } from 'node:path';
import { DataError, OptionError, SimdnetError } from '../../errors.ts';
import { readWhole } from '../../files/readFile.ts';
import type { Context } from '../command.ts';
import { printJson } from '../json.ts';
import { mustHaveSamePictures } from '../pictures/listing.ts';
import { Terminal } from '../terminal.ts';
import { repeatedOptions } from './resume.ts';
import { readRun } from './storedRun.ts';
import { train } from './train.ts';

/** What must have the same bytes. */
const FILES = ['model.safetensors', 'history.csv'];

interface RerunValues {
  readonly threads: number | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
}

/** @throws DataError if the run was not completed, or its folder of pictures has others now; SimdnetError if other bytes come out */
export async function rerun(
  folder: string,
  { threads, out, json }: RerunValues,
  context: Context,
): Promise<void> {
  const record = await readRun(folder);
  if (record.status !== 'completed') {
    throw new DataError(
      `${folder} was not completed, so there is nothing to compare with: go on with it by "simdnet train --resume ${folder}".`,
    );
  }
  if (out !== undefined && resolve(out) === resolve(folder))
    throw new OptionError(`--out: ${folder} is what is compared with: name another folder.`);
  // TensorBoard would show both as one.
  const options = { ...repeatedOptions(record, folder), tensorboard: undefined };
  await mustHaveSamePictures(
    options.dataset,
    record.pictures?.listing,
    folder,
    'Other bytes would come out: make it as it was, to repeat the run.',
  );
  const again = await train({ ...options, threads: threads ?? options.threads, out, json }, context);
  const different: string[] = [];
  for (const name of FILES) {
    const [before, now] = await Promise.all([readWhole(join(folder, name)), readWhole(join(again, name))]);
    if (Buffer.compare(before, now) !== 0) different.push(name);
  }
  if (json) printJson({ event: 'compared', run: folder, again, same: different.length === 0, different });
  if (different.length > 0) {
    const extended =
      record.resumed.length > 0 && record.options.schedule !== 'constant'
        ? ' It was resumed: if it was given more epochs then, its schedule was another one before.'
        : '';
    const { simdnet, node } = record.versions ?? { simdnet: 'unknown', node: 'unknown' };
    throw new SimdnetError(
      `${different.join(' and ')} in ${again} and ${folder} differ. ${folder} is of simdnet ${simdnet} and Node ${node}, ` +
        `in tier ${record.engine?.tier ?? 'unknown'}.${extended}`,
    );
  }
  const terminal = new Terminal(json ? process.stderr : process.stdout);
  terminal.print(`The same bytes as in ${folder}: ${FILES.join(', ')}`);
}
