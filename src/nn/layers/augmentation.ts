/** What the layers have in common that change images at random in training, and hand on what they are given otherwise. */
import { OptionError } from '../../errors.ts';
import { between, finite, numbers } from '../numberOptions.ts';
import { augmenting, BORDERS } from '../operations/augmentation.ts';
import type { Pair, Shape } from '../shape.ts';
import type { LayerDefinition, Spec } from './definition.ts';
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

/**
 * @param checks  its own options
 * @param plan    the arguments of its operation behind the seed, for images of a shape
 */
export function augmentation<S extends AugmentationSpec>(
  type: S['type'],
  kernel: Parameters<typeof augmenting>[0],
  checks: { readonly [K in keyof Own<S>]-?: Check<S[K]> },
  plan: (spec: S, shape: Shape) => Readonly<Record<string, number>>,
): LayerDefinition<S> {
  return {
    type,
    kerasName: type.replace(/^./, (letter) => letter.toUpperCase()),
    baseName: type.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    inputs: 'one',
    parse: (given) => {
      const { seed, ...values } = given as Readonly<Record<string, unknown>>;
      return {
        type,
        ...common(type, given, [...Object.keys(checks), 'seed']),
        ...Object.fromEntries(
          Object.entries<Check<unknown>>(checks).map(([option, check]) => [
            option,
            check(type, option, values[option]),
          ]),
        ),
        ...seedOption(type, seed),
      } as unknown as S;
    },
    build: (spec, { name, inputShapes: [input] }) => {
      mustBeImages(type, name, input!);
      const settings = plan(spec, input!);
      return {
        outputShape: input!,
        mixesTargets: kernel === 'mixNeighbours',
        operations: (training) =>
          training
            ? [
                augmenting(
                  kernel,
                  name,
                  input!,
                  spec.seed,
                  settings,
                  (spec as { readonly alternate?: boolean }).alternate,
                ),
              ]
            : [],
      };
    },
    describe: () => 'at random, in training',
  };
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

export const FILLS: { readonly [K in keyof FilledSpec]: Check<FilledSpec[K]> } = {
  fillMode: among('reflect', BORDERS),
  fillValue: orElse(0, finite),
  interpolation: among('bilinear', ['bilinear']),
};

/** What the kernel is told of them. */
export function filled({ fillMode, fillValue }: FilledSpec) {
  return { border: BORDERS.indexOf(fillMode), fill: fillValue, side: 0 };
}
