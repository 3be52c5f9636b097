/**
 * Matrix products whose sums are long. One chain of float32 additions strays from the truth as the square root of its
 * length; the sum of blocks, each from zero, as that of a block.
 */
import { multiplyAdd } from '../simd';
import { TILE_COLUMNS, TILE_ROWS } from './gemm';

/** Sums longer than this are made of blocks. */
export const LONGEST_CHAIN: i32 = 1024;

/** Of how many products a block is: a sum of 4,096 then strays as √(256 + 4096 / 256), a quarter of √4096. */
const BLOCK: i32 = 256;

/**
 * Multiplies packed tiles with all panels of a filter, as `correlate` does with `multiplyTile`, but without a floor.
 * @param packed   [tiles][depth][4], as packRows writes them
 * @param table    [tiles] of (address of the first output, outputs in the tile)
 * @param filter   panels of [8 biases][depth][8]
 * @param edge     256 bytes, for tiles that hang over an edge
 */
export function multiplyLongTiles(
  packed: usize,
  table: usize,
  tiles: i32,
  filter: usize,
  depth: i32,
  channels: i32,
  outputPixel: usize,
  edge: usize,
): void {
  const tileBytes = (<usize>depth) << 4;
  const panelBytes = (<usize>depth + 1) << 5;
  let columns = channels;
  let offset: usize = 0;
  while (columns > 0) {
    const two = WIDE && columns > TILE_COLUMNS;
    const width = two ? 2 * TILE_COLUMNS : TILE_COLUMNS;
    const rowBytes = (<usize>width) << 2;
    let a = packed;
    for (let i = 0; i < tiles; i++) {
      const entry = table + ((<usize>i) << 3);
      const output = load<usize>(entry) + offset;
      const rows = load<i32>(entry, 4);
      const whole = rows == TILE_ROWS && columns >= width;
      const c = whole ? output : edge;
      const cStride = whole ? outputPixel : rowBytes;
      if (two) multiplyTwoLongTiles(a, filter + 32, panelBytes, depth, filter, c, cStride);
      else multiplyLongTile(a, filter + 32, depth, filter, c, cStride);
      if (!whole) copyTile(edge, rowBytes, output, outputPixel, rows, min(width, columns));
      a += tileBytes;
    }
    filter += two ? 2 * panelBytes : panelBytes;
    columns -= width;
    offset += rowBytes;
  }
}

