/** Pieces of Python. */
import type { Margins, Pair } from '../../../nn/shape.ts';
import type { Step } from './torchLayer.ts';

/** A finite number. */
export function numeral(value: number): string {
  return String(value);
}

/** A number that Python takes for no whole one, so that a list of them is a tensor of floats. */
export function decimal(value: number): string {
  return /^-?\d+$/.test(String(value)) ? `${value}.0` : String(value);
}

/** One number if both are the same, else both. */
export function sizeText([height, width]: Pair): string {
  return height === width ? String(height) : `(${height}, ${width})`;
}

export function tupleText(values: readonly (string | number)[]): string {
  return values.length === 1 ? `(${values[0]!},)` : `(${values.join(', ')})`;
}

/** A call, without the arguments that are undefined. */
export function callText(name: string, args: readonly (string | number | undefined)[]): string {
  return `${name}(${args.filter((argument) => argument !== undefined).join(', ')})`;
}

export function named(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name}=${value}`;
}

/** Zeros, or other values, around images. */
export function padStep({ left, right, top, bottom }: Margins, value?: string): Step {
  return (x) => callText('F.pad', [x, `(${[left, right, top, bottom].join(', ')})`, named('value', value)]);
}

export function isSymmetric({ left, right, top, bottom }: Margins): boolean {
  return left === right && top === bottom;
}

/** Steps with a function behind the last of them, in one expression. */
export function followed(
  steps: readonly Step[],
  outer: ((x: string) => string) | undefined,
): readonly Step[] {
  if (!outer) return steps;
  const last = steps.at(-1)!;
  return [...steps.slice(0, -1), (...inputs) => outer(last(...inputs))];
}
