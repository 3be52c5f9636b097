/** How many gradients a pooling hands back that are not zero: the engine multiplies no others. */
import type { Call } from '../src/engine/program.ts';
import type { Layer } from '../src/nn/layers/layer.ts';
import { fuse } from '../src/nn/fusion.ts';
import { graphOf, type Network } from '../src/nn/network.ts';
import type { Shape } from '../src/nn/shape.ts';
import { argumentsOf } from './callArguments.ts';

/** Whether a call multiplies only gradients that are not zero. */
export function isSparse(kernel: string): boolean {
  return kernel.startsWith('pooledBackward');
}

/** The shape behind the pooling that is computed with a layer, if there is one. */
export function pooledShape(
  network: Network,
  { name, outputShape }: Pick<Layer, 'name' | 'outputShape'>,
): Shape | undefined {
  const { nodes } = graphOf(network, true);
  const node = fuse(nodes, true).find(({ operation }) => operation.name === name);
  return node && node.operation.outputShape.join() !== outputShape.join()
    ? node.operation.outputShape
    : undefined;
}

/** The share of the gradients of a convolution's output that are not zero, right after a sparse call: a quarter at most. */
export function densityOf(call: Call<unknown>, memory: WebAssembly.Memory, count: number): number {
  const value = argumentsOf(call);
  const height = value('height');
  const rowFloats = value('width') * value('outputs');
  const rowOf = (view: string, image: number, y: number): Float32Array =>
    new Float32Array(
      memory.buffer,
      value(view) + image * value(`${view}Image`) + y * value(`${view}Row`),
      rowFloats,
    );
  const relu = value('relu') !== 0;
  let passing = 0;
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const gradients = rowOf('dPooled', image, y);
      const outputs = rowOf('pooled', image, y);
      for (let i = 0; i < rowFloats; i++) {
        if (gradients[i] !== 0 && (!relu || outputs[i]! > 0)) passing++;
      }
    }
  }
  return passing / (4 * count * height * rowFloats);
}
