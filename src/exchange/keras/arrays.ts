/** Arrays of HDF5 as weights. */
import { FormatError } from '../../errors.ts';
import type { H5Dataset, H5Group } from '../../formats/hdf5/hdf5.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { Shape } from '../../nn/shape.ts';

/**
 * @param what  it is, for messages
 * @throws FormatError if it is of another shape, or not made of numbers
 */
export function tensorOf(dataset: H5Dataset, shape: Shape, what: string): Tensor {
  if (dataset.shape.join() === shape.join()) return { shape, data: floatsOf(dataset, what) };
  throw new FormatError(
    `${what} is [${dataset.shape.join(', ')}], but the network needs [${shape.join(', ')}].`,
  );
}

/** @throws FormatError if it is not made of numbers */
export function floatsOf({ data }: H5Dataset, what: string): Float32Array {
  if (data instanceof Float32Array) return data;
  if (!ArrayBuffer.isView(data) || data instanceof BigInt64Array || data instanceof BigUint64Array) {
    throw new FormatError(
      `${what} is made of ${ArrayBuffer.isView(data) ? 'integers' : 'text'}, not of numbers.`,
    );
  }
  return Float32Array.from(data);
}

/** A number that counts. @throws FormatError if it is none */
export function scalarOf({ data }: H5Dataset, what: string): number {
  const count = Number(data.length === 1 ? data[0] : NaN);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new FormatError(`${what} is no whole number of at least 0.`);
}

/** A group within groups; undefined if there is none. */
export function groupAt(root: H5Group, path: readonly string[]): H5Group | undefined {
  return path.reduce<H5Group | undefined>((group, name) => group?.groups.get(name), root);
}

/** The arrays "0", "1", … of a group. */
export function numberedArrays(group: H5Group | undefined): H5Dataset[] {
  const arrays: H5Dataset[] = [];
  for (
    let dataset = group?.datasets.get('0');
    dataset;
    dataset = group?.datasets.get(String(arrays.length))
  ) {
    arrays.push(dataset);
  }
  return arrays;
}
