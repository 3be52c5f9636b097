/** What the decoders of pictures need of Node. Pages have the same functions in browserDecoders.ts. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';
import { EngineError } from '../errors.ts';
import { InflateError } from '../formats/inflateError.ts';

export { crc32 } from 'node:zlib';

export type DecoderName = 'jpeg' | 'webp';

const FILES: Record<DecoderName, string> = {
  jpeg: '@cwasm/jpeg-turbo/jpeg-turbo.wasm',
  webp: '@cwasm/webp/webp.wasm',
};

/** @throws EngineError if its package is missing or damaged */
export async function compileDecoder(name: DecoderName): Promise<WebAssembly.Module> {
  try {
    const path = createRequire(import.meta.url).resolve(FILES[name]);
    return await WebAssembly.compile(await readFile(path));
  } catch (cause) {
    throw new EngineError(`The decoder ${FILES[name]} cannot be loaded: install simdnet again.`, { cause });
  }
}

/** As `inflateExactly`, at once. */
export function inflate(parts: readonly Uint8Array[], length: number): Promise<Uint8Array> {
  return Promise.resolve().then(() => inflateExactly(parts, length));
}

/**
 * @param parts  of a zlib stream; what follows its end is ignored
 * @param length  bytes that it must hold
 * @throws InflateError if it holds fewer or more, or is damaged
 */
export function inflateExactly(parts: readonly Uint8Array[], length: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = inflateSync(Buffer.concat(parts), { maxOutputLength: length });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw new InflateError('short', { cause });
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new InflateError('long', { cause });
    throw new InflateError('damaged', { cause, reason: message });
  }
  if (bytes.length < length) throw new InflateError('short');
  return bytes;
}
