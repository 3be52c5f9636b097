/** Optimizers as Keras writes them into its JSON. */
import { FormatError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { quoted } from '../../quoted.ts';
import { ofKeras, type Options } from '../named.ts';
import { learningRateOfKeras } from '../schedules/registry.ts';
import type { OptimizerConfig } from './optimizer.ts';
import { optimizerDefinition } from './registry.ts';

/** What says nothing about the steps: loss_scale_factor is taken out of the gradients again, which are in float32 here. */
const IGNORED = [
  'name',
  'jit_compile',
  'loss_scale_factor',
  'is_legacy_optimizer',
  'ema_overwrite_frequency',
];

/** What Keras takes for none if it is 0. */
const NONE_IF_ZERO = ['clipnorm', 'global_clipnorm', 'clipvalue', 'gradient_accumulation_steps'];

/**
 * The settings of an optimizer from `{ "class_name": "AdamW", "config": { "learning_rate": 0.001, … } }`.
 * @throws FormatError for an optimizer or an option that there is none like here
 */
export function fromKeras(className: string, config: Options): OptimizerConfig {
  const { learning_rate: rate, ema_overwrite_frequency: frequency = null } = config;
  if (frequency !== null && frequency !== 0) {
    throw new FormatError(
      `Keras' optimizer ${className} has an ema_overwrite_frequency of ${quoted(frequency)}; only null is supported.`,
    );
  }
  const learningRate = rate === undefined ? {} : { learningRate: learningRateOfKeras(rate) };
  // Null is the default of all options but this one, of AdamW.
  const weightDecay = config.weight_decay === null ? { weightDecay: null } : {};
  const others = Object.entries(config).filter(
    ([key, value]) =>
      key !== 'learning_rate' && !IGNORED.includes(key) && !(value === 0 && NONE_IF_ZERO.includes(key)),
  );
  return ofKeras(
    'optimizer',
    { class_name: className, config: Object.fromEntries(others) },
    (name, options) =>
      optimizerDefinition({ name }).configure({
        ...options,
        ...learningRate,
        ...weightDecay,
        ...('beta2' in options && name.startsWith('Adam') && { float32Corrections: true }),
      }),
  );
}

/** The same from the whole of what Keras writes: `{ "class_name": …, "config": … }`. @throws FormatError */
export function optimizerOfKeras(json: unknown): OptimizerConfig {
  if (isObject(json) && typeof json.class_name === 'string' && isObject(json.config)) {
    return fromKeras(json.class_name, json.config);
  }
  throw new FormatError(
    `Keras' optimizer must be an object with class_name and config, not ${quoted(json)}.`,
  );
}
