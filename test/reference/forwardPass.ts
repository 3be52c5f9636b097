/** The forward pass of whole networks in float64, layer by layer as their specs say, written to be read. */
import type { Network } from '../../src/nn/network.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { IMAGES } from '../../src/nn/symbolic.ts';
import { randomStream } from '../../src/random.ts';
import { relu, sigmoidTwin, silu, softmaxRow, type ActivationTwin } from './activations.ts';
import { coloured, drawn, PLACES, sampled, type Bounds, type Shape3 } from './augmentation.ts';
import { averagePooling2dForward } from './averagePooling2d.ts';
import { broadcast, type Shape4 } from './broadcast.ts';
import { conv2dForward } from './conv2d.ts';
import { drops } from './counter.ts';
import { denseForward } from './dense.ts';
import { depthwiseForward } from './depthwiseConv2d.ts';
import { globalAverageForward, globalMaxForward } from './globalPooling2d.ts';
import { windows } from './windows.ts';

/** A batch of values of one shape. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** What random draws depend on while training. */
export interface Draws {
  readonly seed: number;
  readonly step: number;
}

/** A layer's weights by their own names; a bias that it does not have is zero. */
type Weigh = (name: string, length?: number) => Float64Array;

/**
 * @param weights  by the network's names
 * @param draws    for a pass of training; without, one of inference
 * @returns what the last layer gives
 */
export function forwardPass(
  network: Network,
  weights: ReadonlyMap<string, Float64Array>,
  images: Float64Array,
  batch: number,
  draws?: Draws,
): Float64Array {
  const values = new Map<string, Values>([[IMAGES, { shape: network.inputShape, data: images }]]);
  network.specs.forEach((spec, i) => {
    const inputs = network.inputs[i]!.map((input) => values.get(input)!);
    const weigh: Weigh = (name, length = 0) =>
      weights.get(`${spec.name!}/${name}`) ?? new Float64Array(length);
    const data = layerForward(spec, inputs, weigh, batch, draws);
    const activation = 'activation' in spec ? spec.activation : 'linear';
    values.set(spec.name!, { shape: network.layers[i]!.outputShape, data: activated(activation, data) });
  });
  return values.get(network.layers.at(-1)!.name)!.data;
}

const TWINS: Readonly<Record<string, ActivationTwin>> = {
  relu: relu(Infinity, 0, 0),
  relu6: relu(6, 0, 0),
  sigmoid: sigmoidTwin,
  silu,
};

function activated(name: string, values: Float64Array): Float64Array {
  return name === 'linear' ? values : values.map((value) => TWINS[name]!.reference(value));
}

function layerForward(
  spec: LayerSpec,
  inputs: readonly Values[],
  weigh: Weigh,
  batch: number,
  draws: Draws | undefined,
): Float64Array {
  const [input] = inputs as [Values];
  const { shape, data } = input;
  const channels = shape.at(-1)!;
  const image = { batch, channels, pixels: shape[0]! * shape[1]! };
  switch (spec.type) {
    case 'conv2d': {
      const { filters, groups = 1, dilationRate } = spec;
      const place = windows(batch, shape, spec.kernelSize, spec.strides, spec.padding, dilationRate);
      return conv2dForward(
        { ...place, channels, filters, groups },
        data,
        weigh('kernel'),
        weigh('bias', filters),
      );
    }
    case 'dense':
      return denseForward(
        // Each pixel, each row by itself.
        { batch: data.length / channels, inputs: channels, units: spec.units },
        data,
        weigh('kernel'),
        weigh('bias', spec.units),
      );
    case 'depthwiseConv2d':
      return depthwise(spec, input, batch, weigh('kernel'), weigh('bias', channels * spec.depthMultiplier))
        .data;
    case 'separableConv2d': {
      const between = depthwise(
        spec,
        input,
        batch,
        weigh('depthwise_kernel'),
        weigh('', channels * spec.depthMultiplier),
      );
      const place = windows(batch, between.shape, [1, 1], [1, 1], 'valid');
      const conv = { ...place, channels: between.shape[2]!, filters: spec.filters };
      return conv2dForward(conv, between.data, weigh('pointwise_kernel'), weigh('bias', spec.filters));
    }
    case 'averagePooling2d':
      return averagePooling2dForward(
        { ...windows(batch, shape, spec.poolSize, spec.strides, spec.padding), channels },
        data,
      );
    case 'globalAveragePooling2d':
      return globalAverageForward(image, data);
    case 'globalMaxPooling2d':
      return globalMaxForward(image, data);
    case 'reLU': {
      const twin = relu(spec.maxValue ?? Infinity, spec.negativeSlope, spec.threshold);
      return data.map((value) => twin.reference(value));
    }
    case 'activation':
    case 'flatten':
    case 'reshape':
      return data;
    case 'softmax':
      return Float64Array.from(data, (_, i) => {
        const first = i - (i % channels);
        return softmaxRow(data.subarray(first, first + channels))[i - first]!;
      });
    case 'rescaling':
      return data.map((value, i) => value * of(spec.scale, i % channels) + of(spec.offset, i % channels));
    case 'normalization':
      return data.map((value, i) => {
        const mean = of(spec.mean, i % channels);
        const deviation = Math.max(Math.sqrt(of(spec.variance, i % channels)), 1e-7);
        return spec.invert ? value * deviation + mean : (value - mean) / deviation;
      });
    case 'add':
      return merged(inputs, batch, (a, b) => a + b);
    case 'subtract':
      return merged(inputs, batch, (a, b) => a - b);
    case 'multiply':
      return merged(inputs, batch, (a, b) => a * b);
    case 'dropout':
    case 'spatialDropout2d':
      return draws ? dropped(spec, input, batch, draws) : data;
    case 'randomFlip':
    case 'randomTranslation':
    case 'randomRotation':
    case 'randomZoom':
    case 'randomBrightness':
    case 'randomContrast':
    case 'randomSaturation':
    case 'cutout':
      return draws ? augmented(spec, input, batch, draws) : data;
    default:
      return moved(spec, input, batch);
  }
}

