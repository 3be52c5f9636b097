/** What the layers have in common that change images at random in training, and hand on what they are given otherwise. */
import { OptionError } from '../../errors.ts';
import { between, finite, numbers } from '../numberOptions.ts';
import { augmenting, BORDERS } from '../operations/augmentation.ts';
import type { Pair, Shape } from '../shape.ts';
import type { BuildContext, BuiltLayer, Spec } from './definition.ts';
import { seedOption } from './dropout.ts';
import { mustBeImages } from './inputs.ts';
import { common, oneOf, type LayerOptions } from './options.ts';

export interface AugmentationOptions extends LayerOptions {
  /** What its draws start from: a whole number of at least 0. By default the network's seed. */
  seed?: number | null;
}

/** From where to where a number is drawn; a number alone is explained by who takes it. */
export type Range = number | readonly [low: number, high: number];

/** What lies beyond the border of an image that moves. */
export interface FillOptions {
  /**
   * `reflect`: c b a | a b c, the border twice, and by default; `mirror`: c b | a b c; `nearest`: a a | a b c; `wrap`; or
   * `constant`, which is `fillValue`.
   */
  fillMode?: (typeof BORDERS)[number];
  /** 0 by default. */
  fillValue?: number;
  /** Between four pixels, which is all that there is. */
  interpolation?: 'bilinear';
}

export type FilledSpec = Required<FillOptions>;

export interface AugmentationSpec extends Spec {
  /** Left out if it is the network's. */
  readonly seed?: number;
}

type Own<S extends AugmentationSpec> = Omit<S, keyof AugmentationSpec>;

/** Makes the complete value of an option of what was given, which may be nothing. */
export type Check<T> = (type: string, option: string, value: unknown) => T;

/** The complete spec of a layer. @param checks  its own options */
export function parsed<S extends AugmentationSpec>(
  type: S['type'],
  given: object,
  checks: { readonly [K in keyof Own<S>]-?: Check<S[K]> },
): S {
  const { seed, ...values } = given as Readonly<Record<string, unknown>>;
  const own = Object.entries<Check<unknown>>(checks);
  return {
    type,
    ...common(type, given, [...own.map(([option]) => option), 'seed']),
    ...Object.fromEntries(own.map(([option, check]) => [option, check(type, option, values[option])])),
    ...seedOption(type, seed),
  } as unknown as S;
}

/** The layer of a spec. @param settings  the arguments of its kernel, for images of a shape */
export function built(
  kernel: Parameters<typeof augmenting>[0],
  { type, seed, alternate }: AugmentationSpec & { readonly alternate?: boolean },
  { name, inputShapes: [input] }: BuildContext,
  settings: (shape: Shape) => Readonly<Record<string, number>>,
): BuiltLayer {
  mustBeImages(type, name, input!);
  const args = settings(input!);
  return {
    outputShape: input!,
    mixesTargets: kernel === 'mixNeighbours',
    operations: (training) => (training ? [augmenting(kernel, name, input!, seed, args, alternate)] : []),
  };
}

export function describe(): string {
  return 'at random, in training';
}

/**
 * Two numbers within bounds.
 * @param alone  what a number alone stands for @param usual  what is taken if nothing is given
 */
export function range(
  least: number,
  most: number,
  alone: (number: number) => Pair = (number) => [-number, number],
  usual?: Pair,
): Check<Pair> {
  return (type, option, value = usual) => {
    const given = typeof value === 'number' ? alone(value) : numbers(type, option, value);
    given.forEach((number) => between(type, option, number, least, most));
    if (given.length !== 2) throw new OptionError(`${type}: ${option} must be a number or two.`);
    return given as unknown as Pair;
  };
}

export function orElse<T>(usual: T, check: Check<T>): Check<T> {
  return (type, option, value = usual) => check(type, option, value);
}

export function among<T extends string>(usual: T, allowed: readonly T[]): Check<T> {
  return (type, option, value = usual) => oneOf(type, option, value, allowed);
}

export function fills(): { readonly [K in keyof FilledSpec]: Check<FilledSpec[K]> } {
  return {
    fillMode: among('reflect', BORDERS),
    fillValue: orElse(0, finite),
    interpolation: among('bilinear', ['bilinear']),
  };
}

/** What the kernel is told of them. */
export function filled({ fillMode, fillValue }: FilledSpec) {
  return { border: BORDERS.indexOf(fillMode), fill: fillValue };
}
