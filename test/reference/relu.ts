/** ReLU in float64. */

export function reluForward(input: Float64Array): Float64Array {
  return input.map((value) => Math.max(0, value));
}

/** @param output  what the forward pass gave; its input would do as well */
export function reluBackward(output: Float64Array, dOutput: Float64Array): Float64Array {
  return dOutput.map((gradient, i) => (output[i]! > 0 ? gradient : 0));
}
