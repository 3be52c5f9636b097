/** What the decoders of pictures need of a page or worker. nodeDecoders.ts has the same functions. */
import { EngineError } from '../errors.ts';
import { InflateError } from '../formats/inflateError.ts';

export { crc32 } from '../formats/crc.ts';

export type DecoderName = 'jpeg' | 'webp';

/** Beside the program; written out for bundlers. */
const addresses: Record<DecoderName, () => URL> = {
  jpeg: () => new URL('./jpeg-turbo.wasm', import.meta.url),
  webp: () => new URL('./webp.wasm', import.meta.url),
};

/** @throws EngineError if it cannot be fetched, or the page's Content-Security-Policy forbids WebAssembly */
export async function compileDecoder(name: DecoderName): Promise<WebAssembly.Module> {
  const url = addresses[name]();
  try {
    const response = await fetch(url, { credentials: 'same-origin' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    throw new EngineError(
      `The decoder ${url.href} cannot be loaded (${cause instanceof Error ? cause.message : String(cause)}): is the file there?`,
      { cause },
    );
  }
}

/**
 * @param parts  of a zlib stream; what follows its end is ignored
 * @param length  bytes that it must hold
 * @throws InflateError if it holds fewer or more, or is damaged
 */
export async function inflate(parts: readonly Uint8Array[], length: number): Promise<Uint8Array> {
  const inflated = new Blob(parts as Uint8Array<ArrayBuffer>[])
    .stream()
    .pipeThrough(new DecompressionStream('deflate'))
    .getReader();
  const bytes = new Uint8Array(length);
  let at = 0;
  try {
    for (let next = await inflated.read(); !next.done; next = await inflated.read()) {
      if (at + next.value.length > length) throw new InflateError('long');
      bytes.set(next.value, at);
      at += next.value.length;
    }
  } catch (cause) {
    if (cause instanceof InflateError) {
      await inflated.cancel();
      throw cause;
    }
    // The stream does not say whether it is cut short, damaged, or followed by something else.
    if (at < length) throw new InflateError('damaged', { cause, reason: 'its pixels cannot be inflated' });
  }
  if (at < length) throw new InflateError('short');
  return bytes;
}
