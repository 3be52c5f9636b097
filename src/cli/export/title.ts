import { basename, dirname, extname, resolve } from 'node:path';

/** Names that runs and models get by themselves, and that tell nothing. */
const NAMELESS = /^(model|best|model-best|\d{4}-\d{2}-\d{2}T.*|runs?|)$/i;

/** What a model is called, by its file or by the folder that it is in. */
export function titleOf(file: string): string {
  const path = resolve(file);
  const names = [basename(path, extname(path)), basename(dirname(path))];
  return names.find((name) => !NAMELESS.test(name)) ?? 'What is in this picture?';
}
