import { describe, expect, it } from 'vitest';
import { NETWORKS, networkPreset } from '../../src/networks/registry.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { OptionError } from '../../src/errors.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { operationsOf } from '../../src/nn/operationsCount.ts';
import { size, type Shape } from '../../src/nn/shape.ts';
import { conv2d, dense, flatten, parseLayerSpec } from '../../src/nn/spec.ts';

function build(name: string, inputShape: Shape, classes: number): Network {
  return buildNetwork(networkPreset(name, { inputShape, classes }));
}

function trainedCount({ weights }: Network): number {
  return weights.reduce((sum, { shape, trained }) => sum + (trained ? size(shape) : 0), 0);
}

const shapeOf = ({ layers }: Network, name: string): Shape =>
  layers.find((layer) => layer.name === name)!.outputShape;

describe('the networks', () => {
  it.each(NETWORKS.map(({ name, ...preset }) => [name, preset] as const))(
    '%s is data for what it was made for, and ends in probabilities',
    (_, { inputShape, classes, build: layersFor, description }) => {
      const specs = layersFor({ inputShape, classes, dropout: 0 });
      const network = buildNetwork(specs);
      expect(network.outputShape).toEqual([classes]);
      const { type, activation } = specs.at(-1) as { type: string; activation?: unknown };
      expect(activation ?? type).toBe('softmax');
      expect(description).not.toBe('');
      const read = JSON.parse(JSON.stringify(specs)) as unknown[];
      expect(buildNetwork(read.map(parseLayerSpec)).specs).toEqual(network.specs);
    },
  );

  it.each([
    // The sums of kernels and biases, by hand.
    ['tutorial', [32, 32, 3], 10, 319_178],
    ['lenet', [28, 28, 1], 10, 156 + 2416 + 48_120 + 10_164 + 850],
    ['mlp', [28, 28, 1], 10, 401_920 + 262_656 + 5130],
    ['allcnn', [32, 32, 3], 10, 2688 + 83_040 + 166_080 + 331_968 + 37_056 + 1930 + 6410],
    ['vgg', [32, 32, 3], 10, 1792 + 36_928 + 73_856 + 147_584 + 295_168 + 590_080 + 1_048_832 + 2570],
    ['patch', [64, 64, 3], 20, 7104 + 115_296 + 110_720 + 163_860],
    // torchvision's count for 10 classes less what its stem has more: 3·64·(49 − 9).
    ['resnet18', [32, 32, 3], 10, 11_173_962],
    ['resnet18', [224, 224, 3], 1000, 11_689_512],
    // keras.applications counts 3,538,984 in all.
    ['mobilenetv2', [224, 224, 3], 1000, 3_538_984 - 34_112],
  ] as const)('%s for %s has as many parameters as is known', (name, shape, classes, count) => {
    expect(trainedCount(build(name, shape, classes))).toBe(count);
  });

  it('count the states of batch normalisations as Keras does', () => {
    expect(build('resnet18', [32, 32, 3], 10).parameterCount).toBe(11_173_962 + 9600);
    expect(build('mobilenetv2', [224, 224, 3], 1000).parameterCount).toBe(3_538_984);
  });

  it('keep small images large at the front', () => {
    const small = build('resnet18', [64, 64, 3], 10);
    expect(shapeOf(small, 'stem_relu')).toEqual([64, 64, 64]);
    expect(shapeOf(small, 'stage4_block2_relu')).toEqual([8, 8, 512]);
    expect(shapeOf(build('resnet18', [224, 224, 3], 10), 'stage4_block2_relu')).toEqual([7, 7, 512]);
    expect(shapeOf(build('mobilenetv2', [32, 32, 3], 10), 'out_relu')).toEqual([4, 4, 1280]);
    expect(shapeOf(build('mobilenetv2', [96, 96, 3], 10), 'out_relu')).toEqual([3, 3, 1280]);
    expect(shapeOf(build('mobilenetv2', [96, 96, 3], 10), 'block_1_depthwise')).toEqual([24, 24, 96]);
  });

  it.each(NETWORKS.map(({ name }) => name))('%s drops as much as it is told to', (name) => {
    const specs = networkPreset(name, { inputShape: [64, 64, 3], classes: 4, dropout: 0.2 });
    const rates = specs.flatMap((spec) => (spec.type === 'dropout' ? [spec.rate] : []));
    expect(rates).toEqual(name === 'mlp' ? [0.2, 0.2] : [0.2]);
    expect(buildNetwork(specs).outputShape).toEqual([4]);
  });

  it('name what was meant, and refuse what is no network, no option or no size', () => {
    const options = { inputShape: [32, 32, 3], classes: 10 };
    expect(() => networkPreset('resnet81', options)).toThrow('did you mean "resnet18"?');
    expect(() => networkPreset('unheard-of', options)).toThrow('there are tutorial, ');
    expect(() => networkPreset('vgg', { ...options, drop: 0.1 } as never)).toThrow('no option "drop"');
    expect(() => networkPreset('vgg', { ...options, classes: 0 })).toThrow(OptionError);
    expect(() => networkPreset('vgg', { ...options, dropout: 1 })).toThrow('dropout');
    expect(() => networkPreset('vgg', { ...options, inputShape: [32, 32] })).toThrow('inputShape');
  });
});

describe('operationsOf', () => {
  it('is 16.5 and 47.6 MFLOP for the tutorial’s network, forward and in training', () => {
    const { forward, training } = operationsOf(buildNetwork(tutorialNetwork()));
    expect(forward / 1e6).toBeCloseTo(16.5, 1);
    expect(training / 1e6).toBeCloseTo(47.6, 1);
  });

  it('takes no gradient of what has nothing trained in front of it, and none of filters that are not trained', () => {
    const inputShape = [4, 4, 2];
    const count = (trainable: boolean): number =>
      operationsOf(
        buildNetwork([
          conv2d({ filters: 3, kernelSize: 1, inputShape, trainable }),
          flatten(),
          dense({ units: 5 }),
        ]),
      ).training;
    const [convolution, product] = [2 * 16 * 2 * 3, 2 * 48 * 5];
    expect(count(true)).toBe(2 * convolution + 3 * product);
    expect(count(false)).toBe(convolution + 2 * product);
    expect(operationsOf(buildNetwork([flatten({ inputShape }), dense({ units: 5 })])).training).toBe(
      2 * 2 * 32 * 5,
    );
  });
});
