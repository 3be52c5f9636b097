/** NPY arrays and zip files of them, right or wrong. */
import { crc32, deflateRawSync } from 'node:zlib';
import { joined } from '../fuzz/bytes.ts';

export interface NpyParts {
  /** NumPy's word for the type: "<f4". */
  readonly descr: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  readonly fortran?: boolean;
  readonly version?: 1 | 2 | 3;
  /** Instead of the dictionary that the rest makes. */
  readonly header?: string;
}

export function npyFile({
  descr,
  shape,
  data,
  fortran,
  version = 1,
  header,
}: NpyParts): Uint8Array<ArrayBuffer> {
  const size = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const text =
    header ?? `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${size}), }`;
  const start = version === 1 ? 10 : 12;
  const padded = text.padEnd(Math.ceil((start + text.length + 1) / 64) * 64 - start - 1) + '\n';
  const file = new Uint8Array(start + padded.length + data.length);
  file.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(file.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  file.set(Buffer.from(padded, version === 3 ? 'utf8' : 'latin1'), start);
  file.set(data, file.length - data.length);
  return file;
}

/** The bytes of numbers of a type, such as ">i2". */
export function numbersAs(descr: string, values: readonly number[]): Uint8Array {
  const [order, kind, size] = [descr[0]!, descr[1]!, Number(descr[2])];
  const little = order !== '>';
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, i) => {
    const at = i * size;
    if (kind === 'f' && size === 4) view.setFloat32(at, value, little);
    else if (kind === 'f') view.setFloat64(at, value, little);
    else if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, little);
    else if (size === 4) view.setUint32(at, value, little);
    else view.setBigInt64(at, BigInt(value), little);
  });
  return new Uint8Array(view.buffer);
}

/** An array of numbers. */
export function npyOf(descr: string, shape: readonly number[], values: readonly number[]): Uint8Array {
  return npyFile({ descr, shape, data: numbersAs(descr, values) });
}

export interface ZipEntry {
  /** In UTF-8, or as bytes in whatever the writer took. */
  readonly name: string | Uint8Array;
  readonly content: Uint8Array;
  readonly deflated?: boolean;
  /** What the file claims, if it is not so. */
  readonly size?: number;
  readonly checksum?: number;
  readonly method?: number;
  /** Whether checksum and sizes stand behind the content only, as macOS writes them. */
  readonly descriptor?: boolean;
  readonly flags?: number;
}

/** A zip file. */
export function zipOf(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const packed = entry.deflated ? deflateRawSync(entry.content) : entry.content;
    const fields = (view: DataView, at: number): void => {
      view.setUint16(at, 20, true); // Version that is needed.
      view.setUint16(at + 2, (entry.flags ?? 0) | (entry.descriptor ? 8 : 0), true);
      view.setUint16(at + 4, entry.method ?? (entry.deflated ? 8 : 0), true);
      view.setUint32(at + 10, entry.checksum ?? crc32(entry.content), true);
      view.setUint32(at + 14, packed.length, true);
      view.setUint32(at + 18, entry.size ?? entry.content.length, true);
      view.setUint16(at + 22, name.length, true);
    };
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    fields(local, 4);
    const central = new DataView(new ArrayBuffer(46));
    central.setUint32(0, 0x02014b50, true);
    central.setUint16(4, 20, true);
    fields(central, 6);
    central.setUint32(42, offset, true);
    const behind = new DataView(new ArrayBuffer(entry.descriptor ? 16 : 0));
    if (entry.descriptor) {
      behind.setUint32(0, 0x08074b50, true);
      for (let i = 0; i < 3; i++) behind.setUint32(4 + 4 * i, local.getUint32(14 + 4 * i, true), true);
      new Uint8Array(local.buffer, 14, 12).fill(0);
    }
    parts.push(new Uint8Array(local.buffer), name, packed, new Uint8Array(behind.buffer));
    directory.push(new Uint8Array(central.buffer), name);
    offset += 30 + name.length + packed.length + behind.byteLength;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, entries.length, true);
  end.setUint32(
    12,
    directory.reduce((sum, part) => sum + part.length, 0),
    true,
  );
  end.setUint32(16, offset, true);
  return joined(...parts, ...directory, new Uint8Array(end.buffer));
}

/** An npz file of arrays by their names. */
export function npzOf(arrays: Readonly<Record<string, Uint8Array>>, deflated = false): Uint8Array {
  return zipOf(Object.entries(arrays).map(([name, content]) => ({ name: `${name}.npy`, content, deflated })));
}
