/** A network in an ONNX runtime, inference only. */
import type * as OnnxRuntime from 'onnxruntime-node';
import type { Network } from '../../src/nn/network.ts';
import type { Tensor as Weight } from '../../src/nn/parameters.ts';
import type { Batch } from '../imageSet.ts';
import { toPlanarFloats } from './layouts.ts';
import { toOnnx } from './onnx.ts';
import type { Peer } from './peer.ts';

export type Predictor = Peer & Required<Pick<Peer, 'predict'>>;

/** A network with its weights, and what it predicts. */
export interface Prediction {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, Weight>;
  readonly batches: readonly Batch[];
}

export async function onnxSession(
  { InferenceSession, Tensor }: Pick<typeof OnnxRuntime, 'InferenceSession' | 'Tensor'>,
  { network, weights, batches }: Prediction,
  options: OnnxRuntime.InferenceSession.SessionOptions,
): Promise<Predictor> {
  const session = await InferenceSession.create(toOnnx(network, weights), {
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    ...options,
  });
  const [height, width, channels] = network.inputShape;
  const inputs = batches.map(({ images, labels }) => {
    const planar = toPlanarFloats(images, height * width, channels);
    return new Tensor('float32', planar, [labels.length, channels, height, width]);
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
