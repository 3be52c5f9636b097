/** Where convolutions are computed in tiles of 7×7 outputs, and what that costs. */

interface Convolved {
  /** How many images there may be. */
  readonly batch: number;
  /** Of the output, before it is pooled. */
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly pooled?: boolean;
}

/** How many times as much as tiles of 4×4 they lose to rounding: see sevenOutputs.ts. */
export const SEVEN_LOSES = 13;

/** Whether these are: see src/nn/operations/winograd.ts. */
export function usesSeven({ batch, height, width, channels, filters, pooled = false }: Convolved): boolean {
  const single = height === 7 && width === 7;
  const [down, across] = [height, width].map((size) => (pooled && !single ? size - (size % 2) : size) / 7);
  const filled = Number.isInteger(down) && Number.isInteger(across);
  const together = !pooled || single || (down! % 2 === 0 && across! % 2 === 0);
  return filled && together && Math.min(channels, filters) >= 64 && batch * down! * across! >= 32;
}
