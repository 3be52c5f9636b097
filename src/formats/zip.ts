/** Zip files in memory, as Keras writes its models: a few entries, stored or deflated. */
import { FormatError } from '../errors.ts';

/**
 * The files in a zip file, by name.
 * @param fileName for messages only
 * @throws FormatError if it is damaged, encrypted, ZIP64, or unpacks to more than a file of its size may
 */
export function decodeZip(bytes: Uint8Array, fileName: string): Map<string, Uint8Array> {
  throw new FormatError(`${fileName} (${bytes.length} bytes) is a zip file, which is not read yet`);
}

/** A zip file whose entries are stored, in the order of the map. The same files always give the same bytes. */
export function encodeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  throw new FormatError(`zip files are not written yet, and this one has ${files.size} entries`);
}
