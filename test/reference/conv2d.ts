/** Convolution in float64. Images are NHWC, filters [windowHeight, windowWidth, channels / groups, filters]. */
import { eachTap, type Windows } from './windows.ts';

export interface Conv2d extends Windows {
  readonly channels: number;
  readonly filters: number;
  /** In how many groups the channels are: a share of the filters sees the same share of the channels only. 1 by default. */
  readonly groups?: number;
}

type Visit = (output: number, input: number, filter: number) => void;

/** Calls `visit` for every product of a convolution, with the indices of its output, its input and its weight. */
function eachProduct(conv: Conv2d, visit: Visit): void {
  const { channels: C, filters: F, groups = 1 } = conv;
  const [inputs, outputs] = [C / groups, F / groups];
  eachTap(conv, (to, tap, from) => {
    for (let group = 0; group < groups; group++) {
      for (let c = 0; c < inputs; c++) {
        for (let f = group * outputs; f < (group + 1) * outputs; f++) {
          visit(to * F + f, from * C + group * inputs + c, (tap * inputs + c) * F + f);
        }
      }
    }
  });
}

/**
 * output[n, y, x, f] = bias[f] + Σ input[n, y·strideY + ky·dilationY − padTop, x·strideX + kx·dilationX − padLeft, c]
 * · filter[ky, kx, c, f], where c are the channels of f's group.
 */
export function conv2dForward(
  conv: Conv2d,
  input: Float64Array,
  filter: Float64Array,
  bias: Float64Array,
): Float64Array {
  const { filters } = conv;
  const output = new Float64Array(conv.batch * conv.height * conv.width * filters);
  for (let i = 0; i < output.length; i++) output[i] = bias[i % filters]!;
  eachProduct(conv, (o, i, w) => (output[o]! += input[i]! * filter[w]!));
  return output;
}

/** Each input pixel gets back, through each tap that has read it, dOutput · filter. */
export function conv2dBackwardInput(conv: Conv2d, filter: Float64Array, dOutput: Float64Array): Float64Array {
  const dInput = new Float64Array(conv.batch * conv.inputHeight * conv.inputWidth * conv.channels);
  eachProduct(conv, (o, i, w) => (dInput[i]! += dOutput[o]! * filter[w]!));
  return dInput;
}

/** Each tap gets Σ input · dOutput over the pixels it has multiplied. */
export function conv2dBackwardFilter(conv: Conv2d, input: Float64Array, dOutput: Float64Array): Float64Array {
  const { windowHeight, windowWidth, channels, filters, groups = 1 } = conv;
  const dFilter = new Float64Array(windowHeight * windowWidth * (channels / groups) * filters);
  eachProduct(conv, (o, i, w) => (dFilter[w]! += input[i]! * dOutput[o]!));
  return dFilter;
}

/** The sum of dOutput over the batch and the pixels; for a dense layer, over the batch. */
export function backwardBias(channels: number, dOutput: Float64Array): Float64Array {
  const dBias = new Float64Array(channels);
  for (let i = 0; i < dOutput.length; i++) dBias[i % channels]! += dOutput[i]!;
  return dBias;
}
