/** What is added to the loss for large weights, with Keras' names, options and defaults. */
import { OptionError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { quoted } from '../quoted.ts';
import { refuseUnknown } from './layers/options.ts';
import { byName, ofKeras } from './named.ts';
import { atLeast } from './numberOptions.ts';

/** l1 · Σ|w| + l2 · Σw², as plain data; one of the two is 0 where the name has only the other. */
export interface RegularizerConfig {
  readonly name: 'l1' | 'l2' | 'l1l2';
  readonly l1: number;
  readonly l2: number;
}

interface RegularizerDefinition {
  readonly name: RegularizerConfig['name'];
  configure(options: object): RegularizerConfig;
}

/** 0.01 · Σ|w|, or another factor. @throws OptionError */
export function l1(factor: number | { l1?: number } = {}): RegularizerConfig {
  return configure('l1', typeof factor === 'number' ? { l1: factor } : factor, { l1: 0.01, l2: 0 });
}

/** 0.01 · Σw², or another factor. @throws OptionError */
export function l2(factor: number | { l2?: number } = {}): RegularizerConfig {
  return configure('l2', typeof factor === 'number' ? { l2: factor } : factor, { l1: 0, l2: 0.01 });
}

/** l1 · Σ|w| + l2 · Σw²; both 0 by default. @throws OptionError */
export function l1l2(factors: { l1?: number; l2?: number } = {}): RegularizerConfig {
  return configure('l1l2', factors, { l1: 0, l2: 0 });
}

const DEFINITIONS: readonly RegularizerDefinition[] = [
  { name: 'l1', configure: l1 },
  { name: 'l2', configure: l2 },
  { name: 'l1l2', configure: l1l2 },
];

const definitionNamed = byName('regularizer', DEFINITIONS);

/**
 * Complete settings from a name ('l1', 'l2'), or from settings that need not be complete; null for none.
 * @throws OptionError if there is no such regularizer, or an option is out of range or not known
 */
export function regularizerOption(value: unknown): RegularizerConfig | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return definitionNamed(value).configure({});
  if (isObject(value)) return definitionNamed(value.name).configure(value);
  throw new OptionError(`A regularizer must be a name or an object with one, not ${quoted(value)}.`);
}

/** A regularizer as Keras writes it: `{ "class_name": "L2", "config": { "l2": 0.01 } }`, or null. @throws FormatError */
export function regularizerOfKeras(json: unknown): RegularizerConfig | null {
  if (json === null || json === undefined) return null;
  return ofKeras('regularizer', json, (className, options) => definitionNamed(className).configure(options));
}

function configure(
  name: RegularizerConfig['name'],
  options: { readonly l1?: number; readonly l2?: number },
  defaults: { readonly l1: number; readonly l2: number },
): RegularizerConfig {
  // Complete settings have the other factor too, as 0.
  const known = (['l1', 'l2'] as const).filter((key) => name.includes(key) || options[key] === 0);
  refuseUnknown(name, options, ['name', ...known]);
  const { l1: absolute = defaults.l1, l2: square = defaults.l2 } = options;
  return { name, l1: atLeast(name, 'l1', absolute, 0), l2: atLeast(name, 'l2', square, 0) };
}
