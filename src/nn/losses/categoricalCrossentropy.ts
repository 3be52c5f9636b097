/** Cross-entropies of classes of which one is right: from probabilities, or from the logits in front of a softmax. */
import { call } from '../../engine/call.ts';
import { OptionError } from '../../errors.ts';
import { flag, refuseUnknown } from '../layers/options.ts';
import { smoothing, type LossConfig, type LossDefinition } from './loss.ts';

type Name = 'categoricalCrossentropy' | 'sparseCategoricalCrossentropy';

export interface CategoricalCrossentropyConfig extends LossConfig {
  readonly name: Name;
  /** Whether the network puts out logits; false by default. */
  readonly fromLogits: boolean;
  /** How much of the target is spread over all classes; 0 by default. */
  readonly labelSmoothing: number;
}

export type CategoricalCrossentropyOptions = Partial<Omit<CategoricalCrossentropyConfig, 'name'>>;

/** Targets are class indices [count]. @throws OptionError for an option out of range */
export function sparseCategoricalCrossentropy(
  options: CategoricalCrossentropyOptions = {},
): CategoricalCrossentropyConfig {
  return configure('sparseCategoricalCrossentropy', options);
}

/** Targets are one-hot or other distributions [count, classes], or class indices. @throws OptionError */
export function categoricalCrossentropy(
  options: CategoricalCrossentropyOptions = {},
): CategoricalCrossentropyConfig {
  return configure('categoricalCrossentropy', options);
}

function configure(name: Name, options: CategoricalCrossentropyOptions): CategoricalCrossentropyConfig {
  refuseUnknown(name, options, ['name', 'fromLogits', 'labelSmoothing']);
  return {
    name,
    fromLogits: flag(name, 'fromLogits', options.fromLogits ?? false),
    labelSmoothing: smoothing(name, options.labelSmoothing),
  };
}

function define(
  name: Name,
  kerasName: string,
  layouts: LossDefinition['layouts'],
): LossDefinition<CategoricalCrossentropyConfig> {
  return {
    name,
    kerasName,
    layouts,
    configure: (options) => configure(name, options),
    fuses: ({ fromLogits }) => (fromLogits ? undefined : 'softmax'),
    countsCorrect: (layout, fused, { fromLogits }) => layout === 'classes' && (fused || fromLogits),
    mustFit: (_, outputs) => {
      if (outputs > 1) return;
      throw new OptionError(
        `${name} needs one output for each of several classes; for one output take binaryCrossentropy.`,
      );
    },
    call: ({ fromLogits, labelSmoothing }, args, { layout, fused, correct }, rows) => {
      const all = { ...args, labelSmoothing };
      if (fused || fromLogits) {
        return layout === 'classes'
          ? call('softmaxCrossEntropy', 'loss', rows, { ...all, correct })
          : call('softmaxCrossEntropyDense', 'loss', rows, all);
      }
      // Keras clips before it divides by the sum where targets are indices.
      const clipFirst = name === 'sparseCategoricalCrossentropy' ? 1 : 0;
      return layout === 'classes'
        ? call('crossEntropy', 'loss', rows, { ...all, clipFirst })
        : call('crossEntropyDense', 'loss', rows, all);
    },
  };
}

export const sparseCategoricalCrossentropyDefinition = define(
  'sparseCategoricalCrossentropy',
  'SparseCategoricalCrossentropy',
  ['classes'],
);

export const categoricalCrossentropyDefinition = define(
  'categoricalCrossentropy',
  'CategoricalCrossentropy',
  ['classes', 'values'],
);
