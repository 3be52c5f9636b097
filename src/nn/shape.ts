import { OptionError } from '../errors.ts';
import { MAX_VALUES } from '../limits.ts';
import { product } from '../product.ts';

/** What flows between layers, for one image: [height, width, channels], or [units] once flattened. */
export type Shape = readonly number[];

/** How images lie in memory: [height, width, channels], or [channels, height, width]. */
export type Layout = 'nhwc' | 'nchw';

export const LAYOUTS: readonly Layout[] = ['nhwc', 'nchw'];

/** A vertical and a horizontal size; one number stands for both. */
export type Pair = readonly [number, number];

/** Sizes on the four sides: [[top, bottom], [left, right]]. */
export type Border = readonly [Pair, Pair];

/**
 * `valid`: windows stay inside. `same`: zeros around, so that the output has ceil(input / stride) rows and columns. A border: so many
 * zeros around.
 */
export type Padding = 'valid' | 'same' | Border;

/** How many zeros, or clipped pixels, there are on each side. */
export interface Margins {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export const NO_MARGINS: Margins = { top: 0, left: 0, bottom: 0, right: 0 };

export function marginsOf([[top, bottom], [left, right]]: Border): Margins {
  return { top, left, bottom, right };
}

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
 * Output size and margins as TensorFlow defines them: with `same`, the odd zero goes to the bottom and to the right. With a border, as
 * PyTorch and ONNX do; the zeros behind the last window are no margin.
 * @param input  [height, width, …]
 * @throws OptionError if no window fits into the input and the border around it, or both are larger than memory; `layer` is named
 */
export function windowGeometry(
  input: Shape,
  window: Pair,
  strides: Pair,
  padding: Padding,
  layer: string,
  dilation: Pair = [1, 1],
): WindowGeometry {
  const axis = (i: 0 | 1): readonly [number, number, number] => {
    const [size, stride] = [input[i]!, strides[i]];
    const extent = (window[i] - 1) * dilation[i] + 1;
    /** What so many windows read beyond the input, if they start at its first pixel. */
    const beyond = (outputs: number): number => Math.max(0, (outputs - 1) * stride + extent - size);
    if (padding === 'same') {
      const outputs = Math.ceil(size / stride);
      const total = beyond(outputs);
      return [outputs, Math.floor(total / 2), Math.ceil(total / 2)];
    }
    const [before, behind] = padding === 'valid' ? [0, 0] : padding[i];
    const outputs = Math.floor((before + size + behind - extent) / stride) + 1;
    return [outputs, before, Math.max(0, beyond(outputs) - before)];
  };
  const [height, top, bottom] = axis(0);
  const [width, left, right] = axis(1);
  if (height < 1 || width < 1) {
    throw new OptionError(
      `Layer "${layer}": a window of ${window.join('×')} does not fit into its input of ${input.slice(0, 2).join('×')}. ` +
        `Use a smaller window, padding "same", or fewer poolings before it.`,
    );
  }
  const margins = { top, left, bottom, right };
  const padded = [top + input[0]! + bottom, left + input[1]! + right, ...input.slice(2)];
  // Images that are too large themselves are refused as such.
  if (size(padded) > MAX_VALUES && size(input) <= MAX_VALUES) {
    throw new OptionError(
      `Layer "${layer}": its input and the zeros around it are ${padded.join('×')} numbers, more than the 4 GiB of WebAssembly.`,
    );
  }
  return { height, width, margins };
}

/** How many numbers a shape holds. */
export function size(shape: Shape): number {
  return product(shape);
}
