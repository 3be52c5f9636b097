/** Files that people write to configure something. */
import { readText } from '../files/readFile.ts';
import { parseObject } from '../formats/objectFile.ts';
import { MAX_JSON_BYTES } from '../limits.ts';

/** The object in a JSON or YAML file. @throws DataError if it cannot be read, FormatError if it is none */
export async function readObject(path: string): Promise<Readonly<Record<string, unknown>>> {
  return parseObject(await readText(path, MAX_JSON_BYTES), path);
}
