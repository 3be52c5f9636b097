/** Objects from JSON and YAML, such as people write to configure something. */
import { parse } from 'yaml';
import { FormatError } from '../errors.ts';
import { isObject } from '../nn/named.ts';
import { parseJson } from './json.ts';

/**
 * An object from the text of a file, which is YAML if its name ends so, and else JSON.
 * @throws FormatError if it is neither, or no object
 */
export function parseObject(text: string, path: string): Readonly<Record<string, unknown>> {
  const isYaml = /\.ya?ml$/i.test(path);
  let value: unknown;
  try {
    // Repeated keys are refused by both; few aliases, since each can hold the others many times over.
    value = isYaml ? parse(text, { schema: 'core', maxAliasCount: 20 }) : parseJson(text);
  } catch (cause) {
    const [reason] = (cause as Error).message.split(/:?\n/);
    throw new FormatError(`${path} is no ${isYaml ? 'YAML' : 'JSON'} to rely on: ${reason!}.`, { cause });
  }
  if (isObject(value)) return value;
  throw new FormatError(`${path} must be an object: names with values, such as epochs: 15.`);
}
