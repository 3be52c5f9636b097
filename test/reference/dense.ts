/** Dense layers in float64. Inputs are [batch, inputs], kernels [inputs, units]; for the bias see conv2d.ts. */

export interface Dense {
  readonly batch: number;
  readonly inputs: number;
  readonly units: number;
}

/** output = input · kernel + bias */
export function denseForward(
  { batch, inputs, units }: Dense,
  input: Float64Array,
  kernel: Float64Array,
  bias: Float64Array,
): Float64Array {
  const output = new Float64Array(batch * units);
  for (let n = 0; n < batch; n++) {
    for (let u = 0; u < units; u++) {
      let sum = bias[u]!;
      for (let i = 0; i < inputs; i++) sum += input[n * inputs + i]! * kernel[i * units + u]!;
      output[n * units + u] = sum;
    }
  }
  return output;
}

/** dInput = dOutput · kernelᵀ */
export function denseBackwardInput(
  { batch, inputs, units }: Dense,
  kernel: Float64Array,
  dOutput: Float64Array,
): Float64Array {
  const dInput = new Float64Array(batch * inputs);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let u = 0; u < units; u++) sum += dOutput[n * units + u]! * kernel[i * units + u]!;
      dInput[n * inputs + i] = sum;
    }
  }
  return dInput;
}

/** dKernel = inputᵀ · dOutput */
export function denseBackwardKernel(
  { batch, inputs, units }: Dense,
  input: Float64Array,
  dOutput: Float64Array,
): Float64Array {
  const dKernel = new Float64Array(inputs * units);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < inputs; i++) {
      const value = input[n * inputs + i]!;
      for (let u = 0; u < units; u++) dKernel[i * units + u]! += value * dOutput[n * units + u]!;
    }
  }
  return dKernel;
}
