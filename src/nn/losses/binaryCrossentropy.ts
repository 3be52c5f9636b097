/** The cross-entropy of outputs that are each a yes or a no. */
import { call } from '../../engine/call.ts';
import { flag, refuseUnknown } from '../layers/options.ts';
import { smoothing, type LossConfig, type LossDefinition } from './loss.ts';

export interface BinaryCrossentropyConfig extends LossConfig {
  readonly name: 'binaryCrossentropy';
  /** Whether the network puts out logits; false by default. */
  readonly fromLogits: boolean;
  /** How much targets are drawn towards one half; 0 by default. */
  readonly labelSmoothing: number;
}

/** Targets are numbers from 0 to 1, [count, outputs]. @throws OptionError for an option out of range */
export function binaryCrossentropy(
  options: Partial<Omit<BinaryCrossentropyConfig, 'name'>> = {},
): BinaryCrossentropyConfig {
  refuseUnknown('binaryCrossentropy', options, ['name', 'fromLogits', 'labelSmoothing']);
  return {
    name: 'binaryCrossentropy',
    fromLogits: flag('binaryCrossentropy', 'fromLogits', options.fromLogits ?? false),
    labelSmoothing: smoothing('binaryCrossentropy', options.labelSmoothing),
  };
}

export const binaryCrossentropyDefinition: LossDefinition<BinaryCrossentropyConfig> = {
  name: 'binaryCrossentropy',
  kerasName: 'BinaryCrossentropy',
  layouts: ['values'],
  configure: binaryCrossentropy,
  fuses: ({ fromLogits }) => (fromLogits ? undefined : 'sigmoid'),
  call: ({ fromLogits, labelSmoothing }, args, { fused }, rows) =>
    call(fused || fromLogits ? 'sigmoidCrossEntropy' : 'binaryCrossEntropy', 'loss', rows, {
      ...args,
      labelSmoothing,
    }),
};
