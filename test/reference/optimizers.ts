/**
 * One step of each optimizer for one weight, in the form of Keras. Numbers are {@link Rounded}: values in float64, and how far
 * float32 may be off.
 */
import { Rounded } from './rounded.ts';

const constant = (value: number): Rounded => Rounded.constant(value);

export interface SgdState {
  readonly parameter: Rounded;
  readonly velocity: Rounded;
}

export function sgdStep(
  { parameter, velocity }: SgdState,
  gradient: Rounded,
  { rate, momentum, nesterov }: { rate: number; momentum: number; nesterov: boolean },
): SgdState {
  const step = constant(rate).times(gradient);
  if (momentum === 0) return { parameter: parameter.minus(step), velocity };
  const next = constant(momentum).times(velocity).minus(step);
  const change = nesterov ? constant(momentum).times(next).minus(step) : next;
  return { parameter: parameter.plus(change), velocity: next };
}

export interface AmsgradState {
  readonly parameter: Rounded;
  readonly m: Rounded;
  readonly v: Rounded;
  readonly vHat: Rounded;
}

/** @param rate  with both bias corrections */
export function amsgradStep(
  { parameter, m, v, vHat }: AmsgradState,
  gradient: Rounded,
  { rate, beta1, beta2, epsilon }: { rate: number; beta1: number; beta2: number; epsilon: number },
): AmsgradState {
  const nextM = average(m, gradient, beta1);
  const nextV = average(v, gradient.squared(), beta2);
  const largest = nextV.or(vHat);
  const step = constant(rate)
    .times(nextM)
    .over(largest.root().plus(constant(epsilon)));
  return { parameter: parameter.minus(step), m: nextM, v: nextV, vHat: largest };
}

export interface RmspropState {
  readonly parameter: Rounded;
  readonly velocity: Rounded;
  readonly momentum: Rounded;
  readonly average: Rounded;
}

export interface RmspropSettings {
  readonly rate: number;
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;
}

export function rmspropStep(
  state: RmspropState,
  gradient: Rounded,
  { rate, rho, momentum, epsilon, centered }: RmspropSettings,
): RmspropState {
  const velocity = average(state.velocity, gradient.squared(), rho);
  const mean = centered ? average(state.average, gradient, rho) : state.average;
  const variance = centered ? velocity.minus(mean.squared()).or(Rounded.exact(0)) : velocity;
  const increment = constant(rate)
    .times(gradient)
    .over(variance.plus(constant(epsilon)).root());
  const step = momentum > 0 ? constant(momentum).times(state.momentum).plus(increment) : increment;
  return {
    parameter: state.parameter.minus(step),
    velocity,
    momentum: momentum > 0 ? step : state.momentum,
    average: mean,
  };
}

export interface LionState {
  readonly parameter: Rounded;
  readonly momentum: Rounded;
}

export function lionStep(
  { parameter, momentum }: LionState,
  gradient: Rounded,
  { rate, beta1, beta2 }: { rate: number; beta1: number; beta2: number },
): LionState {
  const direction = average(momentum, gradient, beta1).sign();
  return {
    parameter: parameter.minus(constant(rate).times(direction)),
    momentum: average(momentum, gradient, beta2),
  };
}

/** p − p · weightDecay · learningRate, the product of both constants being rounded once. */
export function decayed(parameter: Rounded, weightDecay: number, learningRate: number): Rounded {
  return parameter.minus(parameter.times(constant(weightDecay * learningRate)));
}

/** g + l1 · sign(p) + 2 · l2 · p */
export function regularized(parameter: Rounded, gradient: Rounded, l1: number, l2: number): Rounded {
  const slope = constant(2 * l2).times(parameter);
  return gradient.plus(constant(l1).times(parameter.sign()).plus(slope));
}

/** keep · mean + (1 − keep) · value */
export function average(mean: Rounded, value: Rounded, keep: number): Rounded {
  return mean.times(constant(keep)).plus(value.times(constant(1 - keep)));
}
