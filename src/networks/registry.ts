/** The preset networks: one line each. */
import { OptionError } from '../errors.ts';
import { numberIn, positive, refuseUnknown } from '../nn/layers/options.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { quoted } from '../quoted.ts';
import { nearest } from '../suggest.ts';
import { airbench94, airbench95 } from './airbench.ts';
import { allcnn } from './allcnn.ts';
import { lenet } from './lenet.ts';
import { mlp } from './mlp.ts';
import { mobilenetv2 } from './mobilenetv2.ts';
import { patch } from './patch.ts';
import type { NetworkOptions, NetworkPreset } from './preset.ts';
import { resnet18 } from './resnet18.ts';
import { tutorial } from './tutorial.ts';
import { vgg } from './vgg.ts';

export type { NetworkOptions, NetworkPreset };

/** The networks that there are, smallest first. */
export const NETWORKS: readonly NetworkPreset[] = [
  tutorial,
  lenet,
  mlp,
  patch,
  allcnn,
  vgg,
  airbench94,
  airbench95,
  resnet18,
  mobilenetv2,
];

/** @throws OptionError if there is no network of that name */
export function presetNamed(name: string): NetworkPreset {
  const found = NETWORKS.find((each) => each.name === name);
  if (found) return found;
  const names = NETWORKS.map((each) => each.name);
  const meant = nearest(name, names);
  throw new OptionError(
    `There is no network "${name}"${meant ? `; did you mean "${meant}"?` : `; there are ${names.slice(0, -1).join(', ')} and ${names.at(-1)!}.`}`,
  );
}

/**
 * The layers of a known network, fresh ones each time: data as `sequential` takes them.
 * @throws OptionError if there is none of that name, or for an option out of range
 */
export function networkPreset(name: string, options: NetworkOptions): LayerSpec[] {
  const preset = presetNamed(name);
  refuseUnknown(name, options, ['inputShape', 'classes', 'dropout']);
  const { inputShape, classes, dropout = 0 } = options;
  if (!Array.isArray(inputShape) || inputShape.length !== 3) {
    throw new OptionError(
      `${name}: inputShape must be [height, width, channels], not ${quoted(inputShape)}.`,
    );
  }
  for (const extent of inputShape as readonly unknown[]) positive(name, 'inputShape', extent);
  positive(name, 'classes', classes);
  return preset.build({ inputShape, classes, dropout: numberIn(name, 'dropout', dropout, 0, 1) });
}
