/**
 * The packed matrix product everything heavy is made of: panels of A, [depth][4], times panels of B, [depth][8].
 *
 * The 4×8 register tile keeps 8 accumulators, 2 vectors of B and 4 broadcasts of A: 14 of the 16 vector registers.
 * Larger tiles spill in V8, and so does this one once its loop is unrolled by hand or by `-O3`; see asconfig.json. For
 * the wide builds there is a larger one in twoTiles.ts.
 */
import { larger, multiplyAdd, storeTransposed } from '../simd';

/** Rows of the register tile: how many rows of A are packed side by side. */
export const TILE_ROWS: i32 = 4;
/** Columns of the register tile: how many columns of B are packed side by side. */
export const TILE_COLUMNS: i32 = 8;
/** Bytes of one tile of results, [4][8] float32. */
export const TILE_BYTES: usize = 128;

/**
 * c[i][j] = max(floor, seed[i][j] + Σ a[k][i] · b[k][j]) for 4 rows i and 8 columns j.
 * @param a      panel of A, [depth][4] float32
 * @param b      panel of B, [depth][8] float32
 * @param seed   what the sums start from: a bias row (stride 0), or the tile itself to accumulate
 * @param floor  0 for ReLU, -Infinity for none
 */
export function multiplyTile(
  a: usize,
  b: usize,
  depth: i32,
  seed: usize,
  seedStride: usize,
  c: usize,
  cStride: usize,
  floor: f32,
): void {
  let c00 = v128.load(seed);
  let c01 = v128.load(seed, 16);
  seed += seedStride;
  let c10 = v128.load(seed);
  let c11 = v128.load(seed, 16);
  seed += seedStride;
  let c20 = v128.load(seed);
  let c21 = v128.load(seed, 16);
  seed += seedStride;
  let c30 = v128.load(seed);
  let c31 = v128.load(seed, 16);
  const end = b + ((<usize>depth) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    a += 16;
    b += 32;
  }
  const low = f32x4.splat(floor);
  v128.store(c, larger(c00, low));
  v128.store(c, larger(c01, low), 16);
  c += cStride;
  v128.store(c, larger(c10, low));
  v128.store(c, larger(c11, low), 16);
  c += cStride;
  v128.store(c, larger(c20, low));
  v128.store(c, larger(c21, low), 16);
  c += cStride;
  v128.store(c, larger(c30, low));
  v128.store(c, larger(c31, low), 16);
}

/** c[i][j] = Σ a[k][i] · b[k][j], as {@link multiplyTile} with nothing to add to; c is [4][8], compact. */
export function multiplyFreshTile(a: usize, b: usize, depth: i32, c: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const end = b + ((<usize>depth) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    a += 16;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
}

/** As {@link multiplyTile}, for a tile that hangs over an edge: only `rows`×`columns` of it are written. */
export function multiplyEdgeTile(
  a: usize,
  b: usize,
  depth: i32,
  seed: usize,
  c: usize,
  cStride: usize,
  floor: f32,
  rows: i32,
  columns: i32,
  scratch: usize,
): void {
  multiplyTile(a, b, depth, seed, 0, scratch, 32, floor);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++)
      store<f32>(c + ((<usize>j) << 2), load<f32>(scratch + ((<usize>j) << 2)));
    c += cStride;
    scratch += 32;
  }
}

/**
 * Packs four rows of A into a panel: target[k][i] = source[i·step + k] over `segments` runs of `length` floats each,
 * which lie `pitch` bytes apart. Rows at or beyond `rows` repeat the last one, so nothing outside is ever read.
 * @returns the address behind the panel
 */
export function packRows(
  source: usize,
  step: usize,
  rows: i32,
  segments: i32,
  pitch: usize,
  length: i32,
  target: usize,
): usize {
  const step1: usize = rows > 1 ? step : 0;
  const step2: usize = rows > 2 ? step * 2 : step1;
  const step3: usize = rows > 3 ? step * 3 : step2;
  const vectorBytes = (<usize>(length & ~3)) << 2;
  const bytes = (<usize>length) << 2;
  for (let s = 0; s < segments; s++) {
    let at = source;
    const vectorEnd = source + vectorBytes;
    const end = source + bytes;
    while (at < vectorEnd) {
      storeTransposed(
        v128.load(at),
        v128.load(at + step1),
        v128.load(at + step2),
        v128.load(at + step3),
        target,
      );
      at += 16;
      target += 64;
    }
    while (at < end) {
      store<f32>(target, load<f32>(at));
      store<f32>(target, load<f32>(at + step1), 4);
      store<f32>(target, load<f32>(at + step2), 8);
      store<f32>(target, load<f32>(at + step3), 12);
      at += 4;
      target += 16;
    }
    source += pitch;
  }
  return target;
}
