/** onnxruntime-web: native code compiled to WebAssembly SIMD, inference only. */
import * as runtime from 'onnxruntime-web';
import { tutorialPrediction } from '../tutorialCase.ts';
import { onnxSession, type Predictor } from './onnxSession.ts';
import type { PeerOptions } from './peer.ts';

export async function onnxruntimeWeb({ batch, batches, threads }: PeerOptions): Promise<Predictor> {
  runtime.env.wasm.numThreads = threads;
  return onnxSession(runtime, tutorialPrediction(batch, batches), { executionProviders: ['wasm'] });
}
