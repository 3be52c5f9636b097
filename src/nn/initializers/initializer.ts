import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import type { RandomStream } from '../../random.ts';
import { refuseUnknown } from '../layers/options.ts';
import type { Shape } from '../shape.ts';

/** How a weight begins, complete, as plain data. */
export interface InitializerConfig {
  readonly name: string;
  /** Takes the place of the model's seed. Weights of other names begin otherwise even so. */
  readonly seed?: number;
}

/** What everything random may be given. */
export interface SeedOptions {
  /** A whole number in the place of the model's seed. */
  seed?: number | null | undefined;
}

/** Inputs and outputs of one unit; for a convolution the taps of the filter count. The layer knows them. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** A way to fill a weight at the beginning, with Keras' name, options and defaults. See registry.ts for who asks. */
export interface InitializerDefinition<C extends InitializerConfig = InitializerConfig> {
  readonly name: C['name'];
  /** The complete settings. @throws OptionError for one out of range, or one that is not known */
  configure(options: object): C;
  /**
   * Writes the values of a weight, row-major.
   * @throws OptionError if it cannot fill such a shape
   */
  fill(config: C, values: Float32Array, shape: Shape, fans: Fans, random: RandomStream): void;
}

/** The name and the seed, if one was given, for the settings of something random. @throws OptionError */
export function nameAndSeed<N extends string>(name: N, { seed }: SeedOptions): { name: N; seed?: number } {
  if (seed === undefined || seed === null) return { name };
  if (Number.isSafeInteger(seed)) return { name, seed };
  throw new OptionError(`${name}: seed must be a whole number, not ${quoted(seed)}.`);
}

/** Refuses all options but those given, and the name. @throws OptionError */
export function onlyKnown(name: string, options: object, known: readonly string[]): void {
  refuseUnknown(name, options, ['name', ...known]);
}
