/**
 * HDF5, the file format of h5py, in plain values: groups within groups, arrays in them, and attributes of both. What is read and written
 * is the part of it that Keras and h5py use by default: `decode.ts` and `encode.ts`. The library itself as WebAssembly (h5wasm 0.10.3: a
 * script of 4.2 MB, 14.7 MB unpacked) would be larger than all the rest of a page that uses simdnet.
 *
 * Read: superblocks 0 to 3, old-style groups and links in headers, contiguous, compact and chunked data (gzip, shuffle). Not read: links
 * and attributes in heaps of their own, and chunks indexed as libver='latest' does.
 *
 * Source: HDF5 File Format Specification, version 3.0, https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
 */

/** A folder. The file itself is one. */
export interface H5Group {
  readonly attributes: Map<string, H5Value>;
  readonly groups: Map<string, H5Group>;
  readonly datasets: Map<string, H5Dataset>;
}

/** An array in row-major order; `data.length` is the product of `shape`, and `[]` is a scalar. */
export interface H5Dataset {
  readonly attributes: Map<string, H5Value>;
  readonly shape: readonly number[];
  readonly data: H5Numbers | readonly string[];
}

/** Of numbers. Booleans are read as Uint8Array, float16 as Float32Array. */
export type H5Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/**
 * An attribute. A scalar that is a whole number is a number where that is exact, and a bigint otherwise; `null` has no value
 * (`h5py.Empty`). What has dimensions is a list, or an array of its values in row-major order.
 */
export type H5Value = string | number | bigint | boolean | null | readonly string[] | H5Numbers;

/** A group with nothing in it, to be filled. */
export function emptyGroup(): H5Group {
  return { attributes: new Map(), groups: new Map(), datasets: new Map() };
}
