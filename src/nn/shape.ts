import { OptionError } from '../errors.ts';

/** What flows between layers, for one image: [height, width, channels], or [units] once flattened. */
export type Shape = readonly number[];

/** How images lie in memory: [height, width, channels], or [channels, height, width]. */
export type Layout = 'nhwc' | 'nchw';

export const LAYOUTS: readonly Layout[] = ['nhwc', 'nchw'];

/** A vertical and a horizontal size; one number stands for both. */
export type Pair = readonly [number, number];

/** `valid`: windows stay inside. `same`: zeros around, so that the output has ceil(input / stride) rows and columns. */
export type Padding = 'valid' | 'same';

/** How many zeros, or clipped pixels, there are on each side. */
export interface Margins {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export const NO_MARGINS: Margins = { top: 0, left: 0, bottom: 0, right: 0 };

/** The most on each side. */
export function widest(margins: readonly Margins[]): Margins {
  const most = (side: keyof Margins): number => Math.max(0, ...margins.map((each) => each[side]));
  return { top: most('top'), left: most('left'), bottom: most('bottom'), right: most('right') };
}

export function hasMargins({ top, left, bottom, right }: Margins): boolean {
  return top + left + bottom + right > 0;
}

/** Whether there are at least as many on each side. */
export function covers(margins: Margins, wanted: Margins): boolean {
  return (
    margins.top >= wanted.top &&
    margins.left >= wanted.left &&
    margins.bottom >= wanted.bottom &&
    margins.right >= wanted.right
  );
}

/** How a window moves over an image: the output it yields and the margins it reads beyond the input. */
export interface WindowGeometry {
  readonly height: number;
  readonly width: number;
  readonly margins: Margins;
}

/**
 * Output size and margins as TensorFlow defines them: with `same`, the odd zero goes to the bottom and to the right.
 * @param input  [height, width, …]
 * @throws OptionError if a `valid` window does not fit into the input; `layer` is named
 */
export function windowGeometry(
  input: Shape,
  window: Pair,
  strides: Pair,
  padding: Padding,
  layer: string,
  dilation: Pair = [1, 1],
): WindowGeometry {
  const axis = (
    size: number,
    taps: number,
    stride: number,
    apart: number,
  ): readonly [number, number, number] => {
    const extent = (taps - 1) * apart + 1;
    if (padding === 'valid') return [Math.floor((size - extent) / stride) + 1, 0, 0];
    const output = Math.ceil(size / stride);
    const total = Math.max(0, (output - 1) * stride + extent - size);
    return [output, Math.floor(total / 2), Math.ceil(total / 2)];
  };
  const [height, top, bottom] = axis(input[0]!, window[0], strides[0], dilation[0]);
  const [width, left, right] = axis(input[1]!, window[1], strides[1], dilation[1]);
  if (height < 1 || width < 1) {
    throw new OptionError(
      `Layer "${layer}": a window of ${window.join('×')} does not fit into its input of ${input.slice(0, 2).join('×')}. ` +
        `Use a smaller window, padding "same", or fewer poolings before it.`,
    );
  }
  return { height, width, margins: { top, left, bottom, right } };
}

/** How many numbers a shape holds. */
export function size(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
