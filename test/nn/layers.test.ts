/** Every type of layer inside a network: its output and all gradients against float64, and its options. */
import { describe, expect, it } from 'vitest';
import { availableTiers, type Tier } from '../../src/engine/tier.ts';
import { OptionError } from '../../src/errors.ts';
import { channelMoments } from '../../src/nn/layers/normalization.ts';
import { layerDefinition, layerTypes } from '../../src/nn/layers/registry.ts';
import { meanSquaredError } from '../../src/nn/losses/regression.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { objectiveOf } from '../../src/nn/objective.ts';
import type { ConvolutionChoice } from '../../src/nn/operations/convolutionAlgorithm.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { initializeParameters, tensorsIn } from '../../src/nn/parameters.ts';
import { Session, type FillBatch } from '../../src/nn/session.ts';
import { size } from '../../src/nn/shape.ts';
import { parseLayerSpec } from '../../src/nn/spec.ts';
import { uniform } from '../reference/data.ts';
import { forwardPass, type Draws } from '../reference/forwardPass.ts';
import { expectWithin, growth } from '../reference/tolerance.ts';
import { cases, type LayerCase } from './layerCases.ts';

const COUNT = 3;
const DRAWS: Draws = { seed: 2 ** 33 + 12, step: 5 };

/** Far more roundings than lie between an image and any result, each relative to the largest value of a tensor. */
const ROUNDINGS = 2000;

interface Prepared {
  readonly network: Network;
  readonly parameters: Float32Array;
  readonly images: Float32Array;
  readonly targets: Float32Array;
}

function prepare({ name, layers }: LayerCase, convolution: ConvolutionChoice = 'auto'): Prepared {
  const network = buildNetwork(layers, convolution);
  const parameters = initializeParameters(network, 3);
  for (const [weight, { data }] of tensorsIn(network, parameters)) {
    if (weight.endsWith('/bias')) data.set(uniform(`${name} ${weight}`, data.length, -0.2, 0.2));
  }
  return {
    network,
    parameters,
    images: uniform(`${name} images`, COUNT * size(network.inputShape)),
    targets: uniform(`${name} targets`, COUNT * size(network.outputShape)),
  };
}

/** The gradient of a weight, at some of its values. */
interface Slopes {
  readonly indices: readonly number[];
  readonly slopes: Float64Array;
}

/** All indices, or as many as do not take too long. */
function spread(length: number): number[] {
  const most = 16;
  return Array.from({ length: Math.min(length, most) }, (_, i) =>
    Math.floor((i * Math.max(length, most)) / most),
  );
}

/** The central difference of a loss that depends on `values`. */
function slopeAt(values: Float64Array, i: number, loss: () => number): number {
  const step = 2 ** -16;
  const value = values[i]!;
  const at = (moved: number): number => {
    values[i] = moved;
    return loss();
  };
  const slope = (at(value + step) - at(value - step)) / (2 * step);
  values[i] = value;
  return slope;
}

/** The predictions, the outputs in training and the gradients of the mean squared error, by central differences in float64. */
function expectedOf({ network, parameters, images, targets }: Prepared) {
  const tensors = [...tensorsIn(network, parameters)];
  const weights = new Map(tensors.map(([name, { data }]) => [name, Float64Array.from(data)]));
  const pixels = Float64Array.from(images);
  const pass = (draws?: Draws): Float64Array => forwardPass(network, weights, pixels, COUNT, draws);
  const loss = (): number =>
    pass(DRAWS).reduce((sum, value, i) => sum + (value - targets[i]!) ** 2, 0) / targets.length;
  const gradients = [...weights].map(([name, values]): [string, Slopes] => {
    const indices = spread(values.length);
    return [name, { indices, slopes: Float64Array.from(indices, (i) => slopeAt(values, i, loss)) }];
  });
  return { predictions: pass(), outputs: pass(DRAWS), loss: loss(), gradients };
}

