/** The decoders of pictures as parts of a page that is one file: src/browser/classifier/template.mjs puts them in. */
import { EngineError } from '../errors.ts';
import type { DecoderName } from './browserDecoders.ts';
import { inflated } from './inflated.ts';

export { crc32, inflate, type DecoderName } from './browserDecoders.ts';

/** Replaced by the bundler: what `inflated` takes. */
declare const SIMDNET_DECODERS: Readonly<Record<DecoderName, string>>;

/** @throws EngineError if the browser does not compile it */
export async function compileDecoder(name: DecoderName): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(await inflated(SIMDNET_DECODERS[name]));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(`The decoder for ${name} cannot be compiled: ${reason}`, { cause });
  }
}
