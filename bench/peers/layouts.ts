/** From the layouts of Keras, images NHWC and kernels HWIO, to those of ONNX and JAX: NCHW and OIHW. Pure. */
import type { Tensor } from '../../src/nn/parameters.ts';

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

/** Dense rows that expect H, W, C order, put into C, H, W order. */
export function hwcToChwRows({ shape, data }: Tensor, [height, width, channels]: readonly number[]): Tensor {
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

/** Bytes 0…255, [count, pixels, channels], to floats 0…1, [count, channels, pixels]. */
export function toPlanarFloats(images: Uint8Array, pixels: number, channels: number): Float32Array {
  const result = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) {
    const channel = i % channels;
    const pixel = Math.floor(i / channels) % pixels;
    const image = Math.floor(i / (channels * pixels));
    result[(image * channels + channel) * pixels + pixel] = images[i]! / 255;
  }
  return result;
}
