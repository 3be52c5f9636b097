/** onnxruntime-web: native code compiled to WebAssembly SIMD, inference only. */
import * as runtime from 'onnxruntime-web';
import { onnxSession, type Predictor } from './onnxSession.ts';
import type { PeerOptions } from './peer.ts';

export async function onnxruntimeWeb(options: PeerOptions): Promise<Predictor> {
  runtime.env.wasm.numThreads = options.threads;
  return onnxSession(runtime, options, { executionProviders: ['wasm'] });
}
