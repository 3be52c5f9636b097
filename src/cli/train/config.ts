/** Options of `train` from a file: JSON or YAML, or the run.json of an earlier run. */
import { OptionError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { nearest } from '../../suggest.ts';
import type { Texts } from '../command.ts';
import { readObject } from '../objectFile.ts';
import { camelCase, type Option } from '../options.ts';
import { INSTEAD_OF_RECIPE } from './recipeOptions.ts';
import { presentOptions } from './storedRun.ts';
import { trainOptions } from './trainOptions.ts';

/** What a run.json has for that run alone: with it, another one would take its place. */
const OF_ONE_RUN: readonly string[] = ['out', 'resume', 'config', 'json'];

/** What does not go with a model to go on from. */
export const REFUSED_WITH_FROM: readonly string[] = ['dropout', 'init', 'normalize'];

/** What it takes the place of, unless both are said in one place: a network can be that of its weights. */
const INSTEAD_OF_FROM: readonly string[] = ['network', ...REFUSED_WITH_FROM];

/** Options, and those that do not go with any of them. */
const EXCLUSIONS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['from'], INSTEAD_OF_FROM],
  [INSTEAD_OF_FROM, ['from']],
  [['normalize'], ['no-normalize']],
  [['no-normalize'], ['normalize']],
  [['recipe'], INSTEAD_OF_RECIPE],
  [['turbo'], ['tier']],
  [['tier'], ['turbo']],
];

/**
 * The options that were typed, and behind them those of the file that --config names.
 * @param folder  whether a folder of pictures was typed: it is then the dataset
 * @throws OptionError for what is no option, or not what it may be; DataError, FormatError for a file that cannot be read
 */
export async function withConfig(typed: Texts, folder = false): Promise<Texts> {
  const { config: path } = typed;
  if (path === undefined) return typed;
  const texts = optionTexts(await readObject(path), path);
  const given = Object.entries(typed).filter(([, text]) => text !== undefined);
  const names = given.map(([name]) => name);
  // What was typed wins over what it excludes, too.
  const beaten = EXCLUSIONS.flatMap(([some, others]) =>
    some.some((name) => names.includes(name)) ? others : [],
  );
  if (folder) beaten.push('dataset', 'data-dir');
  const kept = Object.entries(texts).filter(([name]) => !beaten.includes(name));
  return Object.fromEntries([...kept, ...given]);
}

/** The options in a file, as they would be typed. @throws OptionError naming the file and the key */
export function optionTexts(object: Readonly<Record<string, unknown>>, path: string): Record<string, string> {
  const { options } = object;
  const isRun = 'commandLine' in object && isObject(options);
  return isRun ? textsOf(presentOptions(object, options), path, OF_ONE_RUN) : textsOf(object, path, []);
}

/** Values as they would be typed, each of them checked. @throws OptionError naming the file and the key */
function textsOf(
  values: Readonly<Record<string, unknown>>,
  path: string,
  leftOut: readonly string[],
): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) {
    const name = nameOf(key, path);
    if (value === null || leftOut.includes(name)) continue;
    if (name === 'config') throw new OptionError(`${path}: ${key} cannot stand in a file: it names one.`);
    if (name in texts) throw new OptionError(`${path}: ${key} is there twice, in two spellings.`);
    texts[name] = textOf(value, name, `${path}: ${key}`);
  }
  return texts;
}

/** The name of an option that is spelt --like-this or likeThis. */
function nameOf(key: string, path: string): string {
  const names = Object.keys(trainOptions);
  const found = names.find((name) => name === key || camelCase(name) === key);
  if (found !== undefined) return found;
  const meant = nearest(key, [...names, ...names.map(camelCase)]);
  throw new OptionError(
    `${path}: there is no option ${JSON.stringify(key)}. ${meant ? `Did you mean "${meant}"?` : 'See simdnet train --help.'}`,
  );
}

function textOf(value: unknown, name: string, where: string): string {
  const option = (trainOptions as Readonly<Record<string, Option<unknown>>>)[name]!;
  if (option.flag) {
    if (typeof value === 'boolean') return String(value);
    throw new OptionError(`${where} must be true or false, not ${JSON.stringify(value)}.`);
  }
  const text = typed(value);
  try {
    option.read(text, name);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`${where}: ${error.message}`, { cause: error });
  }
  return text;
}

/** As it would be typed: a list with commas, and how often checkpoints are written as run.json has it. */
function typed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.join();
  const { seconds, steps } = value as { readonly seconds?: unknown; readonly steps?: unknown };
  if (typeof seconds === 'number') return `${seconds}s`;
  if (typeof steps === 'number') return `${steps} steps`;
  return JSON.stringify(value);
}
