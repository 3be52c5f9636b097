/** A network in an ONNX runtime, inference only. */
import type * as OnnxRuntime from 'onnxruntime-node';
import { exportOnnx } from '../../src/exchange/onnx/export/exportOnnx.ts';
import type { Network } from '../../src/nn/network.ts';
import type { Tensor as Weight } from '../../src/nn/parameters.ts';
import type { Batch } from '../imageSet.ts';
import { toPlanarFloats } from './layouts.ts';
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
  const [file] = exportOnnx({ network, weights }, 'network', { layout: 'nchw' });
  const session = await InferenceSession.create(file!.content as Uint8Array, {
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
      for (const input of inputs.slice(0, count)) {
        const { output } = await session.run({ input });
        results.push(output!.data as Float32Array);
      }
      return results;
    },
    close: () => session.release(),
  };
}
