/**
 * Safetensors: named tensors in one file, read without running anything.
 *
 * ```
 * 8 bytes   length of the header, little-endian u64
 * header    JSON: { name: { dtype, shape, data_offsets: [begin, end) }, __metadata__: { string: string } }, space-padded
 * data      the tensors' bytes, little-endian, row-major, without gaps; offsets count from the start of the data
 * ```
 * Source: https://github.com/huggingface/safetensors#format and the checks of its reference reader.
 * Typed arrays are used as they are, because every platform that runs WebAssembly in practice is little-endian.
 */
import { FormatError, OptionError } from '../errors.ts';
import { MAX_HEADER_BYTES } from '../limits.ts';
import { ARRAYS, checkEntry, parseHeader, type TensorEntry } from './safetensorsHeader.ts';

/** A tensor in row-major order; `data.length` is the product of `shape`, and `[]` is a scalar. */
export type SafeTensor = F16Tensor | F32Tensor | F64Tensor | U8Tensor | I32Tensor | I64Tensor;
/** The bits of each number: float16.ts widens them. */
export interface F16Tensor {
  readonly dtype: 'F16' | 'BF16';
  readonly shape: readonly number[];
  readonly data: Uint16Array;
}
export interface F32Tensor {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
export interface F64Tensor {
  readonly dtype: 'F64';
  readonly shape: readonly number[];
  readonly data: Float64Array;
}
export interface U8Tensor {
  readonly dtype: 'U8';
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}
export interface I32Tensor {
  readonly dtype: 'I32';
  readonly shape: readonly number[];
  readonly data: Int32Array;
}
export interface I64Tensor {
  readonly dtype: 'I64';
  readonly shape: readonly number[];
  readonly data: BigInt64Array;
}

export interface SafetensorsFile {
  /** In the order of their data in the file. */
  readonly tensors: Map<string, SafeTensor>;
  readonly metadata: Record<string, string>;
}

/** The length of the header. */
export const PREFIX_BYTES = 8;
const ALIGNMENT = 8;

/**
 * The bytes of a safetensors file. The same tensors and metadata in the same order always give the same bytes.
 *
 * @param tensors by name, written in the order of the map
 * @param metadata free text; left out of the file when empty
 * @throws OptionError when a tensor's data do not fill its shape, or a name is reserved
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const unfit = (what: string): OptionError => new OptionError(`not to be written as safetensors: ${what}`);
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let dataBytes = 0;
  // Fields are joined by hand because an object would move number-like names to the front.
  for (const [name, tensor] of tensors) {
    if (name === '__metadata__')
      throw unfit('"__metadata__" is a reserved name; give the tensor another one');
    const { dtype, shape, data } = tensor;
    const end = dataBytes + data.byteLength;
    const entry = checkEntry(name, { dtype, shape, data_offsets: [dataBytes, end] }, end, unfit);
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    dataBytes = end;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw unfit(
      `a header of ${headerBytes} bytes, more than the ${MAX_HEADER_BYTES} that are read; ` +
        'write fewer tensors or shorter metadata',
    );
  }

  const file = new Uint8Array(PREFIX_BYTES + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, PREFIX_BYTES, PREFIX_BYTES + headerBytes);
  file.set(json, PREFIX_BYTES);
  let at = PREFIX_BYTES + headerBytes;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * Reads a whole safetensors file, checking every claim of its header first.
 *
 * @param bytes the file; nothing returned shares memory with it
 * @param fileName for messages only
 * @throws FormatError naming the file and what is wrong with it
 */
export function decodeSafetensors(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const dataStart = headerEnd(bytes.subarray(0, PREFIX_BYTES), bytes.length, fileName);
  const data = bytes.subarray(dataStart);
  const header = parseHeader(bytes.subarray(PREFIX_BYTES, dataStart), data.length, unusable(fileName));
  const tensors = new Map<string, SafeTensor>();
  for (const [name, entry] of header.entries) tensors.set(name, readTensor(entry, data));
  return { tensors, metadata: header.metadata };
}

/** Makes the error for a complaint about a file. */
export function unusable(fileName: string): (what: string) => FormatError {
  return (what) => new FormatError(`${fileName}: not a usable safetensors file: ${what}`);
}

/**
 * Where the header of a file ends, and the data begin.
 * @param prefix  the first {@link PREFIX_BYTES} bytes, or all that it has
 * @throws FormatError if it has no such header
 */
export function headerEnd(prefix: Uint8Array, fileBytes: number, fileName: string): number {
  const broken = unusable(fileName);
  if (prefix.length < PREFIX_BYTES) {
    throw broken(`it has only ${fileBytes} bytes, and the length of its header alone takes ${PREFIX_BYTES}`);
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const claimedBytes = Number(view.getBigUint64(0, true));
  if (claimedBytes > MAX_HEADER_BYTES) {
    throw broken(
      `its first 8 bytes claim a header of ${claimedBytes} bytes, more than the ${MAX_HEADER_BYTES} ` +
        'that are read; it is probably another kind of file',
    );
  }
  const dataStart = PREFIX_BYTES + claimedBytes;
  if (dataStart > fileBytes) {
    throw broken(
      `its header should end at byte ${dataStart}, but the file ends at ${fileBytes}; ` +
        'it is cut short: copy or download it again',
    );
  }
  return dataStart;
}

function readTensor({ dtype, shape, data_offsets: [begin, end] }: TensorEntry, data: Uint8Array): SafeTensor {
  // A copy, because a typed array needs an offset that is a multiple of its element and a file need not give one.
  const { buffer } = new Uint8Array(data.subarray(begin, end));
  return { dtype, shape, data: new ARRAYS[dtype](buffer) } as SafeTensor;
}
