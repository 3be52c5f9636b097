/** The model that was loaded, as it was then: a training goes on from it as often as one likes. */
import type { Dataset } from '../../data/dataset.ts';
import { buildNetwork, type Network } from '../../nn/network.ts';
import type { Tensor } from '../../nn/parameters.ts';
import { withSettings, type LayerSpec } from '../../nn/spec.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import type { Model } from '../../training/model.ts';
import { partsOfJson } from '../../training/modelJson.ts';
import type { SequentialOptions } from '../../training/options.ts';
import { transfer } from '../../training/transfer.ts';
import { DATASET_NAMES } from '../datasetNames.ts';
import type { LoadedChoice, Settings } from '../settings.ts';
import type { Data } from './datasets.ts';

export interface LoadedModel {
  /** Of its file. */
  readonly name: string;
  readonly network: Network;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** How it takes images. */
  readonly options: Pick<SequentialOptions, 'layout' | 'pixelScale'>;
}

/** A loaded model made ready for some images and their classes. */
export interface Continuation {
  readonly layers: readonly LayerSpec[];
  readonly options: LoadedModel['options'];
  /** The layers whose weights are drawn anew. */
  readonly madeAnew: readonly string[];
  /** Gives a model of the layers the weights that stay. */
  readonly give: (model: Model) => void;
}

export function loadedModel(model: Model, name: string): LoadedModel {
  const { network, layout } = model;
  return { name, network, weights: model.getWeights(), options: { layout, pixelScale: network.pixelScale } };
}

/** What a training that began with a loaded model has made of it. */
export function ofCheckpoint({ network, weights }: Checkpoint): LoadedModel {
  const { layers, pixelScale, layout } = partsOfJson(network, 'The checkpoint');
  return { name: 'The checkpoint', network: buildNetwork(layers), weights, options: { layout, pixelScale } };
}

export function choiceOf({ name, network: { inputShape } }: LoadedModel): LoadedChoice {
  return { name, inputShape };
}

/** @throws OptionError if it cannot be made to fit the images and their classes */
export function continuation(
  { name, network, weights, options }: LoadedModel,
  { name: of, train }: { readonly name: Data['name']; readonly train: Dataset },
  trained: Settings['trained'],
): Continuation {
  const inputShape = [train.height, train.width, train.channels];
  const destination = { inputShape, classes: train.classNames.length, name: DATASET_NAMES[of] };
  const { layers, weights: kept, madeAnew } = transfer(network, weights, destination, name);
  return {
    layers: trained === 'last' ? onlyLastTrained(layers) : layers,
    options,
    madeAnew,
    give: (model) => {
      model.setWeights(new Map([...model.getWeights(), ...kept]), name);
    },
  };
}

/** Has only what tells classes apart be trained: the last layer with units or filters, and what is behind it. */
function onlyLastTrained(layers: readonly LayerSpec[]): LayerSpec[] {
  const last = layers.findLastIndex((spec) => 'units' in spec || 'filters' in spec);
  const { layers: built } = buildNetwork(layers);
  return layers.map((spec, i) =>
    i < last && built[i]!.weights.length > 0 ? withSettings(spec, { trainable: false }) : spec,
  );
}
