/** What of an optimizer's options applies to which weight. */
import { OptionError } from '../../errors.ts';
import { nearest } from '../../suggest.ts';
import type { CommonConfig } from './commonOptions.ts';

/** What differs from weight to weight: those that agree in it can be updated together. */
export interface WeightSettings {
  /** Of the learning rate. */
  readonly multiplier: number;
  /** What decayWeights takes: 0 for none, and the multiplier included. */
  readonly weightDecay: number;
}

/** @param name  `layer/weight` */
export function weightSettings(config: CommonConfig, name: string): WeightSettings {
  const { weightDecay, excludeFromWeightDecay, learningRateMultipliers } = config;
  const multiplier =
    Object.entries(learningRateMultipliers).findLast(([pattern]) => fitsPattern(pattern, name))?.[1] ?? 1;
  const decays = !excludeFromWeightDecay.some((part) => name.includes(part));
  return { multiplier, weightDecay: decays ? (weightDecay ?? 0) * multiplier : 0 };
}

/**
 * Notices slips in the names that multipliers are for.
 * @param names  all weights that can be trained, frozen or not
 * @throws OptionError for a multiplier that applies to none of them
 */
export function checkMultipliers(
  { learningRateMultipliers, excludeFromWeightDecay }: CommonConfig,
  names: readonly string[],
): void {
  const idle = excludeFromWeightDecay.find((part) => !names.some((name) => name.includes(part)));
  if (idle !== undefined) {
    throw new OptionError(
      `excludeFromWeightDecay has "${idle}", which is in no name of a weight that can be trained.`,
    );
  }
  const useless = Object.keys(learningRateMultipliers).find(
    (pattern) => !names.some((name) => fitsPattern(pattern, name)),
  );
  if (useless === undefined) return;
  const meant = nearest(useless, [...new Set(names.map(layerOf)), ...names]);
  const remedy = meant === undefined ? `There are ${names.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new OptionError(
    `learningRateMultipliers has "${useless}", which is no layer or weight that can be trained. ${remedy}`,
  );
}

/** @param pattern  of a layer's name or a weight's, `*` standing for any letters */
export function fitsPattern(pattern: string, name: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  const expression = new RegExp(`^${escaped.join('.*')}$`);
  return expression.test(name) || expression.test(layerOf(name));
}

function layerOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}
