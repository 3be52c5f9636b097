/** How a weight lies in memory here and in PyTorch: the same values in another order of axes. */
import type { Order } from './order.ts';

/** Axes of which the last of a tensor here come first in PyTorch. */
export interface Permutation {
  /** What the values are taken for here; up to four extents. */
  readonly view: readonly number[];
  /** Which of them each axis in PyTorch is. */
  readonly axes: readonly number[];
  /** In which order the first axis is taken before; as it is if left out. */
  readonly rows?: Order | undefined;
}

/** A weight as PyTorch has it. @param data  as it is here; it may be handed back */
export function toTorch(data: Float32Array, { view, axes, rows }: Permutation): Float32Array {
  return permuted(rows ? gathered(data, rows) : data, view, axes);
}

/** A weight as it is here, the inverse of {@link toTorch}. @param data  as PyTorch has it; it may be handed back */
export function fromTorch(data: Float32Array, { view, axes, rows }: Permutation): Float32Array {
  const back = axes.map((_, axis) => axes.indexOf(axis));
  const here = permuted(
    data,
    axes.map((axis) => view[axis]!),
    back,
  );
  return rows ? scattered(here, rows) : here;
}

function permuted(data: Float32Array, view: readonly number[], axes: readonly number[]): Float32Array {
  if (axes.every((axis, i) => axis === i)) return data;
  const strides = view.map((_, axis) =>
    view.slice(axis + 1).reduce((product, extent) => product * extent, 1),
  );
  const missing = new Array<number>(4 - axes.length);
  const [d0, d1, d2, d3] = [...missing.fill(1), ...axes.map((axis) => view[axis]!)] as Four;
  const [s0, s1, s2, s3] = [...missing.fill(0), ...axes.map((axis) => strides[axis]!)] as Four;
  const result = new Float32Array(data.length);
  let to = 0;
  for (let i0 = 0; i0 < d0; i0++) {
    for (let i1 = 0; i1 < d1; i1++) {
      for (let i2 = 0; i2 < d2; i2++) {
        let from = i0 * s0 + i1 * s1 + i2 * s2;
        for (let i3 = 0; i3 < d3; i3++, from += s3) result[to++] = data[from]!;
      }
    }
  }
  return result;
}

type Four = [number, number, number, number];

function gathered(data: Float32Array, rows: Order): Float32Array {
  const length = data.length / rows.length;
  const result = new Float32Array(data.length);
  rows.forEach((row, i) => {
    result.set(data.subarray(row * length, (row + 1) * length), i * length);
  });
  return result;
}

function scattered(data: Float32Array, rows: Order): Float32Array {
  const length = data.length / rows.length;
  const result = new Float32Array(data.length);
  rows.forEach((row, i) => {
    result.set(data.subarray(i * length, (i + 1) * length), row * length);
  });
  return result;
}
