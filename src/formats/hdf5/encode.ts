/** Writing HDF5. */
import { FormatError } from '../../errors.ts';
import type { H5Group } from './hdf5.ts';

/**
 * The bytes of a file that every HDF5 library reads. The same content always gives the same bytes: names are in their own order.
 *
 * @throws OptionError if there is something in it that HDF5 cannot hold: a name with "/" in it, data that do not fill their shape
 */
export function encodeHdf5(root: H5Group): Uint8Array<ArrayBuffer> {
  throw new FormatError(`HDF5 files are not written yet, and this one has ${root.groups.size} groups`);
}
