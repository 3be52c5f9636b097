/** Checks of numbers that initializers, schedules and regularizers share; all refuse what is not finite. */
import { OptionError } from '../errors.ts';
import { quoted } from '../quoted.ts';

/** A number. @throws OptionError */
export function finite(type: string, option: string, value: unknown): number {
  return checked(type, option, value, 'a number', () => true);
}

/** A number above `bound`. @throws OptionError */
export function above(type: string, option: string, value: unknown, bound: number): number {
  return checked(type, option, value, `a number above ${bound}`, (number) => number > bound);
}

/** A number of at least `least`. @throws OptionError */
export function atLeast(type: string, option: string, value: unknown, least: number): number {
  return checked(type, option, value, `a number of at least ${least}`, (number) => number >= least);
}

/** A number of at least `least` and at most `most`. @throws OptionError */
export function between(type: string, option: string, value: unknown, least: number, most: number): number {
  const wanted = `a number between ${least} and ${most}`;
  return checked(type, option, value, wanted, (number) => number >= least && number <= most);
}

/** Numbers, each as `check` wants it. @throws OptionError */
export function numbers(
  type: string,
  option: string,
  value: unknown,
  check: (type: string, option: string, value: unknown) => number = finite,
): readonly number[] {
  if (!Array.isArray(value)) {
    throw new OptionError(`${type}: ${option} must be a list of numbers, not ${quoted(value)}.`);
  }
  return value.map((each: unknown, i) => check(type, `${option}[${i}]`, each));
}

function checked(
  type: string,
  option: string,
  value: unknown,
  wanted: string,
  holds: (number: number) => boolean,
): number {
  if (typeof value === 'number' && Number.isFinite(value) && holds(value)) return value;
  throw new OptionError(`${type}: ${option} must be ${wanted}, not ${quoted(value)}.`);
}
