/** Pixels on a side, and in all, that an image may have. */
export const MAX_SIDE = 16_384;
export const MAX_PIXELS = 64 * 1024 * 1024;
