/** The weights of a tfjs model: the bytes of its shards, and the values that they stand for. */
import { product } from '../../product.ts';
import { float16ToFloat32 } from '../float16.ts';
import { BYTES_OF, unusableTfjs, type TfjsEntry, type TfjsGroup } from './model.ts';

/** A weight with its values, row-major; `int32` and `bool` as the same numbers. */
export interface TfjsWeight extends TfjsEntry {
  readonly data: Float32Array;
}

/**
 * The weights of a group.
 * @param shards    the bytes of its paths, in their order
 * @param fileName  of the model, for messages
 * @throws FormatError if the shards do not hold as many bytes as the weights take
 */
export function decodeTfjsWeights(
  { paths, weights }: TfjsGroup,
  shards: readonly Uint8Array[],
  fileName: string,
): TfjsWeight[] {
  const claimed = weights.reduce((sum, weight) => sum + byteLength(weight), 0);
  const held = shards.reduce((sum, { length }) => sum + length, 0);
  if (claimed !== held) {
    throw unusableTfjs(fileName)(
      `its weights take ${claimed} bytes, but ${paths.join(', ')} ${paths.length === 1 ? 'has' : 'have'} ${held}; ` +
        'a shard is cut short or of another model: copy or download them again',
    );
  }
  const bytes = shards.length === 1 ? shards[0]! : joined(shards, held);
  let at = 0;
  return weights.map((weight) => {
    const end = at + byteLength(weight);
    // A copy, because a typed array needs an offset that is a multiple of its element; slice() makes none of a Buffer.
    const own = new Uint8Array(bytes.subarray(at, end)).buffer;
    at = end;
    return { ...weight, data: valuesOf(weight, own) };
  });
}

function byteLength({ shape, dtype, quantization }: TfjsEntry): number {
  return product(shape) * BYTES_OF[quantization?.dtype ?? dtype];
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function valuesOf({ dtype, quantization }: TfjsEntry, bytes: ArrayBuffer): Float32Array {
  if (quantization?.dtype === 'float16') return mapped(new Uint16Array(bytes), float16ToFloat32);
  if (quantization) {
    const { scale, min } = quantization;
    const stored = quantization.dtype === 'uint8' ? new Uint8Array(bytes) : new Uint16Array(bytes);
    const value = (n: number): number => n * scale + min;
    return mapped(stored, dtype === 'int32' ? (n) => Math.round(value(n)) : value);
  }
  if (dtype === 'float32') return new Float32Array(bytes);
  return new Float32Array(dtype === 'int32' ? new Int32Array(bytes) : new Uint8Array(bytes));
}

/** `Float32Array.from` would go through an iterator: many times slower, and there are millions. */
function mapped(stored: Uint8Array | Uint16Array, value: (stored: number) => number): Float32Array {
  const values = new Float32Array(stored.length);
  for (let i = 0; i < stored.length; i++) values[i] = value(stored[i]!);
  return values;
}
