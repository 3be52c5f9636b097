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
  const tiles = height % 7 === 0 && width % 7 === 0 ? (height / 7) * (width / 7) : 0;
  return Math.min(channels, filters) >= 128 && batch * tiles >= 32 && (!pooled || tiles === 1);
}
