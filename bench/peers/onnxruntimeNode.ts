/** onnxruntime-node: native code, inference only. */
import * as runtime from 'onnxruntime-node';
import { onnxSession, type Predictor } from './onnxSession.ts';
import type { PeerOptions } from './peer.ts';

export async function onnxruntimeNode(options: PeerOptions): Promise<Predictor> {
  return onnxSession(runtime, options, { intraOpNumThreads: options.threads });
}
