/** The options of layers as users and files give them: every value is checked, and unknown options are refused. */
import { OptionError } from '../../errors.ts';
import { MAX_LAYERS } from '../../limits.ts';
import { quoted } from '../../quoted.ts';
import { nearest } from '../../suggest.ts';
import type { Pair, Shape } from '../shape.ts';

/** A size, or one number for both directions. */
export type Size = number | readonly [number, number];

/** What every layer may be given. */
export interface LayerOptions {
  /** [height, width, channels] of the images; the first layer of a sequential network needs it. */
  inputShape?: Shape;
  /** By default the type in snake case, counted within the network: conv2d, conv2d_1, … */
  name?: string;
  /** Whether training changes the layer's weights; true by default. */
  trainable?: boolean;
}

/** The same, checked; only what was given. */
export interface CommonSpec {
  readonly name?: string;
  readonly inputShape?: Shape;
  readonly trainable?: boolean;
  /** The names of the layers whose outputs it takes; the layer before it if left out. */
  readonly inputs?: readonly string[];
}

const COMMON: readonly string[] = ['type', 'name', 'inputShape', 'trainable', 'inputs'];

/**
 * The options that all layers share.
 * @param known  the others that this type has
 * @throws OptionError for a value out of range, or an option that is not known
 */
export function common(type: string, options: object, known: readonly string[]): CommonSpec {
  refuseUnknown(type, options, [...COMMON, ...known]);
  const { name, inputShape, trainable, inputs } = options as LayerOptions & { inputs?: unknown };
  if (name !== undefined) checkName(type, name);
  if (inputShape !== undefined) {
    if (!Array.isArray(inputShape))
      throw new OptionError(`${type}: inputShape must be [height, width, channels].`);
    inputShape.forEach((extent: unknown) => positive(type, 'inputShape', extent));
  }
  if (inputs !== undefined) {
    if (!Array.isArray(inputs) || inputs.length > MAX_LAYERS)
      throw new OptionError(`${type}: inputs must be a list of 1 to ${MAX_LAYERS} layers' names.`);
    inputs.forEach((input: unknown) => {
      checkName(type, input);
    });
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(inputShape === undefined ? {} : { inputShape }),
    ...(trainable === undefined || flag(type, 'trainable', trainable) ? {} : { trainable: false }),
    ...(inputs === undefined ? {} : { inputs: inputs as string[] }),
  };
}

/** @throws OptionError naming the first key that is not among those known, and the nearest one that is */
export function refuseUnknown(what: string, options: object, known: readonly string[]): void {
  if (typeof (options as unknown) !== 'object' || (options as unknown) === null || Array.isArray(options)) {
    throw new OptionError(`${what} takes an object of options, not ${quoted(options)}.`);
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  const remedy = meant === undefined ? `It has ${known.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new OptionError(`${what} has no option ${quoted(unknown)}. ${remedy}`);
}

function checkName(type: string, name: unknown): void {
  if (typeof name === 'string' && /^\w[\w.-]*$/.test(name)) return;
  throw new OptionError(`${type}: name must be letters, digits, "_", "." and "-", not ${quoted(name)}.`);
}

export function positive(type: string, option: string, value: unknown): number {
  return whole(type, option, value, 1);
}

/** A whole number of at least `least`. */
export function whole(type: string, option: string, value: unknown, least: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
    throw new OptionError(
      `${type}: ${option} must be a whole number of at least ${least}, not ${quoted(value)}.`,
    );
  }
  return value;
}

export function pair(type: string, option: string, value: unknown, least = 1): Pair {
  const values: unknown[] = Array.isArray(value) ? value : [value, value];
  if (values.length !== 2) {
    throw new OptionError(`${type}: ${option} must be a number or two, not ${quoted(value)}.`);
  }
  return [whole(type, option, values[0], least), whole(type, option, values[1], least)];
}

export function flag(type: string, option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new OptionError(`${type}: ${option} must be true or false, not ${quoted(value)}.`);
}

/** A number in [least, below). */
export function numberIn(
  type: string,
  option: string,
  value: unknown,
  least = -Infinity,
  below = Infinity,
): number {
  if (typeof value === 'number' && value >= least && value < below) return value;
  const above = least === -Infinity ? '' : ` of at least ${least}`;
  const under = below === Infinity ? '' : `${above && ' and'} below ${below}`;
  throw new OptionError(`${type}: ${option} must be a number${above}${under}, not ${quoted(value)}.`);
}

export function oneOf<T extends string | number>(
  type: string,
  option: string,
  value: unknown,
  allowed: readonly T[],
): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new OptionError(`${type}: ${option} must be ${allowed.join(' or ')}, not ${quoted(value)}.`);
  }
  return found;
}
