import { builtModel } from './builtModel.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Model } from './model.ts';
import { partsOfJson } from './modelJson.ts';
import type { SequentialOptions } from './options.ts';

/**
 * The model that a checkpoint was taken of, as it was then.
 * @param source  for messages: the file that it is from
 * @param options  what is given counts more than what the checkpoint says
 * @throws FormatError if the network cannot be built, or the weights are not its own
 */
export function modelOfCheckpoint(
  { network, seed, classNames, imageFit, weights }: Checkpoint,
  source: string,
  options: SequentialOptions,
): Model {
  const parts = partsOfJson(network, `${source}: its network`);
  const saved = { ...parts, seed, classNames: classNames ?? undefined, imageFit: imageFit ?? undefined };
  const model = builtModel(`${source}: its network`, saved, options);
  model.setWeights(weights, source);
  return model;
}
