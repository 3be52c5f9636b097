/** What of an optimizer changes from batch to batch, counted as Keras counts. */
import { rateAt } from '../schedules/registry.ts';
import type { CommonConfig } from './commonOptions.ts';
import { lookaheadDecay, looksAhead } from './lookahead.ts';

/** What all optimizers put into registers; some correct the rate. */
export interface StepRegisters {
  readonly rate: number;
  /** What decayWeights takes. */
  readonly learningRate: number;
  /** The momentum of the weights' moving average, for averageBlocks. */
  readonly average: number;
  /** The same of their slow average. */
  readonly lookahead: number;
}

type Accumulation = Pick<CommonConfig, 'gradientAccumulationSteps'>;

/** How often the weights have changed. @param step  how many batches there were before */
export function updatesBefore({ gradientAccumulationSteps }: Accumulation, step: number): number {
  return Math.floor(step / (gradientAccumulationSteps ?? 1));
}

/** What is done behind the gradients of a batch. */
export interface StepEffects {
  /** Whether it changes the weights; otherwise its gradients are only added up. */
  readonly updates: boolean;
  /** Whether the slow average of the weights begins with them as they are in front of it. */
  readonly beginsSlow: boolean;
  /** Whether the weights are drawn to it afterwards. */
  readonly looksAhead: boolean;
}

/** Of a step of most. */
export const UPDATE: StepEffects = { updates: true, beginsSlow: false, looksAhead: false };

/** @param step  how many batches there were before */
export function effectsOf(config: CommonConfig, step: number): StepEffects {
  const updates = (step + 1) % (config.gradientAccumulationSteps ?? 1) === 0;
  return {
    updates,
    beginsSlow: config.lookahead !== null && step === 0,
    looksAhead: updates && looksAhead(config, updatesBefore(config, step)),
  };
}

/**
 * Schedules count batches, all else counts updates. The average starts from what the first update has made of the weights, and
 * moves with every batch.
 * @param step  how many batches there were before
 */
export function stepRegisters(config: CommonConfig, step: number): StepRegisters {
  const learningRate = rateAt(config.learningRate, step);
  const average = updatesBefore(config, step) === 0 ? 0 : config.emaMomentum;
  const lookahead = lookaheadDecay(config.lookahead, updatesBefore(config, step));
  return { rate: learningRate, learningRate, average, lookahead };
}
