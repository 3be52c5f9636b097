/** The engine's builds and the worker's program as files beside the bundle. The addresses are written out for bundlers. */
import { EngineError } from '../errors.ts';

/** What to do when the worker does not start, for messages. */
export const remedy =
  'Is worker.js beside simdnet.js on the same origin? On a cross-origin isolated page it also needs the header ' +
  'Cross-Origin-Embedder-Policy: require-corp. The import "simdnet" has the worker inside.';

/** One build of the engine. @throws EngineError if it cannot be fetched */
export async function loadAsset(name: string): Promise<Response> {
  const url = addresses[name]!();
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin' });
  } catch (cause) {
    throw new EngineError(`The engine cannot be fetched from ${url.href}: is the file there?`, { cause });
  }
  if (!response.ok) {
    throw new EngineError(
      `The engine cannot be fetched from ${url.href}: HTTP ${response.status}. The .wasm files belong beside simdnet.js.`,
    );
  }
  if (response.headers.get('content-type')?.startsWith('application/wasm')) return response;
  // Servers that do not know .wasm would otherwise keep it from being compiled.
  return new Response(response.body, { headers: { 'content-type': 'application/wasm' } });
}

const addresses: Readonly<Record<string, () => URL>> = {
  simd: () => new URL('./simd.wasm', import.meta.url),
  relaxed: () => new URL('./relaxed.wasm', import.meta.url),
  'simd-shared': () => new URL('./simd-shared.wasm', import.meta.url),
  'relaxed-shared': () => new URL('./relaxed-shared.wasm', import.meta.url),
};

/** A worker that has not been sent anything yet. */
export function createWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}
