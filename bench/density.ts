/** How many gradients a pooling hands back that are not zero: the engine multiplies no others. */
import type { Instruction } from '../src/engine/program.ts';
import type { Layer } from '../src/nn/layers/layer.ts';
import { fuse } from '../src/nn/fusion.ts';
import type { Network } from '../src/nn/network.ts';

/** Where a call's description of the pooling begins among its arguments: see src/nn/layers/pooledConvolution.ts. */
const POOLED_AT: Readonly<Record<string, number>> = { pooledBackwardFilter: 4, pooledBackwardInput: 0 };

/** Whether a call multiplies only gradients that are not zero. */
export function isSparse(kernel: string): boolean {
  return kernel in POOLED_AT;
}

/** The layer as it is computed, if that is with the pooling behind it. */
export function pooledLayer(network: Network, { name, outputShape }: Layer): Layer | undefined {
  const nodes = fuse(network.nodes).map(({ layer }) => layer);
  return nodes.find((each) => each.name === name && each.outputShape !== outputShape);
}

/**
 * The share of the gradients of a convolution's output that are not zero, after the step: a quarter at most.
 * @param layer  with its pooling
 */
export function densityOf(
  { kernel, arguments: values }: Instruction,
  { outputShape }: Layer,
  memory: WebAssembly.Memory,
  count: number,
): number {
  const [height, width, channels] = outputShape as readonly [number, number, number];
  const at = POOLED_AT[kernel]!;
  const [dPooled, dPooledImage, dPooledRow, pooled, pooledImage, pooledRow, , relu] = values.slice(
    at,
    at + 8,
  ) as number[];
  const rowFloats = width * channels;
  let passing = 0;
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const floats = (base: number): Float32Array => new Float32Array(memory.buffer, base, rowFloats);
      const gradients = floats(dPooled! + image * dPooledImage! + y * dPooledRow!);
      const outputs = floats(pooled! + image * pooledImage! + y * pooledRow!);
      for (let i = 0; i < rowFloats; i++) {
        if (gradients[i] !== 0 && (relu === 0 || outputs[i]! > 0)) passing++;
      }
    }
  }
  return passing / (4 * count * height * rowFloats);
}
