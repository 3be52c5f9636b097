/**
 * Makes a colour image grey: the luma of ITU-R BT.601, in whole numbers as Pillow's `convert('L')` has it, so that Keras'
 * `load_img(color_mode='grayscale')` sees the same. @param rgb  [pixels, 3]; the result is [pixels]
 */
export function grey(rgb: Uint8Array): Uint8Array {
  const luma = new Uint8Array(rgb.length / 3);
  for (let pixel = 0; pixel < luma.length; pixel++) {
    const at = pixel * 3;
    luma[pixel] = (rgb[at]! * 19_595 + rgb[at + 1]! * 38_470 + rgb[at + 2]! * 7_471 + 0x8000) >> 16;
  }
  return luma;
}