const of = (values: number | readonly number[], i: number): number =>
  typeof values === 'number' ? values : values[values.length === 1 ? 0 : i]!;

function depthwise(
  spec: Extract<LayerSpec, { type: 'depthwiseConv2d' | 'separableConv2d' }>,
  { shape, data }: Values,
  batch: number,
  kernel: Float64Array,
  bias: Float64Array,
): Values {
  const { kernelSize, strides, padding, dilationRate = [1, 1], depthMultiplier: multiplier } = spec;
  const place = windows(batch, shape, kernelSize, strides, padding, dilationRate);
  const conv = {
    ...place,
    dilationY: dilationRate[0],
    dilationX: dilationRate[1],
    inputs: shape[2]!,
    multiplier,
  };
  return {
    shape: [place.height, place.width, shape[2]! * multiplier],
    data: depthwiseForward(conv, data, kernel, bias),
  };
}

/** Inputs one after the other, broadcast as Keras does. */
function merged(inputs: readonly Values[], batch: number, f: (a: number, b: number) => number): Float64Array {
  const whole = (shape: readonly number[]): Shape4 =>
    [batch, ...[1, 1, ...shape].slice(-3)] as unknown as Shape4;
  const all = [0, 1, 2, 3].map((axis) =>
    Math.max(...inputs.map(({ shape }) => whole(shape)[axis]!)),
  ) as unknown as Shape4;
  return inputs
    .map(({ shape, data }) => broadcast(all, whole(shape), data))
    .reduce((a, b) => a.map((value, i) => f(value, b[i]!)));
}

function dropped(
  spec: Extract<LayerSpec, { type: 'dropout' | 'spatialDropout2d' }>,
  { shape, data }: Values,
  batch: number,
  { seed: networkSeed, step }: Draws,
): Float64Array {
  const seed = spec.seed ?? networkSeed;
  const stream = randomStream(0, `dropout ${spec.name!}`).uint32();
  const key = { seedLow: seed % 2 ** 32, seedHigh: Math.floor(seed / 2 ** 32), stream, step };
  const [channels, each] = [shape.at(-1)!, data.length / batch];
  return data.map((value, i) => {
    const index = spec.type === 'dropout' ? i : Math.floor(i / each) * channels + (i % channels);
    return drops(key, index, Math.round(spec.rate * 2 ** 32)) ? 0 : value / (1 - spec.rate);
  });
}

type Augmentation = Extract<LayerSpec, { type: `random${string}` } | { type: 'cutout' }>;

