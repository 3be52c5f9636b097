/** What of an optimizer changes from batch to batch, counted as Keras counts. */
import { rateAt } from '../schedules/registry.ts';
import type { CommonConfig } from './commonOptions.ts';

/** What all optimizers put into registers; some correct the rate. */
export interface StepRegisters {
  readonly rate: number;
  /** What decayWeights takes. */
  readonly learningRate: number;
  /** The momentum of the weights' moving average, for averageBlocks. */
  readonly average: number;
}

type Accumulation = Pick<CommonConfig, 'gradientAccumulationSteps'>;

/** How often the weights have changed. @param step  how many batches there were before */
export function updatesBefore({ gradientAccumulationSteps }: Accumulation, step: number): number {
  return Math.floor(step / (gradientAccumulationSteps ?? 1));
}

/** Whether a batch changes the weights; otherwise its gradients are only added up. */
export function updates({ gradientAccumulationSteps }: Accumulation, step: number): boolean {
  return (step + 1) % (gradientAccumulationSteps ?? 1) === 0;
}

/**
 * Schedules count batches, all else counts updates. The average starts from what the first update has made of the weights, and
 * moves with every batch.
 * @param step  how many batches there were before
 */
export function stepRegisters(config: CommonConfig, step: number): StepRegisters {
  const learningRate = rateAt(config.learningRate, step);
  const average = updatesBefore(config, step) === 0 ? 0 : config.emaMomentum;
  return { rate: learningRate, learningRate, average };
}
