/** Average pooling in float64, NHWC. Padding takes no part: each output is the mean of the pixels under its window. */
import { eachTap, type Windows } from './windows.ts';

export interface AveragePooling2d extends Windows {
  readonly channels: number;
}

/** How many pixels lie under each window. */
export function windowCounts(pooling: Windows): Int32Array {
  const counts = new Int32Array(pooling.batch * pooling.height * pooling.width);
  eachTap(pooling, (to) => {
    counts[to]!++;
  });
  return counts;
}

export function averagePooling2dForward(pooling: AveragePooling2d, input: Float64Array): Float64Array {
  const { channels: C } = pooling;
  const counts = windowCounts(pooling);
  const sums = new Float64Array(counts.length * C);
  eachTap(pooling, (to, _tap, from) => {
    for (let c = 0; c < C; c++) sums[to * C + c]! += input[from * C + c]!;
  });
  return sums.map((sum, i) => sum / counts[Math.floor(i / C)]!);
}

export function averagePooling2dBackward(pooling: AveragePooling2d, dOutput: Float64Array): Float64Array {
  const { batch, inputHeight, inputWidth, channels: C } = pooling;
  const counts = windowCounts(pooling);
  const dInput = new Float64Array(batch * inputHeight * inputWidth * C);
  eachTap(pooling, (to, _tap, from) => {
    for (let c = 0; c < C; c++) dInput[from * C + c]! += dOutput[to * C + c]! / counts[to]!;
  });
  return dInput;
}
