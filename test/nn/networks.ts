/** Networks whose memory is planned in different ways. */
import { activation, reLU } from '../../src/nn/layers/activation.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { concatenate } from '../../src/nn/layers/concatenate.ts';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { globalAveragePooling2d } from '../../src/nn/layers/globalAveragePooling2d.ts';
import { add } from '../../src/nn/layers/merge.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import type { ConvolutionChoice } from '../../src/nn/operations/convolutionAlgorithm.ts';
import { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from '../../src/nn/spec.ts';

/** A layer that takes others' outputs. */
export function taking(spec: Spec, ...inputs: readonly string[]): LayerSpec {
  return { ...spec, inputs } as LayerSpec;
}

const same = { kernelSize: 3, padding: 'same', activation: 'relu' } as const;

/** As the tutorial's, of whatever size. */
export function chain(side: number, filters: number): LayerSpec[] {
  return [
    conv2d({ ...same, filters, inputShape: [side, side, 3] }),
    maxPooling2d(),
    conv2d({ ...same, filters: 2 * filters }),
    maxPooling2d(),
    conv2d({ ...same, filters: 2 * filters }),
    flatten(),
    dense({ units: 2 * filters, activation: 'relu' }),
    dense({ units: 5, activation: 'softmax' }),
  ];
}

/** Two blocks with a way around them, of which the second changes the size; `normal` has batch normalization in them. */
export function residual(side: number, filters: number, normal: boolean): LayerSpec[] {
  const linear = { kernelSize: 3, padding: 'same' } as const;
  const behind = (name: string): LayerSpec[] => (normal ? [batchNormalization({ name })] : []);
  return [
    conv2d({ ...same, name: 'stem', filters, inputShape: [side, side + 1, 3] }),
    conv2d({ ...linear, name: 'a1', filters }),
    ...behind('n1'),
    reLU({ name: 'r1' }),
    conv2d({ ...linear, name: 'a2', filters }),
    ...behind('n2'),
    taking(add({ name: 'sum1' }), normal ? 'n2' : 'a2', 'stem'),
    reLU({ name: 'r2' }),
    conv2d({ ...linear, name: 'b1', filters: 2 * filters, strides: 2 }),
    ...behind('n3'),
    reLU({ name: 'r3' }),
    conv2d({ ...linear, name: 'b2', filters: 2 * filters }),
    taking(conv2d({ name: 'around', kernelSize: 1, strides: 2, filters: 2 * filters }), 'r2'),
    taking(add({ name: 'sum2' }), 'b2', 'around'),
    activation({ name: 'r4', activation: 'relu' }),
    globalAveragePooling2d(),
    dense({ name: 'head', units: 5, activation: 'softmax' }),
  ];
}

/** A value that four others take, all of them put side by side again. */
export function branches(side: number): LayerSpec[] {
  return [
    conv2d({ ...same, name: 'stem', filters: 8, inputShape: [side, side, 3] }),
    taking(conv2d({ ...same, name: 'wide', filters: 4, kernelSize: 5 }), 'stem'),
    taking(conv2d({ ...same, name: 'narrow', filters: 8 }), 'stem'),
    taking(maxPooling2d({ name: 'pool', poolSize: 3, strides: 1, padding: 'same' }), 'stem'),
    taking(activation({ name: 'smooth', activation: 'gelu' }), 'stem'),
    taking(concatenate({ name: 'all' }), 'wide', 'narrow', 'pool', 'smooth', 'stem'),
    conv2d({ ...same, name: 'last', filters: 6 }),
    flatten(),
    dense({ units: 5, activation: 'softmax' }),
  ];
}

export interface NamedNetwork {
  readonly name: string;
  readonly network: Network;
}

export function networks(convolution: ConvolutionChoice = 'auto'): NamedNetwork[] {
  const of = (name: string, layers: readonly LayerSpec[]): NamedNetwork => ({
    name,
    network: buildNetwork(layers, convolution),
  });
  return [
    of('a chain', chain(12, 8)),
    of('a residual network', residual(9, 8, false)),
    of('a residual network with batch normalization', residual(9, 8, true)),
    of('branches', branches(9)),
  ];
}
