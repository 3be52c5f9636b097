import type { LossConfig } from '../nn/losses/loss.ts';
import { configureLoss } from '../nn/losses/registry.ts';
import type { Network } from '../nn/network.ts';
import { isClassifier } from '../training/objectives.ts';

/** The cross-entropy of classes: from probabilities if the network gives those, else from logits. */
export function usualLoss(network: Pick<Network, 'specs'>): LossConfig {
  return configureLoss({
    name: 'sparseCategoricalCrossentropy',
    fromLogits: !isClassifier(network),
  } as unknown as LossConfig);
}