function expectClose(what: string, actual: ArrayLike<number>, expected: Float64Array): void {
  const largest = Math.max(...expected.map(Math.abs));
  expectWithin(
    what,
    actual,
    expected,
    expected.map(() => growth(ROUNDINGS) * largest),
  );
}

async function sessionOf({ network, parameters }: Prepared, tier: Tier): Promise<Session> {
  const objective = objectiveOf({
    loss: meanSquaredError(),
    metrics: [],
    layout: 'values',
    weighted: false,
    outputShape: network.outputShape,
  });
  const optimizer = sgd();
  // More room than images: a batch need not be full.
  const options = { tier, threads: 0, batch: COUNT + 2, seed: DRAWS.seed, objective, optimizer };
  const session = await Session.create(network, options);
  session.writeParameters(parameters);
  session.writeOptimizerState({ ...session.readOptimizerState(), steps: DRAWS.step });
  return session;
}

async function check(prepared: Prepared, expected: ReturnType<typeof expectedOf>, tier: Tier): Promise<void> {
  const fill: FillBatch<'float32'> = ({ images, values }) => {
    images.set(prepared.images);
    values.set(prepared.targets);
  };
  const session = await sessionOf(prepared, tier);
  // Twice, with something else in between: memory is used again and again.
  const predicted = await session.predict(COUNT, 'float32', fill);
  await session.differentiate(COUNT, 'float32', fill);
  const again = await session.predict(COUNT, 'float32', fill);
  const { sums, output } = await session.differentiate(COUNT, 'float32', fill);
  const gradients = tensorsIn(prepared.network, await session.readGradients());
  const trained = await session.train(COUNT, 'float32', fill);
  await session.dispose();

  expectClose('predictions', predicted, expected.predictions);
  expect(again).toEqual(predicted);
  expectClose('outputs', output, expected.outputs);
  expectClose('loss', [sums[0]! / COUNT], Float64Array.of(expected.loss));
  expect(trained.sums).toEqual(sums);
  for (const [name, { indices, slopes }] of expected.gradients) {
    const { data } = gradients.get(name)!;
    expectClose(
      name,
      indices.map((i) => data[i]!),
      slopes,
    );
  }
}

describe.each(cases)('$name', (c) => {
  const prepared = prepare(c);
  const expected = expectedOf(prepared);

  it('has gradients that show what is wrong', () => {
    for (const [, { slopes }] of expected.gradients) {
      expect(Math.max(...slopes.map(Math.abs))).toBeGreaterThan(1e-4);
    }
  });

  it.each(availableTiers())('is what float64 says on %s', (tier) => check(prepared, expected, tier));

  it('is what float64 says by im2col', () => check(prepare(c, 'im2col'), expected, 'simd'));

  it('comes back from JSON', () => {
    const { specs } = prepared.network;
    expect(specs.map((spec) => parseLayerSpec(JSON.parse(JSON.stringify(spec))))).toEqual(specs);
  });
});

