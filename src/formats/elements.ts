/** Types of numbers in files, and the arrays that hold them. */

export interface ElementType {
  readonly kind: 'int' | 'uint' | 'float';
  readonly bytes: 1 | 2 | 4 | 8;
  readonly bigEndian: boolean;
}

export type Elements =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** As NumPy calls it: uint8, float32. */
export function nameOfType({ kind, bytes }: ElementType): string {
  return `${kind}${8 * bytes}`;
}

/**
 * Bytes as the numbers that they are; where the high bytes come first, they are turned round in place.
 * @param bytes  from an offset that is a multiple of 8, and a whole number of elements
 */
export function elementsOf(
  bytes: Uint8Array<ArrayBuffer>,
  { kind, bytes: size, bigEndian }: ElementType,
): Elements {
  if (bigEndian) turnRound(bytes, size);
  const place = [bytes.buffer, bytes.byteOffset, bytes.length / size] as const;
  const arrays = {
    uint: { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array },
    int: { 1: Int8Array, 2: Int16Array, 4: Int32Array, 8: BigInt64Array },
    float: { 1: undefined, 2: undefined, 4: Float32Array, 8: Float64Array },
  }[kind];
  return new arrays[size]!(...place);
}

/** Reverses the bytes of each element. */
function turnRound(bytes: Uint8Array, size: number): void {
  for (let begin = 0; begin < bytes.length; begin += size) {
    for (let i = begin, j = begin + size - 1; i < j; i++, j--) {
      const byte = bytes[i]!;
      bytes[i] = bytes[j]!;
      bytes[j] = byte;
    }
  }
}
