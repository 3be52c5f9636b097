/** The activations by name. */
import { OptionError } from '../../errors.ts';
import { ActivationKind, type ActivationDefinition } from './activation.ts';

const define = (
  name: string,
  kind: ActivationDefinition['kind'],
  a = 0,
  b = 0,
  c = 0,
): readonly [string, ActivationDefinition] => [name, { name, kind, parameters: [a, b, c] }];

const DEFINITIONS: ReadonlyMap<string, ActivationDefinition> = new Map([
  define('linear', ActivationKind.linear, 1),
  define('relu', ActivationKind.relu, Infinity),
  define('relu6', ActivationKind.relu, 6),
  define('leaky_relu', ActivationKind.relu, Infinity, 0.2),
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

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['swish', 'silu'],
  ['hard_swish', 'hard_silu'],
]);

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
  throw new OptionError(`there is no activation "${name}": did you mean "${nearestName(snake)}"?`);
}

function nearestName(name: string): string {
  let nearest = '';
  let least = Infinity;
  for (const candidate of [...DEFINITIONS.keys(), ...ALIASES.keys()]) {
    const distance = editDistance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** How many letters must be inserted, deleted or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
