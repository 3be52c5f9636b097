/** Whether a model is given the mean and the deviation of the images, and what it was given, in words. */
import { OptionError } from '../../errors.ts';
import type { NormalizationData } from '../../nn/layers/normalization.ts';
import type { Model } from '../../training/model.ts';
import { isFolderName } from '../pictures/folderOptions.ts';
import type { TrainValues } from './surroundings.ts';

/**
 * The options with what --normalize comes to: pictures of a folder are normalized if nothing is said, but for weights that have learnt from
 * images as they were.
 * @param given  the names of the options that were given
 * @throws OptionError if both are given
 */
export function withNormalizing(values: TrainValues, given: ReadonlySet<string>): TrainValues {
  const { dataset, from, init, normalize, noNormalize } = values;
  if (normalize && noNormalize) throw new OptionError('Give --normalize or --no-normalize, not both.');
  if (given.has('normalize')) return values;
  const begins = from === undefined && init === undefined;
  return { ...values, normalize: begins && isFolderName(dataset) && !noNormalize };
}

/** What the first layer takes away and divides by, in words. */
export function momentsText({ network }: Model): string | undefined {
  const first = network.specs.find(({ type }) => type === 'normalization') as NormalizationData | undefined;
  if (!first) return undefined;
  const shown = (values: NormalizationData['mean']): string =>
    [values]
      .flat()
      .map((value) => value.toFixed(4))
      .join(', ');
  const deviations = [first.variance].flat().map((variance) => Math.sqrt(variance));
  return `Normalized by the mean ${shown(first.mean)} and the deviation ${shown(deviations)}`;
}
