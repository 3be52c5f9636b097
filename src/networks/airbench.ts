/** The small networks that learn CIFAR-10 fastest (Jordan 2024, arXiv 2404.00498): a convolution that whitens, and three blocks. */
import { activation } from '../nn/layers/activation.ts';
import { batchNormalization } from '../nn/layers/batchNormalization.ts';
import { conv2d } from '../nn/layers/conv2d.ts';
import { dense } from '../nn/layers/dense.ts';
import { flatten } from '../nn/layers/flatten.ts';
import { maxPooling2d } from '../nn/layers/maxPooling2d.ts';
import { rescaling } from '../nn/layers/rescaling.ts';
import { softmax } from '../nn/layers/softmax.ts';
import { identity } from '../nn/initializers/identity.ts';
import { varianceScaling } from '../nn/initializers/varianceScaling.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { chain, dropping, type NetworkPreset } from './preset.ts';

/** The layer whose filters a recipe takes from the images. */
export const WHITENING = 'whiten';
/** The last dense layer, and what scales its outputs. */
export const LOGITS = 'logits';
export const LOGITS_SCALED = 'logits_scaled';

/** Uniform within ±1/√fanIn, as PyTorch has it by default. */
const UNIFORM_SCALE = 1 / 3;

function uniform() {
  return varianceScaling({ scale: UNIFORM_SCALE, mode: 'fanIn', distribution: 'uniform' });
}

/** What the last dense layer's outputs are multiplied by. */
const LOGIT_SCALE = 1 / 9;

/** Data only: a call would keep all layers in a bundle that uses none of them. */
export const airbench94: NetworkPreset = {
  name: 'airbench94',
  description: 'six 3×3 convolutions of 64, 256, 256 filters with batch normalisation, 2 million parameters',
  inputShape: [32, 32, 3],
  classes: 10,
  build: (options) => airbench([64, 256, 256], options),
};

export const airbench95: NetworkPreset = {
  name: 'airbench95',
  description:
    'six 3×3 convolutions of 128, 384, 384 filters with batch normalisation, 4.6 million parameters',
  inputShape: [32, 32, 3],
  classes: 10,
  build: (options) => airbench([128, 384, 384], options),
};

function airbench(
  filters: readonly [number, number, number],
  { inputShape, classes, dropout }: Parameters<NetworkPreset['build']>[0],
): LayerSpec[] {
  return chain(inputShape, [
    conv2d({
      name: WHITENING,
      filters: 8 * inputShape[2]!,
      kernelSize: 2,
      kernelInitializer: uniform(),
      biasInitializer: 'zeros',
    }),
    gelu(`${WHITENING}_gelu`),
    ...filters.flatMap((count, i) => block(`block${i + 1}`, count)),
    maxPooling2d({ name: 'pool', poolSize: 3 }),
    flatten({ name: 'flatten' }),
    ...dropping(dropout),
    dense({ name: LOGITS, units: classes, useBias: false, kernelInitializer: uniform() }),
    rescaling({ name: LOGITS_SCALED, scale: LOGIT_SCALE }),
    softmax({ name: 'predictions' }),
  ]);
}

function block(name: string, filters: number): LayerSpec[] {
  const normalized = (part: string): LayerSpec[] => [
    batchNormalization({ name: `${name}_bn${part}`, momentum: 0.6, epsilon: 1e-12, scale: false }),
    gelu(`${name}_gelu${part}`),
  ];
  return [
    convolution(`${name}_conv1`, filters),
    maxPooling2d({ name: `${name}_pool` }),
    ...normalized('1'),
    convolution(`${name}_conv2`, filters),
    ...normalized('2'),
  ];
}

/** Its first filters pass their channel through, so that at the beginning whatever is seen arrives at the end. */
function convolution(name: string, filters: number): LayerSpec {
  return conv2d({
    name,
    filters,
    kernelSize: 3,
    padding: 'same',
    useBias: false,
    kernelInitializer: identity({ othersScale: UNIFORM_SCALE }),
  });
}

function gelu(name: string): LayerSpec {
  return activation({ name, activation: 'gelu' });
}
