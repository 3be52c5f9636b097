/**
 * Arithmetic with broadcasting in float64, and its gradients. Shapes are [batch, height, width, channels]; an operand may
 * have 1 instead of any but the batch.
 */

export type Shape4 = readonly [batch: number, height: number, width: number, channels: number];

/** For each value of `shape`, the index of the operand's value that belongs to it. */
export function operandIndices(shape: Shape4, operand: Shape4): Int32Array {
  const indices: number[] = [];
  const at = (n: number, y: number, x: number, c: number): number => {
    const place = [n, y, x, c].map((index, axis) => (operand[axis] === 1 ? 0 : index));
    return place.reduce((index, along, axis) => index * operand[axis]! + along, 0);
  };
  for (let n = 0; n < shape[0]; n++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++) {
        for (let c = 0; c < shape[3]; c++) indices.push(at(n, y, x, c));
      }
    }
  }
  return Int32Array.from(indices);
}

/** The operand as large as `shape`. */
export function broadcast(shape: Shape4, operand: Shape4, values: ArrayLike<number>): Float64Array {
  return Float64Array.from(operandIndices(shape, operand), (i) => values[i]!);
}

/** Σ of `values`, which have `shape`, over the axes on which the operand has 1. */
export function reduceTo(shape: Shape4, operand: Shape4, values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(operand[0] * operand[1] * operand[2] * operand[3]);
  operandIndices(shape, operand).forEach((to, from) => {
    sums[to]! += values[from]!;
  });
  return sums;
}
