/** Objects from JSON and YAML, such as people write to configure something. */
import { parseDocument } from 'yaml';
import { FormatError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { MAX_YAML_LENGTH } from '../limits.ts';
import { parseJson } from './json.ts';

/**
 * An object from the text of a file, which is YAML if its name ends so, and else JSON.
 * @throws FormatError if it is neither, or no object
 */
export function parseObject(text: string, path: string): Readonly<Record<string, unknown>> {
  const isYaml = /\.ya?ml$/i.test(path);
  let value: unknown;
  try {
    value = isYaml ? parseYaml(text) : parseJson(text);
  } catch (cause) {
    const [reason] = (cause as Error).message.split(/:?\n/);
    throw new FormatError(`${path} is no ${isYaml ? 'YAML' : 'JSON'} to rely on: ${reason!}.`, {
      cause,
    });
  }
  if (isObject(value)) return value;
  throw new FormatError(`${path} must be an object: names with values, such as epochs: 15.`);
}

/** Repeated keys and tags that stand for other types are refused, and many aliases: each can hold the others many times over. */
function parseYaml(text: string): unknown {
  if (text.length > MAX_YAML_LENGTH)
    throw new RangeError(`it has ${text.length} characters, and at most ${MAX_YAML_LENGTH} are read`);
  const document = parseDocument(text, { schema: 'core' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw problem;
  return document.toJS({ maxAliasCount: 20 });
}
