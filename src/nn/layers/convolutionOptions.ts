/** The options that all layers have which move a kernel over images. */
import { OptionError } from '../../errors.ts';
import { activationOption } from '../activations/registry.ts';
import type { Padding, Pair } from '../shape.ts';
import { flag, pair, type Size } from './options.ts';
import { paddingOption, type PaddingOption } from './padding.ts';

export interface ConvolutionOptions {
  kernelSize: Size;
  /** 1 by default. */
  strides?: Size;
  /** 'valid' by default; sizes are zeros on the sides. */
  padding?: PaddingOption;
  /** How far the taps of a kernel are apart; 1 by default. */
  dilationRate?: Size;
  /** 'linear' by default. */
  activation?: string;
  /** Whether a bias is added; true by default. */
  useBias?: boolean;
}

/** The same, complete. */
export interface ConvolutionData {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  /** Left out if 1. */
  readonly dilationRate?: Pair;
  readonly activation: string;
  /** Left out if true. */
  readonly useBias?: boolean;
}

export const CONVOLUTION_OPTIONS: readonly string[] = [
  'kernelSize',
  'strides',
  'padding',
  'dilationRate',
  'activation',
  'useBias',
];

/** @throws OptionError for one out of range, or for strides and dilation together, which Keras does not have either */
export function convolutionOptions(type: string, options: ConvolutionOptions): ConvolutionData {
  const strides = pair(type, 'strides', options.strides ?? 1);
  const dilationRate = pair(type, 'dilationRate', options.dilationRate ?? 1);
  if (Math.max(...strides) > 1 && Math.max(...dilationRate) > 1) {
    throw new OptionError(`${type}: strides and dilationRate cannot both be above 1.`);
  }
  return {
    kernelSize: pair(type, 'kernelSize', options.kernelSize),
    strides,
    padding: paddingOption(type, options.padding),
    ...(Math.max(...dilationRate) > 1 && { dilationRate }),
    activation: activationOption(type, options.activation ?? 'linear'),
    ...(flag(type, 'useBias', options.useBias ?? true) ? {} : { useBias: false }),
  };
}
