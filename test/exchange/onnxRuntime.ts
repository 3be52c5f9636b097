/** Networks exported to ONNX and run by ONNX Runtime, beside what they give here. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { channelsFirst } from '../../src/exchange/layout.ts';
import { exportOnnx } from '../../src/exchange/onnx/export/exportOnnx.ts';
import type { Spec } from '../../src/nn/layers/definition.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { initializeParameters, tensorsIn, type Tensor as Weight } from '../../src/nn/parameters.ts';
import { size, type Layout, type Shape } from '../../src/nn/shape.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { randomStream } from '../../src/random.ts';
import { sequential } from '../../src/training/factories.ts';

const IMAGES = 3;

/** Weights as a training may leave them: no biases of zero, no means of zero. */
export function trainedWeights(network: Network): Map<string, Weight> {
  const weights = tensorsIn(network, initializeParameters(network, 1));
  for (const [name, { shape, data }] of weights) {
    if (shape.length > 1) continue;
    const random = randomStream(1, name);
    data.forEach((value, i) => (data[i] = value + random.uniform() / 2));
  }
  return weights;
}

/** The file of a network. */
export function exported(
  network: Network,
  weights: ReadonlyMap<string, Weight>,
  layout?: Layout,
): Uint8Array<ArrayBuffer> {
  const [file] = exportOnnx({ network, weights }, 'model', { layout });
  return file!.content as Uint8Array<ArrayBuffer>;
}

function laidOut(data: Float32Array, shape: Shape, layout: Layout): Weight {
  const images = { shape: [IMAGES, ...shape], data };
  return layout === 'nchw' ? channelsFirst(images) : images;
}

export interface Difference {
  /** The largest. */
  readonly absolute: number;
  /** Of the largest output. */
  readonly relative: number;
}

/** What ONNX Runtime's outputs of a few images differ from ours by. */
export async function difference(layers: readonly Spec[], layout: Layout = 'nhwc'): Promise<Difference> {
  const network = buildNetwork(layers);
  const { inputShape, outputShape } = network;
  const weights = trainedWeights(network);
  const model = sequential(layers as readonly LayerSpec[], { tier: 'simd', threads: 1 });
  model.setWeights(weights);
  const random = randomStream(2, 'images');
  const images = Float32Array.from({ length: IMAGES * size(inputShape) }, () => random.uniform());
  const expected = laidOut((await model.predict(images)).data, outputShape, layout);
  await model.dispose();

  const session = await InferenceSession.create(exported(network, weights, layout), { logSeverityLevel: 3 });
  const input = laidOut(images, inputShape, layout);
  const { output } = await session.run({ input: new Tensor('float32', input.data, input.shape) });
  await session.release();
  const found = output!.data as Float32Array;
  if (output!.dims.join() !== expected.shape.join()) {
    throw new Error(`The output is [${output!.dims.join(', ')}].`);
  }
  const absolute = expected.data.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { absolute, relative: absolute / largest };
}
