/** Dataspaces: the shape of a dataset or an attribute. */
import { MAX_VALUES } from '../../limits.ts';
import { product } from '../../product.ts';
import type { Cursor, Source } from './source.ts';

/** Dimensions that HDF5 itself allows. */
const MOST_DIMENSIONS = 32;

export interface Dataspace {
  /** `[]` is a scalar. */
  readonly shape: readonly number[];
  /** How many elements there are. */
  readonly count: number;
  /** Whether there is no value at all. */
  readonly isNull: boolean;
}

export function readDataspace(cursor: Cursor, source: Source): Dataspace {
  const [version, dimensions, flags] = [cursor.u8(), cursor.u8(), cursor.u8()];
  if (version !== 1 && version !== 2) {
    throw source.broken(`its dataspace has version ${version}, and there are 1 and 2`);
  }
  if (dimensions > MOST_DIMENSIONS) throw source.broken(`it has ${dimensions} dimensions`);
  const isNull = version === 2 && cursor.u8() === 2;
  if (version === 1) cursor.skip(5);
  const shape = Array.from({ length: dimensions }, () => cursor.u64());
  // How far it may grow.
  if (flags & 1) cursor.skip(8 * dimensions);
  if (isNull) return { shape: [], count: 0, isNull };
  const count = product(shape);
  if (!(count <= MAX_VALUES)) throw source.broken(`it claims ${count} elements, more than ${MAX_VALUES}`);
  return { shape, count, isNull };
}
