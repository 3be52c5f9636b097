/**
 * The network as data: a list of layer specs that can be written to JSON and read back. The factory functions take the
 * options of Keras and tfjs, fill in the defaults and check them.
 */
import { OptionError } from '../errors.ts';
import type { Activation } from './layers/layer.ts';
import type { Padding, Pair, Shape } from './shape.ts';

/** A size, or one number for both directions. */
export type Size = number | readonly [number, number];

interface FirstLayerOptions {
  /** [height, width, channels] of the images; the first layer of a network needs it. */
  inputShape?: Shape;
  /** By default the type in snake case, counted within the network: conv2d, conv2d_1, … */
  name?: string;
}

export interface Conv2dOptions extends FirstLayerOptions {
  /** How many filters, hence channels of the output. */
  filters: number;
  kernelSize: Size;
  /** 1 by default. */
  strides?: Size;
  /** 'valid' by default. */
  padding?: Padding;
  /** 'linear' by default. */
  activation?: 'linear' | 'relu';
}

export interface MaxPooling2dOptions extends FirstLayerOptions {
  /** 2 by default. */
  poolSize?: Size;
  /** The pool size by default. */
  strides?: Size;
  /** 'valid' by default. */
  padding?: Padding;
}

export interface DenseOptions extends FirstLayerOptions {
  /** How many outputs. */
  units: number;
  /** 'linear' by default; 'softmax' only on the last layer. */
  activation?: Activation;
}

export type FlattenOptions = FirstLayerOptions;

interface Common {
  readonly name?: string;
  readonly inputShape?: Shape;
}

export type LayerSpec = Common &
  (
    | {
        readonly type: 'conv2d';
        readonly filters: number;
        readonly kernelSize: Pair;
        readonly strides: Pair;
        readonly padding: Padding;
        readonly activation: 'linear' | 'relu';
      }
    | {
        readonly type: 'maxPooling2d';
        readonly poolSize: Pair;
        readonly strides: Pair;
        readonly padding: Padding;
      }
    | { readonly type: 'flatten' }
    | { readonly type: 'dense'; readonly units: number; readonly activation: Activation }
  );

/** A convolution of images [height, width, channels]. @throws OptionError for an option out of range */
export function conv2d(options: Conv2dOptions): LayerSpec {
  return {
    type: 'conv2d',
    ...common('conv2d', options),
    filters: positive('conv2d', 'filters', options.filters),
    kernelSize: pair('conv2d', 'kernelSize', options.kernelSize),
    strides: pair('conv2d', 'strides', options.strides ?? 1),
    padding: oneOf('conv2d', 'padding', options.padding ?? 'valid', ['valid', 'same']),
    activation: oneOf('conv2d', 'activation', options.activation ?? 'linear', ['linear', 'relu']),
  };
}

/** The largest value in each window. @throws OptionError for an option out of range */
export function maxPooling2d(options: MaxPooling2dOptions = {}): LayerSpec {
  const poolSize = pair('maxPooling2d', 'poolSize', options.poolSize ?? 2);
  return {
    type: 'maxPooling2d',
    ...common('maxPooling2d', options),
    poolSize,
    strides: pair('maxPooling2d', 'strides', options.strides ?? poolSize),
    padding: oneOf('maxPooling2d', 'padding', options.padding ?? 'valid', ['valid', 'same']),
  };
}

/** Images to vectors, in the order height, width, channels. */
export function flatten(options: FlattenOptions = {}): LayerSpec {
  return { type: 'flatten', ...common('flatten', options) };
}

/** A fully connected layer. @throws OptionError for an option out of range */
export function dense(options: DenseOptions): LayerSpec {
  return {
    type: 'dense',
    ...common('dense', options),
    units: positive('dense', 'units', options.units),
    activation: oneOf('dense', 'activation', options.activation ?? 'linear', ['linear', 'relu', 'softmax']),
  };
}

/**
 * A spec from untrusted JSON, checked as the factory functions check their options.
 * @throws OptionError if it is not one
 */
export function parseLayerSpec(value: unknown): LayerSpec {
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    throw new OptionError('A layer is an object with a type: conv2d, maxPooling2d, flatten or dense.');
  }
  switch (value.type) {
    case 'conv2d':
      return conv2d(value as unknown as Conv2dOptions);
    case 'maxPooling2d':
      return maxPooling2d(value as MaxPooling2dOptions);
    case 'flatten':
      return flatten(value as FlattenOptions);
    case 'dense':
      return dense(value as unknown as DenseOptions);
    default:
      throw new OptionError(
        `There is no layer of type ${JSON.stringify(value.type)}; there are conv2d, maxPooling2d, flatten and dense.`,
      );
  }
}

function common(type: string, { name, inputShape }: FirstLayerOptions): Common {
  if (name !== undefined && (typeof name !== 'string' || !/^\w[\w.-]*$/.test(name))) {
    throw new OptionError(
      `${type}: name must be letters, digits, "_", "." and "-", not ${JSON.stringify(name)}.`,
    );
  }
  if (inputShape !== undefined) {
    if (!Array.isArray(inputShape))
      throw new OptionError(`${type}: inputShape must be [height, width, channels].`);
    inputShape.forEach((extent: unknown) => positive(type, 'inputShape', extent));
  }
  return { ...(name === undefined ? {} : { name }), ...(inputShape === undefined ? {} : { inputShape }) };
}

function positive(type: string, option: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw new OptionError(
      `${type}: ${option} must be a whole number of at least 1, not ${JSON.stringify(value)}.`,
    );
  }
  return value;
}

function pair(type: string, option: string, value: unknown): Pair {
  const values: unknown[] = Array.isArray(value) ? value : [value, value];
  if (values.length !== 2) {
    throw new OptionError(`${type}: ${option} must be a number or two, not ${JSON.stringify(value)}.`);
  }
  return [positive(type, option, values[0]), positive(type, option, values[1])];
}

function oneOf<T extends string>(type: string, option: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new OptionError(
      `${type}: ${option} must be ${allowed.join(' or ')}, not ${JSON.stringify(value)}.`,
    );
  }
  return found;
}