/** c[i][j] = seed[j] + Σ over the blocks of (Σ over a block of a[k][i] · b[k][j]) for 4 rows i and 8 columns j. */
function multiplyLongTile(a: usize, b: usize, depth: i32, seed: usize, c: usize, cStride: usize): void {
  let seedStride: usize = 0;
  const end = b + ((<usize>depth) << 5);
  while (b < end) {
    const blockEnd = min(b + ((<usize>BLOCK) << 5), end);
    let c00 = f32x4.splat(0);
    let c01 = f32x4.splat(0);
    let c10 = f32x4.splat(0);
    let c11 = f32x4.splat(0);
    let c20 = f32x4.splat(0);
    let c21 = f32x4.splat(0);
    let c30 = f32x4.splat(0);
    let c31 = f32x4.splat(0);
    while (b < blockEnd) {
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
    let to = c;
    v128.store(to, f32x4.add(v128.load(seed), c00));
    v128.store(to, f32x4.add(v128.load(seed, 16), c01), 16);
    seed += seedStride;
    to += cStride;
    v128.store(to, f32x4.add(v128.load(seed), c10));
    v128.store(to, f32x4.add(v128.load(seed, 16), c11), 16);
    seed += seedStride;
    to += cStride;
    v128.store(to, f32x4.add(v128.load(seed), c20));
    v128.store(to, f32x4.add(v128.load(seed, 16), c21), 16);
    seed += seedStride;
    to += cStride;
    v128.store(to, f32x4.add(v128.load(seed), c30));
    v128.store(to, f32x4.add(v128.load(seed, 16), c31), 16);
    seed = c;
    seedStride = cStride;
  }
}

/**
 * Two tiles side by side, each as {@link multiplyLongTile} and with the same bits.
 * @param bStep  bytes from one panel of B to the other
 */
function multiplyTwoLongTiles(
  a: usize,
  b: usize,
  bStep: usize,
  depth: i32,
  seed: usize,
  c: usize,
  cStride: usize,
): void {
  let rightSeed = seed + bStep;
  let seedStride: usize = 0;
  for (let k = 0; k < depth; k += BLOCK) {
    const count = min(BLOCK, depth - k);
    multiplyTwoBlocks(a, b, bStep, count, seed, rightSeed, seedStride, c, cStride);
    a += (<usize>BLOCK) << 4;
    b += (<usize>BLOCK) << 5;
    seed = c;
    rightSeed = c + 32;
    seedStride = cStride;
  }
}

/**
 * A block of two tiles side by side, added to their seeds. A function of its own, because V8 makes no wide registers of an
 * inner loop; and it stores nothing before all is added, because it makes none across a store. See also twoPanels.ts.
 */
function multiplyTwoBlocks(
  a: usize,
  b: usize,
  bStep: usize,
  depth: i32,
  seed: usize,
  rightSeed: usize,
  seedStride: usize,
  c: usize,
  cStride: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c02 = f32x4.splat(0);
  let c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c12 = f32x4.splat(0);
  let c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c22 = f32x4.splat(0);
  let c23 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c32 = f32x4.splat(0);
  let c33 = f32x4.splat(0);
  const end = b + ((<usize>depth) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b + bStep);
    const b3 = v128.load(b + bStep, 16);
    const a0 = v128.load32_splat(a);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    c02 = multiplyAdd(a0, b2, c02);
    c03 = multiplyAdd(a0, b3, c03);
    const a1 = v128.load32_splat(a, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    c12 = multiplyAdd(a1, b2, c12);
    c13 = multiplyAdd(a1, b3, c13);
    const a2 = v128.load32_splat(a, 8);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    c22 = multiplyAdd(a2, b2, c22);
    c23 = multiplyAdd(a2, b3, c23);
    const a3 = v128.load32_splat(a, 12);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    c32 = multiplyAdd(a3, b2, c32);
    c33 = multiplyAdd(a3, b3, c33);
    a += 16;
    b += 32;
  }
  c00 = f32x4.add(v128.load(seed), c00);
  c01 = f32x4.add(v128.load(seed, 16), c01);
  c02 = f32x4.add(v128.load(rightSeed), c02);
  c03 = f32x4.add(v128.load(rightSeed, 16), c03);
  seed += seedStride;
  rightSeed += seedStride;
  c10 = f32x4.add(v128.load(seed), c10);
  c11 = f32x4.add(v128.load(seed, 16), c11);
  c12 = f32x4.add(v128.load(rightSeed), c12);
  c13 = f32x4.add(v128.load(rightSeed, 16), c13);
  seed += seedStride;
  rightSeed += seedStride;
  c20 = f32x4.add(v128.load(seed), c20);
  c21 = f32x4.add(v128.load(seed, 16), c21);
  c22 = f32x4.add(v128.load(rightSeed), c22);
  c23 = f32x4.add(v128.load(rightSeed, 16), c23);
  seed += seedStride;
  rightSeed += seedStride;
  c30 = f32x4.add(v128.load(seed), c30);
  c31 = f32x4.add(v128.load(seed, 16), c31);
  c32 = f32x4.add(v128.load(rightSeed), c32);
  c33 = f32x4.add(v128.load(rightSeed, 16), c33);
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c02, 32);
  v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  v128.store(c, c12, 32);
  v128.store(c, c13, 48);
  c += cStride;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  v128.store(c, c22, 32);
  v128.store(c, c23, 48);
  c += cStride;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  v128.store(c, c32, 32);
  v128.store(c, c33, 48);
}

/** Copies the `rows`×`columns` that there are of a tile. */
function copyTile(from: usize, fromStride: usize, to: usize, toStride: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  const vectorBytes = bytes & ~15;
  for (let i = 0; i < rows; i++) {
    let j: usize = 0;
    for (; j < vectorBytes; j += 16) v128.store(to + j, v128.load(from + j));
    for (; j < bytes; j += 4) store<f32>(to + j, load<f32>(from + j));
    from += fromStride;
    to += toStride;
  }
}
