/** The model that a training begins with. */
import type { Tier } from '../../engine/tier.ts';
import { OptionError } from '../../errors.ts';
import { buildNetwork } from '../../nn/network.ts';
import type { Recipe } from '../../recipes/recipe.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { modelFromJSON, sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import { loadWeights } from '../../training/modelOnDisk.ts';
import { haveNormalization, normalized } from '../../training/normalizing.ts';
import { taskOf } from '../datasets.ts';
import { mustFit } from '../fits.ts';
import { partsOf } from '../networkOptions.ts';
import { freeze } from './freezing.ts';
import { modelFrom, type Origin, type Source } from './from.ts';
import type { TrainValues } from './surroundings.ts';
import { USUAL_NETWORK } from './trainOptions.ts';

/** What decides on it besides the options. */
export interface Beginning {
  readonly recipe: Recipe | undefined;
  /** The names of the options that were given. */
  readonly given: ReadonlySet<string>;
  readonly tier: Tier;
  /** The model of --from. */
  readonly from: Source | undefined;
  /** Where a run goes on. */
  readonly checkpoint: Checkpoint | undefined;
}

export interface BegunModel {
  readonly model: Model;
  readonly origin?: Origin;
  /** Whether it is to be adapted to the images. */
  readonly normalize: boolean;
}

/**
 * The network with the weights that it begins with: whether all that fits is known without any images.
 * @throws OptionError if it does not; DataError, FormatError for a file that cannot be read
 */
export async function begunModel(
  values: TrainValues,
  { recipe, given, tier, from, checkpoint }: Beginning,
): Promise<BegunModel> {
  const task = await taskOf(values);
  const options = {
    seed: values.seed,
    tier,
    convolution: values.conv,
    classNames: task.classNames,
    imageFit: task.imageFit,
    ...(values.threads !== undefined && { threads: values.threads }),
  };
  // The files that it was made of may be gone.
  if (checkpoint) return { model: modelFromJSON(checkpoint.network, options), normalize: values.normalize };
  if (from) {
    const begun = await modelFrom(from, task, options);
    freeze(begun.model, values.freeze);
    return { ...begun, normalize: false };
  }
  const { network = USUAL_NETWORK } = values;
  const weights = values.init === undefined ? undefined : await loadWeights(values.init);
  const { layers, pixelScale } = recipe
    ? { layers: recipe.layers(task), pixelScale: 1 as const }
    : await partsOf(network, { ...task, dropout: values.dropout });
  mustFit(buildNetwork(layers), task, recipe?.name ?? network);
  const own = haveNormalization(layers);
  if (own && given.has('normalize') && values.normalize)
    throw new OptionError('--normalize: the network has a normalization of its own: leave one of them out.');
  const normalize = values.normalize && !own;
  const model = sequential(normalize ? normalized(layers) : layers, { ...options, pixelScale });
  if (weights) model.setWeights(weights, values.init);
  freeze(model, values.freeze);
  return { model, normalize };
}