/** Each image changed by what it draws. */
function augmented(
  spec: Augmentation,
  { shape, data }: Values,
  batch: number,
  { seed: networkSeed, step }: Draws,
): Float64Array {
  const seed = spec.seed ?? networkSeed;
  const stream = randomStream(0, `augmentation ${spec.name!}`).uint32();
  const key = { seedLow: seed % 2 ** 32, seedHigh: Math.floor(seed / 2 ** 32), stream, step };
  const size = data.length / batch;
  const images = Array.from({ length: batch }, (_, image) => {
    const draw = (...bounds: readonly Bounds[]): number[] => drawn(key, image, bounds);
    return [
      ...changed(spec, data.subarray(image * size, (image + 1) * size), shape as unknown as Shape3, draw),
    ];
  });
  return Float64Array.from(images.flat());
}

function changed(
  spec: Augmentation,
  image: Float64Array,
  shape: Shape3,
  draw: (...bounds: readonly Bounds[]) => number[],
): Float64Array {
  const [height, width, channels] = shape;
  const times = ([low, high]: Bounds, factor: number): Bounds => [low * factor, high * factor];
  switch (spec.type) {
    case 'randomFlip': {
      const numbers = draw([-1, 1], [-1, 1]).map((number, axis) =>
        spec.mode === ['horizontal', 'vertical'][axis] ? 0 : number,
      );
      return sampled(image, shape, PLACES.flip(numbers, shape), 'reflect', 0);
    }
    case 'randomTranslation': {
      const numbers = draw(times(spec.heightFactor, height), times(spec.widthFactor, width));
      return sampled(image, shape, PLACES.shift(numbers), spec.fillMode, spec.fillValue);
    }
    case 'randomRotation':
      return sampled(image, shape, PLACES.rotate(draw(spec.factor), shape), spec.fillMode, spec.fillValue);
    case 'randomZoom': {
      const [vertical, horizontal] = draw(spec.heightFactor, spec.widthFactor ?? [0, 0]) as [number, number];
      const numbers = [vertical, spec.widthFactor ? horizontal : vertical];
      return sampled(image, shape, PLACES.zoom(numbers, shape), spec.fillMode, spec.fillValue);
    }
    case 'cutout': {
      const [top, left] = draw([0, height], [0, width]).map(
        (middle) => Math.floor(middle) - Math.floor(spec.size / 2),
      ) as [number, number];
      return image.map((value, i) => {
        const [y, x] = [Math.floor(i / (width * channels)) - top, (Math.floor(i / channels) % width) - left];
        return y >= 0 && y < spec.size && x >= 0 && x < spec.size ? spec.fillValue : value;
      });
    }
    case 'randomBrightness': {
      const { factor, valueRange } = spec;
      const [number] = draw(times(factor, valueRange[1] - valueRange[0])) as [number];
      return coloured(image, shape, 'brightness', number, valueRange);
    }
    case 'randomContrast': {
      const [number] = draw([1 - spec.factor[0], 1 + spec.factor[1]]) as [number];
      return coloured(image, shape, 'contrast', number, spec.valueRange);
    }
    case 'randomSaturation':
      return coloured(image, shape, 'saturation', draw(spec.factor)[0]!, spec.valueRange);
  }
}

/** Layers whose outputs are their inputs' values in other places, or zeros. */
function moved(spec: LayerSpec, { shape, data }: Values, batch: number): Float64Array {
  const [height, width, channels] = shape as [number, number, number];
  const [rows, columns, source]: [number, number, (at: number, axis: 0 | 1) => number] = (() => {
    switch (spec.type) {
      case 'zeroPadding2d': {
        const [[top, bottom], [left, right]] = spec.padding;
        return [top + height + bottom, left + width + right, (at, axis) => at - spec.padding[axis][0]];
      }
      case 'cropping2d': {
        const [[top, bottom], [left, right]] = spec.cropping;
        return [height - top - bottom, width - left - right, (at, axis) => at + spec.cropping[axis][0]];
      }
      case 'upSampling2d':
        return [height * spec.size[0], width * spec.size[1], (at, axis) => Math.floor(at / spec.size[axis])];
      default:
        throw new Error(`there is no reference of ${spec.type}`);
    }
  })();
  return Float64Array.from({ length: batch * rows * columns * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [y, x] = [source(Math.floor(pixel / columns) % rows, 0), source(pixel % columns, 1)];
    if (y < 0 || y >= height || x < 0 || x >= width) return 0;
    const n = Math.floor(pixel / (rows * columns));
    return data[((n * height + y) * width + x) * channels + (i % channels)]!;
  });
}
