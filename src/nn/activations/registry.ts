/** The activations by name. */
import { OptionError } from '../../errors.ts';
import { nearest } from '../../suggest.ts';
import { ActivationKind, generalRelu, type ActivationDefinition } from './activation.ts';

const define = (
  name: string,
  kind: ActivationDefinition['kind'],
  a = 0,
  b = 0,
  c = 0,
): readonly [string, ActivationDefinition] => [name, { name, kind, parameters: [a, b, c] }];

const DEFINITIONS: ReadonlyMap<string, ActivationDefinition> = new Map([
  define('linear', ActivationKind.linear, 1),
  ['relu', generalRelu('relu', Infinity, 0, 0)],
  ['relu6', generalRelu('relu6', 6, 0, 0)],
  ['leaky_relu', generalRelu('leaky_relu', Infinity, 0.2, 0)],
  define('elu', ActivationKind.elu, 1),
  define('selu', ActivationKind.selu),
  define('gelu', ActivationKind.gelu),
  define('gelu_approximate', ActivationKind.geluApproximate),
  define('silu', ActivationKind.silu),
  define('hard_silu', ActivationKind.hardSilu),
  define('sigmoid', ActivationKind.sigmoid),
  define('hard_sigmoid', ActivationKind.hardSigmoid),
  define('tanh', ActivationKind.tanh),
  define('softplus', ActivationKind.softplus),
  define('softmax', 'softmax'),
]);

/** The activations that there are, as Keras spells them. */
export const ACTIVATIONS: readonly string[] = [...DEFINITIONS.keys()];

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['swish', 'silu'],
  ['hard_swish', 'hard_silu'],
]);

const NAMES: readonly string[] = [...ACTIVATIONS, ...ALIASES.keys()];

/**
 * The activation of a name as Keras spells it, or in camel case: `hard_silu`, `hardSilu`.
 * @throws OptionError if there is none
 */
export function activationNamed(name: string): ActivationDefinition {
  const snake = name.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase();
  for (const spelling of [snake, name.toLowerCase()]) {
    const definition = DEFINITIONS.get(ALIASES.get(spelling) ?? spelling);
    if (definition) return definition;
  }
  const meant = nearest(snake, NAMES);
  throw new OptionError(
    `there is no activation "${name}": ${meant ? `did you mean "${meant}"?` : `there are ${NAMES.join(', ')}.`}`,
  );
}

/**
 * The name of the activation that an option asks for, as Keras spells it.
 * @throws OptionError if there is no such one
 */
export function activationOption(type: string, given: unknown): string {
  try {
    return activationNamed(String(given)).name;
  } catch (error) {
    throw new OptionError(`${type}: ${(error as Error).message}`, { cause: error });
  }
}
