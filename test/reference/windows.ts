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

/** @param input,window,strides,dilations  each vertical, horizontal */
export function windows(
  batch: number,
  input: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  padding: 'same' | 'valid',
  dilations: readonly number[] = [1, 1],
): Windows {
  const reach = window.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const [height, padTop] = along(input[0]!, reach[0]!, strides[0]!, padding);
  const [width, padLeft] = along(input[1]!, reach[1]!, strides[1]!, padding);
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

/** TensorFlow's definition, see https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2. @returns [windows, padding before] */
function along(
  size: number,
  window: number,
  stride: number,
  padding: 'same' | 'valid',
): readonly [number, number] {
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
