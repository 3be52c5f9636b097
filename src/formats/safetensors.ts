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
import {
  elementBytes,
  MAX_HEADER_BYTES,
  parseHeader,
  type Dtype,
  type TensorEntry,
} from './safetensorsHeader.ts';

/** A tensor in row-major order; `data.length` is the product of `shape`, and `[]` is a scalar. */
export type SafeTensor = F32Tensor | F64Tensor | U8Tensor | I64Tensor;
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

const PREFIX_BYTES = 8;
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
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let dataBytes = 0;
  // Fields are joined by hand because an object would move number-like names to the front.
  for (const [name, tensor] of tensors) {
    checkTensor(name, tensor);
    const { dtype, shape, data } = tensor;
    const entry: TensorEntry = { dtype, shape, data_offsets: [dataBytes, dataBytes + data.byteLength] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    dataBytes += data.byteLength;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new OptionError(
      `the safetensors header would take ${headerBytes} bytes, more than the ${MAX_HEADER_BYTES} the format allows; ` +
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

function checkTensor(name: string, { dtype, shape, data }: SafeTensor): void {
  if (name === '__metadata__') {
    throw new OptionError(
      '"__metadata__" is reserved by the safetensors format; give the tensor another name',
    );
  }
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) {
    throw new OptionError(
      `tensor "${name}": the shape [${shape.join(', ')}] must be made of whole numbers >= 0`,
    );
  }
  if (elements !== data.length || data.byteLength !== elements * elementBytes[dtype]) {
    throw new OptionError(
      `tensor "${name}": the shape [${shape.join(', ')}] of ${dtype} holds ${elements} values, but the data hold ` +
        `${data.length} (${data.byteLength} bytes)`,
    );
  }
}

/**
 * Reads a whole safetensors file, checking every claim of its header first.
 *
 * @param bytes the file; nothing returned shares memory with it
 * @param fileName for messages only
 * @throws FormatError naming the file and what is wrong with it
 */
export function decodeSafetensors(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const broken = (what: string) => new FormatError(`${fileName}: not a usable safetensors file: ${what}`);
  if (bytes.length < PREFIX_BYTES) {
    throw broken(
      `it has only ${bytes.length} bytes, and the length of its header alone takes ${PREFIX_BYTES}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claimedBytes = view.getBigUint64(0, true);
  if (claimedBytes > BigInt(MAX_HEADER_BYTES)) {
    throw broken(
      `its first 8 bytes claim a header of ${claimedBytes.toString()} bytes, more than the ${MAX_HEADER_BYTES} ` +
        'the format allows; it is probably another kind of file',
    );
  }
  const dataStart = PREFIX_BYTES + Number(claimedBytes);
  if (dataStart > bytes.length) {
    throw broken(
      `its header should end at byte ${dataStart}, but the file ends at ${bytes.length}; ` +
        'it is cut short: copy or download it again',
    );
  }

  const data = bytes.subarray(dataStart);
  const header = parseHeader(bytes.subarray(PREFIX_BYTES, dataStart), data.length, broken);
  const tensors = new Map<string, SafeTensor>();
  for (const [name, entry] of header.entries) tensors.set(name, readTensor(entry, data));
  return { tensors, metadata: header.metadata };
}

function readTensor(entry: TensorEntry, data: Uint8Array): SafeTensor {
  const [begin, end] = entry.data_offsets;
  // A copy, because a typed array needs an offset that is a multiple of its element and a file need not give one.
  const copy = new Uint8Array(end - begin);
  copy.set(data.subarray(begin, end));
  const { dtype, shape } = entry;
  const read: Record<Dtype, () => SafeTensor> = {
    F32: () => ({ dtype: 'F32', shape, data: new Float32Array(copy.buffer) }),
    F64: () => ({ dtype: 'F64', shape, data: new Float64Array(copy.buffer) }),
    U8: () => ({ dtype: 'U8', shape, data: copy }),
    I64: () => ({ dtype: 'I64', shape, data: new BigInt64Array(copy.buffer) }),
  };
  return read[dtype]();
}
