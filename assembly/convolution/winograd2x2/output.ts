/** The end of a convolution by F(2×2, 3×3), whose tiles are the windows of a pooling: see correlatePooled.ts. */
import { TILE_BYTES, TILE_ROWS } from '../../gemm/gemm';
import { storeLargest } from '../../pooling/window';
import { poolWideTile } from './wide';

/** Products in a tile: 4 × 4. */
export const FREQUENCIES: i32 = 16;
/** Bytes of the products of four tiles and eight channels: [16][4][8]. */
export const PRODUCT_BYTES: usize = <usize>FREQUENCIES * TILE_BYTES;

/**
 * The largest of the four outputs of each of a row of tiles, clamped, and its place.
 * @param products [tiles / 4 rounded up][16][4][8]
 * @param bias     of the eight channels
 * @param pixel    bytes from one result to the next
 * @param scratch  256 bytes
 */
export function poolTiles(
  products: usize,
  tiles: i32,
  bias: usize,
  floor: f32,
  to: usize,
  winners: usize,
  pixel: usize,
  scratch: usize,
): void {
  for (; tiles > 0; tiles -= TILE_ROWS) {
    let tile = products;
    const last = products + ((<usize>min(tiles, TILE_ROWS)) << 5);
    for (; tile < last; tile += 32) {
      if (WIDE) poolWideTile(tile, bias, floor, to, winners, scratch);
      else {
        poolTile(tile, v128.load(bias), floor, to, winners, scratch);
        poolTile(tile + 16, v128.load(bias, 16), floor, to + 16, winners + 16, scratch);
      }
      to += pixel;
      winners += pixel;
    }
    products += PRODUCT_BYTES;
  }
}

/** Aᵀ m A of four channels of a tile, frequencies 128 bytes apart. */
// @ts-ignore: decorator
@inline
function poolTile(m: usize, bias: v128, floor: f32, to: usize, winner: usize, scratch: usize): void {
  outputColumn(m, scratch);
  outputColumn(m + 128, scratch + 32);
  outputColumn(m + 256, scratch + 64);
  outputColumn(m + 384, scratch + 96);
  const upper1 = v128.load(scratch, 32);
  const upper2 = v128.load(scratch, 64);
  const lower1 = v128.load(scratch, 48);
  const lower2 = v128.load(scratch, 80);
  storeLargest(
    f32x4.add(f32x4.add(v128.load(scratch), upper1), upper2),
    f32x4.sub(f32x4.sub(upper1, upper2), v128.load(scratch, 96)),
    f32x4.add(f32x4.add(v128.load(scratch, 16), lower1), lower2),
    f32x4.sub(f32x4.sub(lower1, lower2), v128.load(scratch, 112)),
    bias,
    f32x4.splat(floor),
    to,
    winner,
  );
}

/** Aᵀ m, a column: four frequencies to two rows. */
// @ts-ignore: decorator
@inline
function outputColumn(m: usize, to: usize): void {
  const m1 = v128.load(m, 512);
  const m2 = v128.load(m, 1024);
  v128.store(to, f32x4.add(f32x4.add(v128.load(m), m1), m2));
  v128.store(to, f32x4.sub(f32x4.sub(m1, m2), v128.load(m, 1536)), 16);
}
