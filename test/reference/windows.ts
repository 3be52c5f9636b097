/** How windows lie on images, for convolution and pooling alike. */

export interface Windows {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly windowHeight: number;
  readonly windowWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  /** How many pixels a window's elements are apart, 1 by default. */
  readonly dilationY?: number;
  readonly dilationX?: number;
  readonly padTop: number;
  readonly padLeft: number;
  /** How many windows there are in each direction. */
  readonly height: number;
  readonly width: number;
}

/** By its definition in TensorFlow, or sizes: [[top, bottom], [left, right]]. */
export type WindowPadding = 'same' | 'valid' | readonly [Sides, Sides];

type Sides = readonly [before: number, behind: number];

/** One all around, more on some sides, and more than kernels have taps. */
export const BORDERS: readonly WindowPadding[] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [0, 2],
    [3, 1],
  ],
  [
    [8, 7],
    [6, 9],
  ],
];

/** As little of the input under the first window as can be, and under the last; and either alone. */
export function clippedBorders(
  input: readonly number[],
  window: readonly number[],
  strides: readonly number[],
): readonly WindowPadding[] {
  const sides = [0, 1].map((axis): Sides => {
    const before = window[axis]! - 1;
    const last = Math.floor((before + input[axis]! - 1) / strides[axis]!) * strides[axis]!;
    return [before, Math.max(0, last + window[axis]! - before - input[axis]!)];
  });
  const [[top, bottom], [left, right]] = sides as [Sides, Sides];
  return [
    [
      [top, bottom],
      [left, right],
    ],
    [
      [top, 0],
      [0, right],
    ],
  ];
}

/** @param input,window,strides,dilations  each vertical, horizontal */
export function windows(
  batch: number,
  input: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  padding: WindowPadding,
  dilations: readonly number[] = [1, 1],
): Windows {
  const reach = window.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const [vertical, horizontal] = typeof padding === 'string' ? [padding, padding] : padding;
  const [height, padTop] = along(input[0]!, reach[0]!, strides[0]!, vertical);
  const [width, padLeft] = along(input[1]!, reach[1]!, strides[1]!, horizontal);
  return {
    batch,
    inputHeight: input[0]!,
    inputWidth: input[1]!,
    windowHeight: window[0]!,
    windowWidth: window[1]!,
    strideY: strides[0]!,
    strideX: strides[1]!,
    dilationY: dilations[0]!,
    dilationX: dilations[1]!,
    padTop,
    padLeft,
    height,
    width,
  };
}

/**
 * TensorFlow's definition, see https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2; with sizes, as many windows as fit into
 * the padded input. @returns [windows, padding before]
 */
function along(
  size: number,
  window: number,
  stride: number,
  padding: 'same' | 'valid' | Sides,
): readonly [number, number] {
  if (typeof padding !== 'string') {
    let windows = 0;
    while (windows * stride + window <= padding[0] + size + padding[1]) windows++;
    return [windows, padding[0]];
  }
  if (padding === 'valid') return [Math.ceil((size - window + 1) / stride), 0];
  const total = Math.max(window - (size % stride === 0 ? stride : size % stride), 0);
  return [Math.ceil(size / stride), Math.floor(total / 2)];
}

/**
 * Calls `visit` for every element of every window that lies on the image, window after window, each row by row.
 * `output` counts windows and `input` pixels through the whole batch; `tap` counts elements within the window.
 */
export function eachTap(w: Windows, visit: (output: number, tap: number, input: number) => void): void {
  const { dilationY = 1, dilationX = 1 } = w;
  for (let image = 0; image < w.batch; image++) {
    for (let y = 0; y < w.height; y++) {
      for (let x = 0; x < w.width; x++) {
        const output = (image * w.height + y) * w.width + x;
        for (let ky = 0; ky < w.windowHeight; ky++) {
          for (let kx = 0; kx < w.windowWidth; kx++) {
            const inputY = y * w.strideY + ky * dilationY - w.padTop;
            const inputX = x * w.strideX + kx * dilationX - w.padLeft;
            if (inputY < 0 || inputY >= w.inputHeight || inputX < 0 || inputX >= w.inputWidth) continue;
            const input = (image * w.inputHeight + inputY) * w.inputWidth + inputX;
            visit(output, ky * w.windowWidth + kx, input);
          }
        }
      }
    }
  }
}
