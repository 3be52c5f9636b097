/**
 * A checkpoint as bytes: safetensors, which other tools can read, with `weights/…`, `optimizer/…` and `callbacks/…` as tensors
 * and all else as JSON in the metadata. See docs/checkpoints.md.
 */
import { FormatError } from '../errors.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  type F32Tensor,
  type SafetensorsFile,
  type SafeTensor,
} from '../formats/safetensors.ts';
import type { Tensor } from '../nn/parameters.ts';
import type { CallbackState } from './callbacks.ts';
import type { Checkpoint } from './checkpoint.ts';
import { parseCheckpointRecord, recordJson } from './checkpointRecord.ts';

/** Keys of the metadata. */
const RECORD = 'simdnet.checkpoint';
const SHA256 = 'simdnet.sha256';

/** In the place of the hash while it is computed. */
const NO_HASH = '0'.repeat(64);

/** The bytes of a checkpoint, with a hash over all of them where the platform has one: pages need a secure context. */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { weights, optimizer, callbacks, ...rest } = checkpoint;
  const tensors = new Map<string, F32Tensor>();
  const add = (folder: string, given: ReadonlyMap<string, Tensor> = new Map()): void => {
    for (const [name, { shape, data }] of given) tensors.set(folder + name, { dtype: 'F32', shape, data });
  };
  add('weights/', weights);
  add('optimizer/', optimizer);
  for (const [name, state] of callbacks) add(folderOf(name), state.tensors);
  const states = Object.fromEntries([...callbacks].map(([name, { values }]) => [name, values]));
  const record = recordJson({ ...rest, callbacks: states });
  const bytes = encodeSafetensors(tensors, { [RECORD]: record, [SHA256]: NO_HASH });
  const hash = await hashOf(bytes);
  if (hash !== undefined) bytes.set(new TextEncoder().encode(hash), placeOfHash(bytes, NO_HASH));
  return bytes;
}

/**
 * A checkpoint from the bytes of a file.
 * @param fileName  for messages
 * @throws FormatError if it is damaged, or no checkpoint
 */
export async function decodeCheckpoint(bytes: Uint8Array, fileName = 'The checkpoint'): Promise<Checkpoint> {
  return checkpointOfSafetensors(decodeSafetensors(bytes, fileName), bytes, fileName);
}

/** The same from a file that has been decoded. @param bytes  its own, which have a hash @throws FormatError */
export async function checkpointOfSafetensors(
  { metadata, tensors }: SafetensorsFile,
  bytes: Uint8Array,
  fileName: string,
): Promise<Checkpoint> {
  const { [RECORD]: json, [SHA256]: hash } = metadata;
  if (json === undefined || hash === undefined)
    throw new FormatError(`${fileName} is no checkpoint: its metadata lacks ${RECORD} or ${SHA256}.`);
  await mustBeWhole(bytes, hash, fileName);
  const record = parseCheckpointRecord(json, `${fileName}: ${RECORD} in its metadata`);
  const take = (folder: string): Map<string, Tensor> => {
    const inside = [...tensors].filter(([path]) => path.startsWith(folder));
    return new Map(
      inside.map(([path, tensor]) => [path.slice(folder.length), floats(path, tensor, fileName)]),
    );
  };
  const states = Object.entries(record.callbacks).map(([name, values]): [string, CallbackState] => [
    name,
    { values, tensors: take(folderOf(name)) },
  ]);
  return { ...record, weights: take('weights/'), optimizer: take('optimizer/'), callbacks: new Map(states) };
}

/** Whether a file, whole or not, says that it is a checkpoint. */
export function isCheckpoint({ metadata }: SafetensorsFile): boolean {
  return RECORD in metadata;
}

/** Where the tensors of a callback are: its name may have slashes. */
function folderOf(callback: string): string {
  return `callbacks/${encodeURIComponent(callback)}/`;
}

function floats(path: string, tensor: SafeTensor, fileName: string): Tensor {
  if (tensor.dtype === 'F32') return tensor;
  throw new FormatError(`${fileName}: the tensor "${path}" is ${tensor.dtype}; a checkpoint has F32 only.`);
}

/** @throws FormatError if the bytes are not those that were hashed */
async function mustBeWhole(bytes: Uint8Array, hash: string, fileName: string): Promise<void> {
  if (hash === NO_HASH) return;
  const unhashed = bytes.slice();
  const place = placeOfHash(bytes, hash);
  unhashed.set(new TextEncoder().encode(NO_HASH), place);
  const found = await hashOf(unhashed);
  if (found === undefined || (place > 0 && found === hash)) return;
  throw new FormatError(`${fileName} is damaged: its bytes do not have the hash that stands in it.`);
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  // Insecure pages have no hashes.
  const { subtle } = globalThis.crypto as { readonly subtle?: SubtleCrypto };
  if (!subtle) return undefined;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Where the hash stands in the header, in bytes; 0 if it does not. */
function placeOfHash(bytes: Uint8Array, hash: string): number {
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  // One character a byte.
  const header = new TextDecoder('latin1').decode(bytes.subarray(0, 8 + headerBytes));
  const key = `"${SHA256}":"`;
  const place = header.indexOf(`${key}${hash}"`);
  return place < 0 ? 0 : place + key.length;
}
