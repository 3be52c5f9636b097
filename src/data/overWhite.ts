/** Lays an image with transparent pixels over white. @param rgba straight alpha, [pixels, 4]; the result is [pixels, 3] */
export function overWhite(rgba: Uint8Array): Uint8Array {
  const pixels = rgba.length / 4;
  const rgb = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const alpha = rgba[pixel * 4 + 3]!;
    for (let c = 0; c < 3; c++) {
      rgb[pixel * 3 + c] = Math.round((rgba[pixel * 4 + c]! * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return rgb;
}
