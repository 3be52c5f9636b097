/** What the commands that run a model have in common. */
import { availableParallelism } from 'node:os';
import type { LabelledImages } from '../data/dataset.ts';
import { chooseTier, type Tier } from '../engine/tier.ts';
import { OptionError } from '../errors.ts';
import type { Model } from '../training/model.ts';
import { flag, oneOf, optional, required, text, wholeNumber, withDefault } from './options.ts';
import { printable } from './text.ts';

export const modelOption = required(
  'Model:',
  'A run or the file of a model, such as runs/…/model.safetensors.',
  text,
);

/** More threads would gain nothing, and thousands of them use up the memory. */
const MOST_THREADS = Math.max(256, availableParallelism());

export const engineOptions = {
  threads: optional('Engine:', 'How many threads to run in.', wholeNumber(1, MOST_THREADS), 'all cores'),
  tier: withDefault(
    'Engine:',
    'The build of the engine: simd gives the same bits on every machine, relaxed is faster, auto is the fastest here.',
    oneOf('auto', 'simd', 'relaxed'),
    'auto',
  ),
  turbo: flag('Engine:', 'Use AVX2, by an experimental feature of V8: faster. Node 24 or newer, on x64.'),
  conv: withDefault(
    'Engine:',
    'The algorithm of convolutions: im2col for all, winograd wherever it can be used, or auto, the fastest.',
    oneOf('auto', 'im2col', 'winograd'),
    'auto',
  ),
};

/** @throws OptionError if both are given, EngineError if the engine cannot run that way here */
export function chosenTier(tier: 'auto' | 'simd' | 'relaxed', turbo: boolean): Tier {
  if (turbo && tier !== 'auto') throw new OptionError(`Give --tier ${tier} or --turbo, not both.`);
  return chooseTier(turbo ? 'turbo' : tier);
}

export const batchSizeOption = withDefault('Training:', 'Images in a step.', wholeNumber(1), 64);

export const jsonOption = {
  json: flag('Output:', 'Print JSON Lines for programs; text for people goes to stderr.'),
};

/** What to say if the model learned other classes than the dataset has, which makes its answers meaningless there. */
export function classMismatch(model: Model, set: LabelledImages, datasetName: string): string | undefined {
  const { classNames } = model;
  if (!classNames || classNames.join() === set.classNames.join()) return undefined;
  return `simdnet: warning: the model was trained on other classes (${printable(classNames.slice(0, 3).join(', '))} …) than those of ${datasetName}.`;
}
