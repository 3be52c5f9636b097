import { clamped } from '../simd';

/**
 * Holds tiles of results between floor and ceiling, where the product itself has not: one more operation for each of its
 * stores takes up to 8 % longer, which all without a ceiling would pay.
 * @param table  [tiles] of (address of the first output, outputs in the tile)
 */
export function clampTiles(
  table: usize,
  tiles: i32,
  channels: i32,
  outputPixel: usize,
  floor: f32,
  ceiling: f32,
): void {
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  const bytes = (<usize>channels) << 2;
  const vectorBytes = bytes & ~15;
  for (let i = 0; i < tiles; i++) {
    const entry = table + ((<usize>i) << 3);
    const rows = load<i32>(entry, 4);
    let row = load<usize>(entry);
    for (let j = 0; j < rows; j++) {
      let at = row;
      const vectorEnd = row + vectorBytes;
      const end = row + bytes;
      for (; at < vectorEnd; at += 16) v128.store(at, clamped(v128.load(at), low, high));
      for (; at < end; at += 4) v128.store_lane<f32>(at, clamped(v128.load32_zero(at), low, high), 0);
      row += outputPixel;
    }
  }
}
