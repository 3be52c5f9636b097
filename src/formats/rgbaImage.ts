/** What every decoder of pictures gives. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and straight (not premultiplied) alpha, 0…255. [height, width, 4] */
  readonly data: Uint8Array;
}
