/** Depthwise convolution in float64. Images are NHWC, filters [height, width, inputs, multiplier]. */
import type { Windows } from './windows.ts';

export interface DepthwiseConv2d extends Windows {
  readonly dilationY: number;
  readonly dilationX: number;
  readonly inputs: number;
  readonly multiplier: number;
}

/** output[n, y, x, c·M + m] = bias[c·M + m] + Σ input[n, y·strideY + ky·dilationY − padTop, …, c] · filter[ky, kx, c, m] */
export function depthwiseForward(
  conv: DepthwiseConv2d,
  input: Float64Array,
  filter: Float64Array,
  bias: Float64Array,
): Float64Array {
  const outputs = conv.inputs * conv.multiplier;
  const output = new Float64Array(conv.batch * conv.height * conv.width * outputs);
  for (let i = 0; i < output.length; i++) output[i] = bias[i % outputs]!;
  eachProduct(conv, (to, weight, from) => {
    output[to]! += input[from]! * filter[weight]!;
  });
  return output;
}

/** Each input gets back, through each filter that has read it, dOutput · filter. */
export function depthwiseBackwardInput(
  conv: DepthwiseConv2d,
  filter: Float64Array,
  dOutput: Float64Array,
): Float64Array {
  const dInput = new Float64Array(conv.batch * conv.inputHeight * conv.inputWidth * conv.inputs);
  eachProduct(conv, (to, weight, from) => {
    dInput[from]! += dOutput[to]! * filter[weight]!;
  });
  return dInput;
}

/** Each tap gets Σ input · dOutput over the pixels it has multiplied. */
export function depthwiseBackwardFilter(
  conv: DepthwiseConv2d,
  input: Float64Array,
  dOutput: Float64Array,
): Float64Array {
  const dFilter = new Float64Array(conv.windowHeight * conv.windowWidth * conv.inputs * conv.multiplier);
  eachProduct(conv, (to, weight, from) => {
    dFilter[weight]! += input[from]! * dOutput[to]!;
  });
  return dFilter;
}

/** Calls `visit` with the indices of every output, and of each weight and input that it is a product of. */
function eachProduct(
  w: DepthwiseConv2d,
  visit: (output: number, weight: number, input: number) => void,
): void {
  const outputs = w.inputs * w.multiplier;
  const pixels = w.batch * w.height * w.width;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const x = pixel % w.width;
    const y = Math.floor(pixel / w.width) % w.height;
    const image = Math.floor(pixel / (w.width * w.height));
    for (let tap = 0; tap < w.windowHeight * w.windowWidth; tap++) {
      const inputY = y * w.strideY + Math.floor(tap / w.windowWidth) * w.dilationY - w.padTop;
      const inputX = x * w.strideX + (tap % w.windowWidth) * w.dilationX - w.padLeft;
      if (inputY < 0 || inputY >= w.inputHeight || inputX < 0 || inputX >= w.inputWidth) continue;
      const from = ((image * w.inputHeight + inputY) * w.inputWidth + inputX) * w.inputs;
      for (let o = 0; o < outputs; o++) {
        visit(pixel * outputs + o, tap * outputs + o, from + Math.floor(o / w.multiplier));
      }
    }
  }
}
