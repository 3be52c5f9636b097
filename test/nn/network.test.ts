import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { conv2d, dense, flatten, maxPooling2d, parseLayerSpec } from '../../src/nn/spec.ts';

const tutorial = [
  conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [32, 32, 3] }),
  maxPooling2d(),
  conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
  maxPooling2d(),
  conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
  flatten(),
  dense({ units: 64, activation: 'relu' }),
  dense({ units: 10, activation: 'softmax' }),
];

describe("the tutorial's network", () => {
  const network = buildNetwork(tutorial);

  it('has the names that Keras gives', () => {
    expect(network.layers.map(({ name }) => name)).toEqual([
      'conv2d',
      'max_pooling2d',
      'conv2d_1',
      'max_pooling2d_1',
      'conv2d_2',
      'flatten',
      'dense',
      'dense_1',
    ]);
    expect(network.specs.map(({ name }) => name)).toEqual(network.layers.map(({ name }) => name));
  });

  it('has the shapes', () => {
    expect(network.inputShape).toEqual([32, 32, 3]);
    expect(network.layers.map(({ outputShape }) => outputShape)).toEqual([
      [32, 32, 32],
      [16, 16, 32],
      [16, 16, 64],
      [8, 8, 64],
      [8, 8, 64],
      [4096],
      [64],
      [10],
    ]);
  });

  it('has 319,178 parameters', () => {
    expect(network.parameterCount).toBe(319_178);
    expect(network.weights.every(({ trained, state }) => trained && !state)).toBe(true);
    expect(network.weights.map(({ name, shape }) => ({ name, shape }))).toEqual([
      { name: 'conv2d/kernel', shape: [3, 3, 3, 32] },
      { name: 'conv2d/bias', shape: [32] },
      { name: 'conv2d_1/kernel', shape: [3, 3, 32, 64] },
      { name: 'conv2d_1/bias', shape: [64] },
      { name: 'conv2d_2/kernel', shape: [3, 3, 64, 64] },
      { name: 'conv2d_2/bias', shape: [64] },
      { name: 'dense/kernel', shape: [4096, 64] },
      { name: 'dense/bias', shape: [64] },
      { name: 'dense_1/kernel', shape: [64, 10] },
      { name: 'dense_1/bias', shape: [10] },
    ]);
  });

  it('can be built again from its specs as JSON', () => {
    const specs = (JSON.parse(JSON.stringify(network.specs)) as unknown[]).map(parseLayerSpec);
    const again = buildNetwork(specs);
    expect(again.specs).toEqual(network.specs);
    expect(again.weights).toEqual(network.weights);
  });
});

describe('buildNetwork', () => {
  it('takes layers that were copied, and refuses mere data', () => {
    const layer = flatten({ inputShape: [2, 2, 1] });
    expect(buildNetwork([{ ...layer, name: 'other' }]).layers[0]!.name).toBe('other');
    const data = JSON.parse(JSON.stringify(layer)) as typeof layer;
    expect(() => buildNetwork([data])).toThrow('A layer of type "flatten" was not made by a function');
  });

  it('keeps given names and counts the others by their type', () => {
    const { layers } = buildNetwork([
      flatten({ inputShape: [2, 2, 1] }),
      dense({ units: 2, name: 'hidden' }),
      dense({ units: 2 }),
    ]);
    expect(layers.map(({ name }) => name)).toEqual(['flatten', 'hidden', 'dense_1']);
  });

  it('infers strides and paddings', () => {
    const { layers } = buildNetwork([
      conv2d({ filters: 4, kernelSize: [5, 3], strides: [2, 3], inputShape: [21, 17, 2] }),
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      maxPooling2d({ poolSize: [2, 1] }),
    ]);
    expect(layers.map(({ outputShape }) => outputShape)).toEqual([
      [9, 5, 4],
      [5, 3, 4],
      [2, 3, 4],
    ]);
  });

  const image = { inputShape: [8, 8, 3] };

  it('takes a dense layer over the channels of each pixel, and a softmax anywhere', () => {
    const { layers, weights } = buildNetwork([
      dense({ units: 4, activation: 'softmax', ...image }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
      dense({ units: 2 }),
    ]);
    expect(layers.map(({ outputShape }) => outputShape)).toEqual([[8, 8, 4], [256], [3], [2]]);
    expect(weights[0]).toMatchObject({ name: 'dense/kernel', shape: [3, 4] });
  });

  it.each([
    [[], 'The first layer needs an inputShape: [height, width, channels] of the images.'],
    [[flatten()], 'The first layer needs an inputShape: [height, width, channels] of the images.'],
    [
      [dense({ units: 3, inputShape: [5] })],
      'The inputShape [5] is not [height, width, channels]; for vectors, begin with flatten({ inputShape: [1, 1, length] }).',
    ],
    [
      [conv2d({ filters: 3, kernelSize: 9, ...image })],
      'Layer "conv2d": a window of 9×9 does not fit into its input of 8×8.',
    ],
    [
      [conv2d({ filters: 3, kernelSize: 3, ...image }), maxPooling2d({ poolSize: 7, name: 'p' })],
      'Layer "p": a window of 7×7 does not fit into its input of 6×6.',
    ],
    [
      [flatten(image), conv2d({ filters: 3, kernelSize: 1 })],
      'Layer "conv2d": conv2d takes images, but its input is flat. Put it before flatten.',
    ],
    [
      [flatten(image), maxPooling2d()],
      'Layer "max_pooling2d": maxPooling2d takes images, but its input is flat. Put it before flatten.',
    ],
    [
      [flatten(image), dense({ units: 3, name: 'a' }), dense({ units: 3, name: 'a' })],
      'Two layers are named "a": give one another name.',
    ],
    [
      [flatten(image), { ...dense({ units: 3 }), inputs: ['flat'] }],
      'Layer "dense": its input "flat" is no layer before it. Layers stand behind those that they take.',
    ],
    [
      [flatten(image), dense({ units: 3 }), { ...dense({ units: 2 }), inputs: ['flatten'] }],
      'Layer "dense": no layer takes its output. A network has one output, that of its last layer.',
    ],
    [
      [flatten({ ...image, name: 'dense_1' }), dense({ units: 3 }), dense({ units: 3 })],
      'Two layers are named "dense_1": give one another name.',
    ],
  ] as const)('says which layer does not fit and what to do: %j', (layers, message) => {
    expect(() => buildNetwork(layers)).toThrow(OptionError);
    expect(() => buildNetwork(layers)).toThrow(message);
  });

  it.each([
    ['flatten', 0, 'Layer "last": flatten has 0 inputs, but takes one.'],
    ['flatten', 2, 'Layer "last": flatten has 2 inputs, but takes one.'],
    ['add', 0, 'Layer "last": add has 0 inputs, but takes several.'],
    ['concatenate', 0, 'Layer "last": concatenate has 0 inputs, but takes several.'],
  ])('refuses %s with %i inputs', (type, count, message) => {
    const first = { type: 'reLU', name: 'first', inputShape: [2, 2, 1] };
    const layers = [first, { type, name: 'last', inputs: new Array<string>(count).fill('first') }];
    expect(() => buildNetwork(layers.map(parseLayerSpec))).toThrow(new OptionError(message));
  });
});
