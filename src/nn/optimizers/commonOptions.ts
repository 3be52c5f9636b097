/** The options that all optimizers share, with Keras' names and meanings. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { flag, refuseUnknown, whole } from '../layers/options.ts';
import { lookaheadOption, type LookaheadConfig, type LookaheadOptions } from './lookahead.ts';
import { learningRateOption, type LearningRate, type LearningRateOption } from '../schedules/registry.ts';

/** What every optimizer knows, complete. A step clips the gradients, decays the weights, and then does the optimizer's own. */
export interface CommonConfig {
  /** How far a step goes: a number, or a schedule's settings. */
  readonly learningRate: LearningRate;
  /** Decoupled decay: before each step weights lose this share of themselves times the learning rate; null for none. */
  readonly weightDecay: number | null;
  /** Weights whose name (`layer/weight`) has one of these in it do not decay: `['bias']` spares all biases. */
  readonly excludeFromWeightDecay: readonly string[];
  /** The most that the norm of one weight's gradient may be; null for no limit. */
  readonly clipnorm: number | null;
  /** The most that the norm of all gradients together may be; null for no limit. */
  readonly globalClipnorm: number | null;
  /** The most that a value of a gradient may be, above or below zero; null for no limit. */
  readonly clipvalue: number | null;
  /** Whether to keep a moving average of the weights, which takes their place when training ends. */
  readonly useEma: boolean;
  readonly emaMomentum: number;
  /** Draws the weights to a slow average of themselves every few steps; null for not. */
  readonly lookahead: LookaheadConfig | null;
  /** Over how many batches gradients are averaged for one step; null for a step each batch. */
  readonly gradientAccumulationSteps: number | null;
  /**
   * Factors of the learning rate by the name of a layer (`conv2d_1`) or of a weight (`conv2d_1/bias`), in which `*` stands
   * for any letters. The last one that fits counts.
   */
  readonly learningRateMultipliers: Readonly<Record<string, number>>;
}

/** What may be left out; undefined is as good. */
export type OptionsOf<C extends CommonConfig & { readonly name: string }> = {
  readonly [K in Exclude<keyof C, 'name'>]?:
    | (K extends 'learningRate' ? LearningRateOption : K extends 'lookahead' ? LookaheadOptions | null : C[K])
    | undefined;
};

const COMMON: readonly string[] = [
  'name',
  'learningRate',
  'weightDecay',
  'excludeFromWeightDecay',
  'clipnorm',
  'globalClipnorm',
  'clipvalue',
  'useEma',
  'emaMomentum',
  'lookahead',
  'gradientAccumulationSteps',
  'learningRateMultipliers',
];

/** The options of one optimizer as they were given: all that are known, none checked. */
type Given<K extends string> = Readonly<Partial<Record<keyof CommonConfig | K, unknown>>>;

/**
 * Checks that all options are known.
 * @param own  those that this optimizer has besides the common ones
 * @throws OptionError naming the first one that is not, and the nearest one that is
 */
export function knownOptions<K extends string>(
  type: string,
  options: object,
  own: readonly K[],
): asserts options is Given<K> {
  refuseUnknown(type, options, [...COMMON, ...own]);
}

/**
 * The common options, complete.
 * @throws OptionError for one out of range, or for more than one kind of clipping
 */
export function commonOptions(
  type: string,
  options: { readonly [Key in keyof CommonConfig]?: unknown },
  defaults: { readonly learningRate: number; readonly weightDecay?: number },
): CommonConfig {
  const { learningRate = defaults.learningRate, weightDecay = defaults.weightDecay ?? null } = options;
  const { emaMomentum = 0.99, gradientAccumulationSteps = null } = options;
  return {
    learningRate: learningRateOption(learningRate),
    weightDecay: weightDecay === null ? null : number(type, 'weightDecay', weightDecay, isAtLeast0),
    excludeFromWeightDecay: names(type, options.excludeFromWeightDecay ?? []),
    ...clipping(type, options),
    useEma: flag(type, 'useEma', options.useEma ?? false),
    emaMomentum: number(type, 'emaMomentum', emaMomentum, isShare),
    lookahead: lookaheadOption(type, options.lookahead),
    gradientAccumulationSteps:
      gradientAccumulationSteps === null
        ? null
        : whole(type, 'gradientAccumulationSteps', gradientAccumulationSteps, 2),
    learningRateMultipliers: multipliers(type, options.learningRateMultipliers ?? {}),
  };
}

type Clipping = Pick<CommonConfig, 'clipnorm' | 'globalClipnorm' | 'clipvalue'>;

function clipping(type: string, options: { readonly [K in keyof Clipping]?: unknown }): Clipping {
  const limit = (option: keyof Clipping): number | null => {
    const value = options[option] ?? null;
    return value === null ? null : number(type, option, value, isAbove0);
  };
  const limits = {
    clipnorm: limit('clipnorm'),
    globalClipnorm: limit('globalClipnorm'),
    clipvalue: limit('clipvalue'),
  };
  const given = Object.entries(limits).flatMap(([option, value]) => (value === null ? [] : [option]));
  if (given.length > 1) {
    throw new OptionError(`${type}: ${given.join(' and ')} exclude each other; leave only one.`);
  }
  return limits;
}

/** What a number must be, and how to say it. */
interface Condition {
  readonly says: string;
  readonly holds: (value: number) => boolean;
}

const isAtLeast0: Condition = { says: 'of at least 0', holds: (value) => value >= 0 };
const isAbove0: Condition = { says: 'above 0', holds: (value) => value > 0 };
const isShare: Condition = { says: 'from 0 to 1', holds: (value) => value >= 0 && value <= 1 };

function number(type: string, option: string, value: unknown, { says, holds }: Condition): number {
  if (typeof value === 'number' && Number.isFinite(value) && holds(value)) return value;
  throw new OptionError(`${type}: ${option} must be a number ${says}, not ${quoted(value)}.`);
}

function names(type: string, value: unknown): readonly string[] {
  // The empty string is in every name.
  if (Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '')) {
    return [...(value as string[])];
  }
  throw new OptionError(
    `${type}: excludeFromWeightDecay must be a list of parts of weights' names, such as ["bias"], not ${quoted(value)}.`,
  );
}

function multipliers(type: string, value: unknown): Readonly<Record<string, number>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OptionError(
      `${type}: learningRateMultipliers must be factors by the names of layers or weights, such as { "conv2d": 0.1 }, not ${quoted(value)}.`,
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([pattern, factor]) => [
      pattern,
      number(type, `the learningRateMultiplier of "${pattern}"`, factor, isAtLeast0),
    ]),
  );
}

/**
 * A constant that keeps a denominator from zero.
 * @throws OptionError if it is not above 0, also in float32, in which the engine computes: where a gradient has always been
 *   zero it would divide zero by zero
 */
export function checkEpsilon(epsilon: unknown): asserts epsilon is number {
  if (!(typeof epsilon === 'number' && epsilon > 0 && Math.fround(epsilon) < Infinity))
    throw new OptionError(`epsilon must be a number above 0, not ${quoted(epsilon)}.`);
  if (Math.fround(epsilon) === 0)
    throw new OptionError(`epsilon must not be below 1e-45, which is 0 in float32: it is ${epsilon}.`);
}
