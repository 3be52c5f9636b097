/** Which model is meant, and what it is called. */
import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { DataError, OptionError } from '../../errors.ts';
import { fileSize } from '../../files/readFile.ts';

/**
 * The file of a model: the one that is named, or that of a run.
 * @param best  whether the model with the best validation is meant, and not the last one
 * @throws DataError if there is none
 */
export async function modelFile(path: string, best: boolean): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new DataError(`There is no run and no model ${path}.`);
  if (!found.isDirectory()) {
    if (best) throw new OptionError(`--best is for the folder of a run, and ${path} is a file.`);
    return path;
  }
  const file = join(path, best ? 'best.safetensors' : 'model.safetensors');
  if ((await fileSize(file)) !== undefined) return file;
  throw new DataError(
    best
      ? `There is no ${file}: a run has one if it was trained with --save-best.`
      : `There is no ${file}: a run has one when its training is over. "simdnet train --resume ${path}" goes on with it.`,
  );
}

/** Names that runs and models get by themselves, and that tell nothing. */
const NAMELESS = /^(model|best|model-best|\d{4}-\d{2}-\d{2}T.*|runs?|)$/i;

/** What a model is called, by its file or by the folder that it is in. */
export function titleOf(file: string): string {
  const path = resolve(file);
  const names = [basename(path, extname(path)), basename(dirname(path))];
  return names.find((name) => !NAMELESS.test(name)) ?? 'What is in this picture?';
}
