/** onnxruntime-node: native code, inference only. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { batch, BATCH, network, weights } from '../tutorialCase.ts';
import { toOnnx } from './onnx.ts';

export interface OnnxPeer {
  /** Probabilities for batch number `index`, [batch, classes]. */
  predict(index: number): Promise<Float32Array>;
}

/** The tutorial's network in onnxruntime-node; images are made into its layout before anything is timed. */
export async function onnxruntimeNode(threads: number, batches: number): Promise<OnnxPeer> {
  const session = await InferenceSession.create(toOnnx(network, weights), {
    intraOpNumThreads: threads,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const [height, width, channels] = network.inputShape;
  const inputs = Array.from({ length: batches }, (_, index) => {
    const planar = toPlanarFloats(batch(index).images, height * width, channels);
    return new Tensor('float32', planar, [BATCH, channels, height, width]);
  });
  return {
    predict: async (index) => {
      const { probabilities } = await session.run({ images: inputs[index]! });
      return probabilities!.data as Float32Array;
    },
  };
}

function toPlanarFloats(images: Uint8Array, pixels: number, channels: number): Float32Array {
  const result = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) {
    const channel = i % channels;
    const pixel = Math.floor(i / channels) % pixels;
    const image = Math.floor(i / (channels * pixels));
    result[(image * channels + channel) * pixels + pixel] = images[i]! / 255;
  }
  return result;
}
