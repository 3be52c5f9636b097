/** Where the elements of a dataset are: in its header, in one piece, or in chunks. */
import { readChunks } from './chunks.ts';
import type { Dataspace } from './dataspace.ts';
import { readFilters } from './filters.ts';
import { MESSAGE, type ObjectHeader } from './objectHeader.ts';
import type { Source } from './source.ts';

/** How they may be laid out. */
const COMPACT = 0;
const CONTIGUOUS = 1;
const CHUNKED = 2;

/** The bytes of all elements of a dataset, in order. They may be the file's own: nothing may keep or change them. */
export function readData(
  header: ObjectHeader,
  { shape, count }: Dataspace,
  elementBytes: number,
  source: Source,
): Uint8Array {
  if (header.has(MESSAGE.externalFiles)) {
    throw source.unsupported('is in other files', 'save it in one file');
  }
  const layout = header.get(MESSAGE.layout, 'the layout of its data');
  const version = layout.u8();
  if (version !== 3 && version !== 4) {
    throw source.unsupported(`has a layout of version ${version}`, 'save it with h5py');
  }
  const kind = layout.u8();
  const length = count * elementBytes;
  if (kind === COMPACT) {
    source.spend(length);
    const stored = layout.u16();
    if (stored < length) throw source.broken(`it has ${stored} bytes of data instead of ${length}`);
    return layout.bytes(length);
  }
  if (kind === CONTIGUOUS) {
    const [address, stored] = [layout.address(), layout.u64()];
    source.spend(length);
    if (address === undefined) return filled(header, length, elementBytes, source);
    if (stored < length) throw source.broken(`it has ${stored} bytes of data instead of ${length}`);
    return source.view(address, length, 'its data');
  }
  if (kind !== CHUNKED) throw source.unsupported(`has a layout of class ${kind}`, 'save it with h5py');
  if (version !== 3) {
    throw source.unsupported(
      "has its chunks indexed as libver='latest' does",
      "save it without libver='latest'",
    );
  }
  const filters = readFilters(header, elementBytes, source);
  const make = (bytes: number): Uint8Array => filled(header, bytes, elementBytes, source);
  return readChunks(layout, { shape, elementBytes, length }, filters, make, source);
}

/** Data that nobody wrote: zeros, or what stands for them. The bytes have been paid for. */
function filled(header: ObjectHeader, length: number, elementBytes: number, source: Source): Uint8Array {
  const data = new Uint8Array(length);
  const fill = header.find(MESSAGE.fillValue, 'what stands for missing data');
  if (fill === undefined || length === 0) return data;
  const version = fill.u8();
  // Versions 1 and 2 say when it is written, twice, and whether there is one; 3 has that in its flags.
  if (version < 3) fill.skip(2);
  const defined = version < 3 ? fill.u8() !== 0 : (fill.u8() & 0x20) !== 0;
  const bytes = defined && fill.remaining >= 4 ? fill.u32() : 0;
  if (bytes === 0) return data;
  if (bytes !== elementBytes) throw source.broken('what stands for missing data has another size than they');
  const value = fill.bytes(bytes);
  for (let at = 0; at < length; at += bytes) data.set(value, at);
  return data;
}
