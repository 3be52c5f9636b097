/** The options of the commands: how they are described, and what their values may be. Every value is checked here. */
import { OptionError } from '../errors.ts';

/** An option of a command, `--name` on the command line. */
export interface Option<T> {
  readonly describe: string;
  /** The heading under which the help lists it. */
  readonly group: string;
  /** True if it takes no value. */
  readonly flag: boolean;
  /** What the help shows as the default. */
  readonly defaultText: string | undefined;
  /**
   * The checked value; `text` is undefined if the option was not given.
   * @throws OptionError naming the option and what it may be
   */
  readonly read: (text: string | undefined, name: string) => T;
}

/** @throws OptionError if the text is not a value that the option may have */
export type Check<T> = (text: string, name: string) => T;

export type Options = Readonly<Record<string, Option<unknown>>>;

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;

/** The values of options, by camel-case names. */
export type Values<O extends Options> = {
  readonly [K in keyof O & string as Camel<K>]: O[K] extends Option<infer T> ? T : never;
};

/** An option that has a value even if it is not given. */
export function withDefault<T>(
  group: string,
  describe: string,
  check: Check<T>,
  value: T,
  defaultText = String(value),
): Option<T> {
  const read = (text: string | undefined, name: string): T =>
    text === undefined ? value : check(text, name);
  return { describe, group, flag: false, defaultText, read };
}

/** An option that may be left out; the help says in words what happens then, if that needs saying. */
export function optional<T>(
  group: string,
  describe: string,
  check: Check<T>,
  defaultText?: string,
): Option<T | undefined> {
  const read = (text: string | undefined, name: string): T | undefined =>
    text === undefined ? undefined : check(text, name);
  return { describe, group, flag: false, defaultText, read };
}

/** An option without which the command cannot work. */
export function required<T>(group: string, describe: string, check: Check<T>): Option<T> {
  const read = (text: string | undefined, name: string): T => {
    if (text === undefined) throw new OptionError(`--${name} is missing. ${describe}`);
    return check(text, name);
  };
  return { describe: `${describe} Required.`, group, flag: false, defaultText: undefined, read };
}

/** An option that is given or not. */
export function flag(group: string, describe: string): Option<boolean> {
  const read = (text: string | undefined, name: string): boolean => {
    if (text === undefined || text === 'false') return false;
    if (text === 'true') return true;
    throw new OptionError(`--${name} takes no value.`);
  };
  return { describe, group, flag: true, defaultText: undefined, read };
}

/** Checks every option. @param given  the texts, by the options' names */
export function readOptions<O extends Options>(
  options: O,
  given: Readonly<Record<string, string | undefined>>,
): Values<O> {
  const values = Object.entries(options).map(([name, option]) => [
    camelCase(name),
    option.read(given[name], name),
  ]);
  return Object.fromEntries(values) as Values<O>;
}

/** Any text but none, such as a path. */
export const text: Check<string> = (value, name) => {
  if (value === '') throw new OptionError(`--${name} must not be empty.`);
  return value;
};

/** The path of a PNG to be written. */
export const pngFile: Check<string> = (value, name) => {
  if (value.toLowerCase().endsWith('.png')) return value;
  throw new OptionError(`--${name} must end in .png, not be ${JSON.stringify(value)}.`);
};

/** A whole number in a range, such as a count. */
export function wholeNumber(least = -Infinity, most = Infinity): Check<number> {
  return (value, name) => {
    const number = decimal(value);
    if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
    const above = least === -Infinity ? '' : ` of at least ${least}`;
    const range = most === Infinity ? above : ` from ${least} to ${most}`;
    throw new OptionError(`--${name} must be a whole number${range}, not ${shown(value)}.`);
  };
}

/** A number above 0. */
export const positiveNumber: Check<number> = (value, name) => {
  const number = decimal(value);
  if (number > 0 && number < Infinity) return number;
  throw new OptionError(`--${name} must be a number above 0, not ${shown(value)}.`);
};

/** A number from 0 on. */
export const numberOfAtLeast0: Check<number> = (value, name) => {
  const number = decimal(value);
  if (number >= 0 && number < Infinity) return number;
  throw new OptionError(`--${name} must be a number of at least 0, not ${shown(value)}.`);
};

/** The size of images, such as 32,32,3. */
export const imageShape: Check<readonly [number, number, number]> = (value, name) => {
  const extents = value.split(/[,x×]/).map(decimal);
  if (extents.length === 3 && extents.every((extent) => Number.isSafeInteger(extent) && extent > 0)) {
    return extents as [number, number, number];
  }
  throw new OptionError(`--${name} must be height,width,channels, such as 32,32,3, not ${shown(value)}.`);
};

/** A number from 0 on and below 1. */
export const share: Check<number> = (value, name) => {
  const number = decimal(value);
  if (number >= 0 && number < 1) return number;
  throw new OptionError(`--${name} must be at least 0 and below 1, not ${shown(value)}.`);
};

/** How often: such as 90s, 5m, 1h or "500 steps". */
export const cadence: Check<{ readonly seconds: number } | { readonly steps: number }> = (value, name) => {
  const [, number = '', unit = ''] = /^([\d.]+)\s*([a-z]+)$/i.exec(value) ?? [];
  const amount = decimal(number);
  const seconds = { s: 1, m: 60, h: 3600 }[unit];
  if (seconds !== undefined && amount > 0) return { seconds: amount * seconds };
  if (/^steps?$/.test(unit) && Number.isSafeInteger(amount) && amount > 0) return { steps: amount };
  throw new OptionError(`--${name} must be a time such as 5m or 90s, or "500 steps", not ${shown(value)}.`);
};

/** One of a few words. */
export function oneOf<T extends string>(...choices: readonly T[]): Check<T> {
  return (value, name) => {
    const choice = choices.find((word) => word === value);
    if (choice !== undefined) return choice;
    const rest = choices.slice(0, -1);
    const list = rest.length > 0 ? `${rest.join(', ')} or ${choices.at(-1)!}` : choices[0];
    throw new OptionError(`--${name} must be ${list}, not ${shown(value)}.`);
  };
}

/** A number as people write them. JavaScript would also take '' for 0, and hexadecimals. NaN if it is none. */
export function decimal(value: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : NaN;
}

function shown(value: string): string {
  return /^[\w.+-]+$/.test(value) ? value : JSON.stringify(value);
}

/** The name of an option's value. */
export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
