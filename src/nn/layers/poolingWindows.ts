/** What the poolings have in common: their options, and how their windows lie on images. */
import { OptionError } from '../../errors.ts';
import { windowGeometry, type Padding, type Pair, type Shape, type WindowGeometry } from '../shape.ts';
import { common, pair, type CommonSpec, type LayerOptions, type Size } from './options.ts';
import { paddingOption, type PaddingOption } from './padding.ts';

export interface PoolingOptions extends LayerOptions {
  /** 2 by default. */
  poolSize?: Size;
  /** The pool size by default. */
  strides?: Size;
  /** 'valid' by default. Padding never takes part: windows are clipped. */
  padding?: PaddingOption;
}

/** The same, complete. */
export interface PoolingData {
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/** @throws OptionError for one out of range, or unknown */
export function poolingOptions(type: string, options: PoolingOptions): CommonSpec & PoolingData {
  const poolSize = pair(type, 'poolSize', options.poolSize ?? 2);
  return {
    ...common(type, options, ['poolSize', 'strides', 'padding']),
    poolSize,
    strides: pair(type, 'strides', options.strides ?? poolSize),
    padding: paddingOption(type, options.padding),
  };
}

/** @throws OptionError if no window fits into the input, or one lies on none of its pixels; the layer is named */
export function poolingGeometry(
  name: string,
  { poolSize, strides, padding }: PoolingData,
  input: Shape,
): WindowGeometry {
  const geometry = windowGeometry(input, poolSize, strides, padding, name);
  const { height, width, margins } = geometry;
  const seesPixels = (axis: 0 | 1, outputs: number, before: number): boolean =>
    before < poolSize[axis] && (outputs - 1) * strides[axis] - before < input[axis]!;
  if (!seesPixels(0, height, margins.top) || !seesPixels(1, width, margins.left)) {
    throw new OptionError(
      `Layer "${name}": some windows of ${poolSize.join('×')} would lie on padding alone. ` +
        `Use less padding than the window on each side.`,
    );
  }
  return geometry;
}

/** As the kernels of poolings take it. */
export function windowArguments(
  { poolSize, strides }: PoolingData,
  { height, width, margins }: WindowGeometry,
  [inputHeight, inputWidth, channels]: Shape,
): WindowArguments {
  return {
    windowHeight: poolSize[0],
    windowWidth: poolSize[1],
    strideY: strides[0],
    strideX: strides[1],
    padTop: margins.top,
    padLeft: margins.left,
    channels: channels!,
    inputHeight: inputHeight!,
    inputWidth: inputWidth!,
    height,
    width,
  };
}

type WindowArguments = Readonly<
  Record<
    | 'windowHeight'
    | 'windowWidth'
    | 'strideY'
    | 'strideX'
    | 'padTop'
    | 'padLeft'
    | 'channels'
    | 'inputHeight'
    | 'inputWidth'
    | 'height'
    | 'width',
    number
  >
>;
