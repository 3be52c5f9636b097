/** Reading HDF5. */
import { FormatError } from '../../errors.ts';
import type { H5Group } from './hdf5.ts';

/**
 * Reads a whole file.
 *
 * @param bytes the file; nothing returned shares memory with it
 * @param fileName for messages only
 * @throws FormatError naming the file and what is wrong with it, or what of it is not supported
 */
export function decodeHdf5(bytes: Uint8Array, fileName: string): H5Group {
  throw new FormatError(`${fileName} (${bytes.length} bytes) is an HDF5 file, which is not read yet`);
}
