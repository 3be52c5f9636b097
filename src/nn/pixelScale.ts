/** Bytes as a network sees them. */

/** What the largest byte, 255, becomes: 1, as simdnet's own networks take images, or 255, for those that scale them themselves. */
export type PixelScale = 1 | 255;

export const PIXEL_SCALES: readonly PixelScale[] = [1, 255];
