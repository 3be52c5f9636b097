/** What images of each class count: `balanced`, numbers, or a file of them. */
import type { LabelledImages } from '../../data/dataset.ts';
import { OptionError } from '../../errors.ts';
import { parseJson } from '../../formats/json.ts';
import { isObject } from '../../isObject.ts';
import { nearest } from '../../suggest.ts';
import { balancedWeights } from '../../training/weights.ts';
import { readObject } from '../objectFile.ts';
import type { Check } from '../options.ts';
import { printable } from '../text.ts';

/** By the index or the name of a class. */
type Weights = Readonly<Record<string, number>>;

const BALANCED = 'balanced';
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** 'balanced', weights, or the path of a file that has some. Weights may be JSON too, as run.json has them. */
export const classWeight: Check<string | Weights> = (value, name) => {
  if (value.startsWith('{')) return fromJson(value, name);
  const pairs = value.split(',').map((part): [string, string] => {
    const colon = part.lastIndexOf(':');
    return [part.slice(0, colon).trim(), part.slice(colon + 1).trim()];
  });
  if (!pairs.every(([of, weight]) => of !== '' && NUMBER.test(weight))) {
    if (value === BALANCED || /\.(json|ya?ml)$/i.test(value)) return value;
    throw new OptionError(
      `--${name} must be balanced, weights such as 0:1,1:3 or cat:1,dog:3, or a file of them (JSON or YAML), ` +
        `not ${JSON.stringify(value)}.`,
    );
  }
  const twice = pairs.find(([of], i) => pairs.findIndex(([other]) => other === of) < i);
  if (twice) throw new OptionError(`--${name} has a weight for ${twice[0]} twice.`);
  return Object.fromEntries(pairs.map(([of, weight]) => [of, Number(weight)]));
};

function fromJson(text: string, name: string): Weights {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new OptionError(`--${name}: ${(cause as Error).message}.`, { cause });
  }
  return checked(isObject(value) ? value : {}, `--${name}`);
}

/** @throws OptionError naming the class whose weight is none */
function checked(given: Readonly<Record<string, unknown>>, where: string): Weights {
  for (const [of, weight] of Object.entries(given)) {
    if (typeof weight === 'number' && weight >= 0 && weight < Infinity) continue;
    throw new OptionError(
      `${where}: the weight of ${of} must be a number of at least 0, not ${JSON.stringify(weight)}.`,
    );
  }
  return given as Weights;
}

/**
 * The weights that a file has, in its place, so that the run does not need the file any more.
 * @throws DataError, FormatError, OptionError for a file that has none
 */
export async function withoutFile(
  given: string | Weights | undefined,
): Promise<typeof BALANCED | Weights | undefined> {
  if (typeof given !== 'string' || given === BALANCED) return given;
  return checked(await readObject(given), given);
}

/**
 * What each class counts, by its index.
 * @param training  the images that are trained on
 * @throws OptionError for a class that there is none of, and for weights with which no image counts
 */
export function weightsOfClasses(
  given: string | Weights | undefined,
  { classNames, labels }: LabelledImages,
  training: number,
): Record<number, number> | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string') {
    const data = Int32Array.from(labels.subarray(0, training));
    const weightOf = balancedWeights({ layout: 'classes', data, size: 1 }, classNames.length);
    return Object.fromEntries(classNames.map((_, i) => [i, weightOf(i)]));
  }
  const weights: Record<number, number> = Object.fromEntries(
    Object.entries(given).map(([of, weight]) => [indexOf(of, classNames), weight] as const),
  );
  if (labels.subarray(0, training).some((label) => weights[label] !== 0)) return weights;
  throw new OptionError(
    '--class-weight: no image to train on would count, so nothing would be learnt: give a class of them a weight above 0.',
  );
}

function indexOf(of: string, classNames: readonly string[]): number {
  const named = classNames.indexOf(of);
  if (named >= 0) return named;
  if (/^\d+$/.test(of) && Number(of) < classNames.length) return Number(of);
  const meant = nearest(of, classNames);
  throw new OptionError(
    `--class-weight: there is no class ${of}. ${meant ? `Did you mean ${meant}?` : `There are ${classNames.join(', ')}.`}`,
  );
}

/** The same by the names of classes, as run.json has them. */
export function byName(
  weights: Readonly<Record<number, number>>,
  classNames: readonly string[],
): Record<string, number> {
  return Object.fromEntries(Object.entries(weights).map(([i, weight]) => [classNames[Number(i)]!, weight]));
}

/** In words, as many as are worth reading. */
export function classWeightsText(weights: Readonly<Record<string, number>>): string {
  const all = Object.entries(weights).map(([of, weight]) => `${of} ${Number(weight.toPrecision(4))}`);
  return printable(`Class weights: ${all.slice(0, 12).join(', ')}${all.length > 12 ? ' …' : ''}`);
}
