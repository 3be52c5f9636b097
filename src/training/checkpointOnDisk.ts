import { readWhole } from '../files/readFile.ts';
import { writeFileAtomic } from '../files/writeFile.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpointFile.ts';
import type { Model } from './model.ts';

/**
 * Saves all that a training needs to go on; in the callback `onCheckpoint`, or between trainings.
 * @throws OptionError in the middle of a training; SimdnetError if the file cannot be written
 */
export async function saveCheckpoint(model: Model, path: string): Promise<void> {
  await writeFileAtomic(path, await encodeCheckpoint(model.checkpoint()));
}

/** For `fit({ resumeFrom })`. @throws DataError if the file cannot be read, FormatError if it is damaged */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  return decodeCheckpoint(await readWhole(path), path);
}
