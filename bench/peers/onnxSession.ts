/** The tutorial's network in an ONNX runtime, inference only. */
import type * as OnnxRuntime from 'onnxruntime-node';
import { batch as batchOf } from '../imageSet.ts';
import { network, weights } from '../tutorialCase.ts';
import { toPlanarFloats } from './layouts.ts';
import { toOnnx } from './onnx.ts';
import type { Peer, PeerOptions } from './peer.ts';

export type Predictor = Peer & Required<Pick<Peer, 'predict'>>;

export async function onnxSession(
  { InferenceSession, Tensor }: Pick<typeof OnnxRuntime, 'InferenceSession' | 'Tensor'>,
  { batch, batches }: PeerOptions,
  options: OnnxRuntime.InferenceSession.SessionOptions,
): Promise<Predictor> {
  const session = await InferenceSession.create(toOnnx(network, weights), {
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    ...options,
  });
  const [height, width, channels] = network.inputShape;
  const inputs = Array.from({ length: batches }, (_, index) => {
    const planar = toPlanarFloats(batchOf(index, batch).images, height * width, channels);
    return new Tensor('float32', planar, [batch, channels, height, width]);
  });
  return {
    predict: async (count) => {
      const results: Float32Array[] = [];
      for (const images of inputs.slice(0, count)) {
        const { probabilities } = await session.run({ images });
        results.push(probabilities!.data as Float32Array);
      }
      return results;
    },
    close: () => session.release(),
  };
}
