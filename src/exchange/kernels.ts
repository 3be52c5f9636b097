/** Weights of images that lie channels first, as ONNX and PyTorch have them, from those of images channels last. */
import type { Tensor } from '../nn/parameters.ts';
import type { Shape } from '../nn/shape.ts';

/** A kernel [height, width, inputs, outputs] as [outputs, inputs, height, width]. */
export function hwioToOihw({ shape, data }: Tensor): Tensor {
  const [height, width, inputs, outputs] = shape as readonly [number, number, number, number];
  const result = new Float32Array(data.length);
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < height * width; tap++) result[at++] = data[(tap * inputs + i) * outputs + o]!;
    }
  }
  return { shape: [outputs, inputs, height, width], data: result };
}

/**
 * A dense kernel [rows, units] of images flattened in the order channels, height, width.
 * @param kernel  the same for the order height, width, channels
 * @param images  their shape: [height, width, channels]
 */
export function hwcToChwRows({ shape, data }: Tensor, [height, width, channels]: Shape): Tensor {
  const units = shape[1]!;
  const pixels = height! * width!;
  const result = new Float32Array(data.length);
  for (let c = 0; c < channels!; c++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const from = (pixel * channels! + c) * units;
      result.set(data.subarray(from, from + units), (c * pixels + pixel) * units);
    }
  }
  return { shape, data: result };
}
