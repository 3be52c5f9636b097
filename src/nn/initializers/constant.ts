import { finite } from '../numberOptions.ts';
import { onlyKnown, type InitializerConfig, type InitializerDefinition } from './initializer.ts';

export interface ConstantConfig extends InitializerConfig {
  readonly name: 'constant';
  readonly value: number;
}

/** All values 0. */
export function zeros(options: object = {}): InitializerConfig {
  onlyKnown('zeros', options, []);
  return { name: 'zeros' };
}

/** All values 1. */
export function ones(options: object = {}): InitializerConfig {
  onlyKnown('ones', options, []);
  return { name: 'ones' };
}

/** All values the same; 0 by default. @throws OptionError */
export function constant(options: { value?: number } = {}): ConstantConfig {
  onlyKnown('constant', options, ['value']);
  const { value = 0 } = options;
  return { name: 'constant', value: finite('constant', 'value', value) };
}

export const zerosDefinition: InitializerDefinition = {
  name: 'zeros',
  configure: zeros,
  fill: (_, values) => values.fill(0),
};

export const onesDefinition: InitializerDefinition = {
  name: 'ones',
  configure: ones,
  fill: (_, values) => values.fill(1),
};

export const constantDefinition: InitializerDefinition<ConstantConfig> = {
  name: 'constant',
  configure: constant,
  fill: ({ value }, values) => values.fill(value),
};
