/** Convolution in float64. Images are NHWC, filters HWIO. */
import { eachTap, type Windows } from './windows.ts';

export interface Conv2d extends Windows {
  readonly channels: number;
  readonly filters: number;
}

/** output[n, y, x, f] = bias[f] + Σ input[n, y·strideY + ky − padTop, x·strideX + kx − padLeft, c] · filter[ky, kx, c, f] */
export function conv2dForward(
  conv: Conv2d,
  input: Float64Array,
  filter: Float64Array,
  bias: Float64Array,
): Float64Array {
  const { channels: C, filters: F } = conv;
  const output = new Float64Array(conv.batch * conv.height * conv.width * F);
  for (let i = 0; i < output.length; i++) output[i] = bias[i % F]!;
  eachTap(conv, (to, tap, from) => {
    for (let c = 0; c < C; c++) {
      const value = input[from * C + c]!;
      for (let f = 0; f < F; f++) output[to * F + f]! += value * filter[(tap * C + c) * F + f]!;
    }
  });
  return output;
}

/** Each input pixel gets back, through each tap that has read it, dOutput · filter. */
export function conv2dBackwardInput(conv: Conv2d, filter: Float64Array, dOutput: Float64Array): Float64Array {
  const { channels: C, filters: F } = conv;
  const dInput = new Float64Array(conv.batch * conv.inputHeight * conv.inputWidth * C);
  eachTap(conv, (to, tap, from) => {
    for (let c = 0; c < C; c++) {
      let sum = 0;
      for (let f = 0; f < F; f++) sum += dOutput[to * F + f]! * filter[(tap * C + c) * F + f]!;
      dInput[from * C + c]! += sum;
    }
  });
  return dInput;
}

/** Each tap gets Σ input · dOutput over the pixels it has multiplied. */
export function conv2dBackwardFilter(conv: Conv2d, input: Float64Array, dOutput: Float64Array): Float64Array {
  const { channels: C, filters: F } = conv;
  const dFilter = new Float64Array(conv.windowHeight * conv.windowWidth * C * F);
  eachTap(conv, (to, tap, from) => {
    for (let c = 0; c < C; c++) {
      const value = input[from * C + c]!;
      for (let f = 0; f < F; f++) dFilter[(tap * C + c) * F + f]! += value * dOutput[to * F + f]!;
    }
  });
  return dFilter;
}

/** The sum of dOutput over the batch and the pixels; for a dense layer, over the batch. */
export function backwardBias(channels: number, dOutput: Float64Array): Float64Array {
  const dBias = new Float64Array(channels);
  for (let i = 0; i < dOutput.length; i++) dBias[i % channels]! += dOutput[i]!;
  return dBias;
}
