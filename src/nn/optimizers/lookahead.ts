/** The weights drawn to a slow average of themselves every few steps: Lookahead (Zhang et al. 2019). */
import { OptionError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { quoted } from '../../quoted.ts';
import { positive, refuseUnknown } from '../layers/options.ts';
import { between } from '../numberOptions.ts';

/** Its settings, complete, as plain data. */
export interface LookaheadConfig {
  /** After how many steps, again and again. */
  readonly steps: number;
  /** How much of the slow average is kept each time, from 0 to 1. */
  readonly decay: number;
  /** How many steps it takes to come to `decay`, from 0 on, by the cube of the share of the steps; null for at once. */
  readonly rampSteps: number | null;
}

export interface LookaheadOptions {
  /** 5 by default. */
  steps?: number;
  /** 0.5 by default. */
  decay?: number;
  rampSteps?: number | null;
}

/** @throws OptionError for a setting out of range, or one that is not known */
export function lookaheadOption(type: string, value: unknown): LookaheadConfig | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) {
    throw new OptionError(
      `${type}: lookahead must be settings such as { steps: 5, decay: 0.5 }, not ${quoted(value)}.`,
    );
  }
  const name = `${type}: lookahead`;
  refuseUnknown(name, value, ['steps', 'decay', 'rampSteps']);
  const { steps = 5, decay = 0.5, rampSteps = null } = value;
  return {
    steps: positive(name, 'steps', steps),
    decay: between(name, 'decay', decay, 0, 1),
    rampSteps: rampSteps === null ? null : positive(name, 'rampSteps', rampSteps),
  };
}

/** Whether the weights meet their slow average behind a step. @param step  how many there were before */
export function looksAhead(
  { lookahead }: { readonly lookahead: LookaheadConfig | null },
  step: number,
): boolean {
  return lookahead !== null && (step + 1) % lookahead.steps === 0;
}

/** How much of the slow average is kept behind a step. @param step  how many there were before */
export function lookaheadDecay(lookahead: LookaheadConfig | null, step: number): number {
  if (!lookahead) return 0;
  const { decay, rampSteps } = lookahead;
  if (rampSteps === null) return decay;
  const share = Math.min((step + 1) / rampSteps, 1);
  return decay * share * share * share;
}
