/** onnxruntime-node: native code, inference only. */
import * as runtime from 'onnxruntime-node';
import { tutorialPrediction } from '../tutorialCase.ts';
import { onnxSession, type Prediction, type Predictor } from './onnxSession.ts';
import type { PeerOptions } from './peer.ts';

/** The tutorial's network. */
export async function onnxruntimeNode(options: PeerOptions): Promise<Predictor> {
  return onnxNetwork(tutorialPrediction(options.batch, options.batches), options.threads);
}

export async function onnxNetwork(prediction: Prediction, threads: number): Promise<Predictor> {
  return onnxSession(runtime, prediction, { intraOpNumThreads: threads });
}
