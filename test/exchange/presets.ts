import { networkPreset } from '../../src/networks/registry.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';

/** Networks that there are, each for images as it was made for, or smaller ones. */
export const PRESETS = [
  ['tutorial', [32, 32, 3]],
  ['vgg', [32, 32, 3]],
  ['allcnn', [32, 32, 3]],
  ['patch', [64, 64, 3]],
  ['lenet', [28, 28, 1]],
  ['mlp', [28, 28, 1]],
  ['mobilenetv2', [64, 64, 3]],
  ['airbench94', [32, 32, 3]],
  ['airbench95', [32, 32, 3]],
  ['resnet18', [32, 32, 3]],
] as const satisfies readonly (readonly [string, readonly number[]])[];

export type PresetName = (typeof PRESETS)[number][0];

/** The layers of one, for ten classes. */
export function presetLayers(name: PresetName): readonly LayerSpec[] {
  const [, inputShape] = PRESETS.find((each) => each[0] === name)!;
  return networkPreset(name, { inputShape, classes: 10 });
}
