/** The options that say how a layer's weights begin and what holds them small: `kernelInitializer`, `biasRegularizer`, … */
import { OptionError } from '../../errors.ts';
import type { InitializerConfig } from '../initializers/initializer.ts';
import { initializerOption } from '../initializers/registry.ts';
import { regularizerOption, type RegularizerConfig } from '../regularizers.ts';
import type { WeightSpec } from './layer.ts';

type InitializerKey<W extends string> = `${W}Initializer`;
type RegularizerKey<W extends string> = `${W}Regularizer`;

/** What may be given for weights of these names. */
export type WeightOptions<W extends string> = Partial<
  Record<InitializerKey<W>, string | InitializerConfig> &
    Record<RegularizerKey<W>, string | RegularizerConfig | null>
>;

/** The same, complete as far as it was given. */
export type WeightData<W extends string> = Readonly<
  Partial<Record<InitializerKey<W>, InitializerConfig> & Record<RegularizerKey<W>, RegularizerConfig>>
>;

/** The names of the options. */
export function weightOptionNames(weights: readonly string[]): string[] {
  return weights.flatMap((weight) => [`${weight}Initializer`, `${weight}Regularizer`]);
}

/** The options for weights of these names, checked; only what was given. @throws OptionError */
export function weightOptions<W extends string>(
  type: string,
  options: object,
  weights: readonly W[],
): WeightData<W> {
  const given = options as Readonly<Record<string, unknown>>;
  const entries = weights.flatMap((weight): [string, unknown][] => {
    const [initializer, regularizer] = [given[`${weight}Initializer`], given[`${weight}Regularizer`]];
    return [
      ...(initializer === undefined
        ? []
        : [named(type, `${weight}Initializer`, () => initializerOption(initializer))]),
      ...(regularizer === undefined || regularizer === null
        ? []
        : [named(type, `${weight}Regularizer`, () => regularizerOption(regularizer))]),
    ];
  });
  return Object.fromEntries(entries) as WeightData<W>;
}

function named(type: string, key: string, parse: () => unknown): [string, unknown] {
  try {
    return [key, parse()];
  } catch (error) {
    throw new OptionError(`${type}: ${key}: ${(error as Error).message}`, { cause: error });
  }
}

/** How a weight begins and what holds it small. @param data  the layer's spec @param usual  its initializer by default */
export function settingsOf(
  data: object,
  weight: string,
  usual: string,
): Pick<WeightSpec, 'initializer' | 'regularizer'> {
  const given = data as Readonly<Record<string, unknown>>;
  const initializer = given[`${weight}Initializer`] as InitializerConfig | undefined;
  const regularizer = given[`${weight}Regularizer`] as RegularizerConfig | undefined;
  return { initializer: initializer ?? initializerOption(usual), ...(regularizer && { regularizer }) };
}
