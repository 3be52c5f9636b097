/** Max pooling in float64, NHWC. Padding takes no part; of equal values the first in row-major order wins. */
import { eachTap, type Windows } from './windows.ts';

export interface MaxPooling2d extends Windows {
  readonly channels: number;
}

export interface Pooled {
  readonly output: Float64Array;
  /** For each output, the index of the input that has won. */
  readonly winners: Int32Array;
}

export function maxPooling2dForward(pooling: MaxPooling2d, input: Float64Array): Pooled {
  const { channels: C } = pooling;
  const length = pooling.batch * pooling.height * pooling.width * C;
  const output = new Float64Array(length).fill(-Infinity);
  const winners = new Int32Array(length).fill(-1);
  eachTap(pooling, (to, _tap, from) => {
    for (let c = 0; c < C; c++) {
      const value = input[from * C + c]!;
      if (winners[to * C + c]! < 0 || value > output[to * C + c]!) {
        output[to * C + c] = value;
        winners[to * C + c] = from * C + c;
      }
    }
  });
  return { output, winners };
}

/** Each winner gets the gradient of what it has become. */
export function maxPooling2dBackward(
  pooling: MaxPooling2d,
  winners: Int32Array,
  dOutput: Float64Array,
): Float64Array {
  const { batch, inputHeight, inputWidth, channels } = pooling;
  const dInput = new Float64Array(batch * inputHeight * inputWidth * channels);
  dOutput.forEach((gradient, i) => {
    dInput[winners[i]!]! += gradient;
  });
  return dInput;
}
