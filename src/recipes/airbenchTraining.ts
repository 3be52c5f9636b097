import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import type { LayerSpec } from '../nn/spec.ts';

/** How a recipe of airbench.ts changes the weights. */
export interface AirbenchTraining {
  readonly batchSize: number;
  /** A layer of the network as this training has it. */
  layer(spec: LayerSpec): LayerSpec;
  /** For so many steps of so many images; the loss is the mean over those. */
  optimizer(steps: number, batchSize: number): OptimizerConfig;
}