describe('layers', () => {
  it('all say what they are', () => {
    expect(new Set(layerTypes()).size).toBe(layerTypes().length);
    for (const { layers } of cases) {
      for (const spec of layers) expect(layerDefinition(spec.type)!.describe(spec)).toMatch(/\w/);
    }
  });

  const refused: readonly (readonly [object, string])[] = [
    [{ type: 'depthwiseConv2d', kernelSize: 3, depthMultiplier: 0 }, 'depthwiseConv2d: depthMultiplier'],
    [{ type: 'depthwiseConv2d', kernelSize: 3, filters: 4 }, 'depthwiseConv2d has no option "filters"'],
    [{ type: 'depthwiseConv2d', kernelSize: 3, strides: 2, dilationRate: 2 }, 'depthwiseConv2d: strides and'],
    [{ type: 'separableConv2d', kernelSize: 3 }, 'separableConv2d: filters'],
    [{ type: 'separableConv2d', filters: 3, kernelSize: 3, padding: 'full' }, 'separableConv2d: padding'],
    [{ type: 'dropout' }, 'dropout: rate'],
    [{ type: 'dropout', rate: 1 }, 'dropout: rate'],
    [{ type: 'spatialDropout2d', rate: 0.5, seed: -1 }, 'spatialDropout2d: seed'],
    [{ type: 'averagePooling2d', poolSize: 0 }, 'averagePooling2d: poolSize'],
    [{ type: 'averagePooling2d', padding: [[1, 2, 3], 0] }, 'averagePooling2d: padding'],
    [{ type: 'maxPooling2d', padding: -1 }, 'maxPooling2d: padding'],
    [{ type: 'conv2d', filters: 3, kernelSize: 3, padding: [1, 2, 3, 4] }, 'conv2d: padding'],
    [
      { type: 'conv2d', filters: 3, kernelSize: 3, padding: null },
      'conv2d: padding must be valid, same, a number',
    ],
    [{ type: 'globalMaxPooling2d', keepdims: 1 }, 'globalMaxPooling2d: keepdims'],
    [{ type: 'multiply', axis: 1 }, 'multiply has no option "axis"'],
    [{ type: 'zeroPadding2d', padding: -1 }, 'zeroPadding2d: padding'],
    [{ type: 'zeroPadding2d', padding: [1, 2, 3] }, 'zeroPadding2d: padding'],
    [{ type: 'cropping2d', cropping: [[1, 2, 3], 1] }, 'cropping2d: cropping'],
    [
      { type: 'upSampling2d', interpolation: 'bilinear' },
      'upSampling2d: interpolation "bilinear" is not supported',
    ],
    [{ type: 'randomFlip', mode: 'diagonal' }, 'randomFlip: mode'],
    [{ type: 'randomFlip', alternate: 1 }, 'randomFlip: alternate'],
    [{ type: 'randomTranslation', heightFactor: 0.1 }, 'randomTranslation: widthFactor'],
    [{ type: 'randomTranslation', heightFactor: 2, widthFactor: 0 }, 'randomTranslation: heightFactor'],
    [{ type: 'randomRotation', factor: [0, 0.5, 1] }, 'randomRotation: factor must be a number or two'],
    [{ type: 'randomRotation', factor: 0.1, fillMode: 'zero' }, 'randomRotation: fillMode'],
    [{ type: 'randomRotation', factor: 0.1, interpolation: 'nearest' }, 'randomRotation: interpolation'],
    [{ type: 'randomZoom', heightFactor: 0.1, fillValue: null }, 'randomZoom: fillValue'],
    [{ type: 'randomBrightness' }, 'randomBrightness: factor'],
    [{ type: 'randomContrast', factor: -0.1 }, 'randomContrast: factor'],
    [{ type: 'randomSaturation', factor: 1.5 }, 'randomSaturation: factor'],
    [{ type: 'randomSaturation', factor: 0.5, valueRange: [0, Infinity] }, 'randomSaturation: valueRange'],
    [{ type: 'cutout', size: 0 }, 'cutout: size'],
    [{ type: 'mixUp', alpha: 0 }, 'mixUp: alpha'],
    [{ type: 'mixUp', seed: 0.5 }, 'mixUp: seed'],
    [{ type: 'reshape' }, 'reshape: targetShape'],
    [{ type: 'reshape', targetShape: [-1, -1] }, 'reshape: targetShape'],
    [{ type: 'reshape', targetShape: [1, 2, 3, 4] }, 'reshape: targetShape'],
    [{ type: 'softmax', axis: 1 }, 'softmax: axis 1 is not supported'],
    [{ type: 'rescaling' }, 'rescaling: scale'],
    [{ type: 'rescaling', scale: [] }, 'rescaling: scale must not be empty'],
    [{ type: 'rescaling', scale: [1, null] }, 'rescaling: scale[1]'],
    [{ type: 'normalization', mean: 0 }, 'normalization needs mean and variance'],
    [{ type: 'normalization', mean: 0, variance: -1 }, 'normalization: variance'],
  ];

  it.each(refused)('refuse %j', (options, message) => {
    expect(() => parseLayerSpec(options)).toThrow(OptionError);
    expect(() => parseLayerSpec(options)).toThrow(message);
  });

  const unfitting: readonly (readonly [object, string])[] = [
    [{ type: 'depthwiseConv2d', kernelSize: 9 }, 'Layer "it": a window of 9×9'],
    [{ type: 'cropping2d', cropping: 3 }, 'Layer "it": cropping2d'],
    [{ type: 'conv2d', filters: 1, kernelSize: 9, padding: 1 }, 'Layer "it": a window of 9×9'],
    [
      { type: 'maxPooling2d', padding: [[2, 0], 0] },
      'Layer "it": some windows of 2×2 would lie on padding alone',
    ],
    [{ type: 'averagePooling2d', padding: [0, [0, 2]] }, 'Layer "it": some windows of 2×2'],
    [
      { type: 'maxPooling2d', poolSize: 3, strides: 2, padding: [0, [1, 4]] },
      'Layer "it": some windows of 3×3',
    ],
    [{ type: 'reshape', targetShape: [5, -1] }, 'Layer "it": the 72 values'],
    [{ type: 'rescaling', scale: [1, 2, 3] }, 'Layer "it": scale has 3 numbers'],
    [{ type: 'multiply', inputs: ['images'] }, 'Layer "it": multiply takes two inputs or more, not 1'],
    [{ type: 'multiply', inputs: ['images', 'other'] }, 'Layer "it": multiply takes inputs of one shape'],
  ];

  it.each([
    [0, 'valid'],
    [[0, 0], 'valid'],
    [[0, [0, 0]], 'valid'],
    [
      2,
      [
        [2, 2],
        [2, 2],
      ],
    ],
    [
      [1, [0, 3]],
      [
        [1, 1],
        [0, 3],
      ],
    ],
    ['same', 'same'],
  ])('have padding in one form: %j → %j', (padding, expected) => {
    for (const type of ['conv2d', 'depthwiseConv2d', 'separableConv2d', 'maxPooling2d', 'averagePooling2d']) {
      const convolution = type.endsWith('onv2d') && { kernelSize: 3 };
      const filters = ['conv2d', 'separableConv2d'].includes(type) && { filters: 3 };
      const spec = parseLayerSpec({ type, padding, ...convolution, ...filters });
      expect(spec).toMatchObject({ padding: expected });
      const says = layerDefinition(type)!.describe(spec);
      expect(says.includes('padding')).toBe(typeof expected !== 'string');
    }
  });

  it.each(unfitting)('refuse what does not fit: %j', (options, message) => {
    const other = parseLayerSpec({ type: 'cropping2d', name: 'other', cropping: 1, inputShape: [6, 6, 2] });
    const spec = { ...parseLayerSpec({ inputs: ['images'], ...options }), name: 'it' };
    expect(() => buildNetwork([other, spec])).toThrow(message);
  });

  it('refuse vectors where they take images', () => {
    const flat = parseLayerSpec({ type: 'flatten', inputShape: [2, 2, 2] });
    expect(() => buildNetwork([flat, parseLayerSpec({ type: 'zeroPadding2d' })])).toThrow(
      'but its input is flat',
    );
  });
});

describe('channelMoments', () => {
  it('are the mean and the variance of each channel', () => {
    const floats = channelMoments(Float32Array.of(1, 10, 3, 10, 5, 10, 7, 14), 2);
    expect(floats).toEqual({ mean: [4, 11], variance: [5, 3] });
    expect(channelMoments(Uint8Array.of(0, 255), 1)).toEqual({ mean: [0.5], variance: [0.25] });
    expect(channelMoments(Uint8Array.of(0, 255), 1, 255)).toEqual({ mean: [127.5], variance: [127.5 ** 2] });
  });

  it('refuse what is no image', () => {
    expect(() => channelMoments(new Uint8Array(7), 3)).toThrow('channelMoments: 7 values');
  });
});
