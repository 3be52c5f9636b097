/** Images in the layout of ONNX and JAX, NCHW. Pure. */

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
