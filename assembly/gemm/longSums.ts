/**
 * Matrix products whose sums are long. One chain of float32 additions strays from the truth as the square root of its
 * length; sums of blocks, each from zero, added up afterwards, as that of a block.
 */
import { multiplyFreshTile, TILE_BYTES, TILE_COLUMNS, TILE_ROWS } from './gemm';
import { multiplyTwoPanels } from './twoPanels';

/** Sums longer than this are made of blocks. */
export const LONGEST_CHAIN: i32 = 1024;

/**
 * Of how many products a block is: a sum of 4,096 strays as √(512 + 4096 / 512), a third of √4096. Shorter blocks would take
 * more additions and branches.
 */
const BLOCK: i32 = 512;

/**
 * Multiplies packed tiles with all panels of a filter, as `correlate` does with `multiplyTile`, in blocks of depth and
 * without a floor.
 * @param packed   [tiles][depth][4], as packRows writes them
 * @param table    [tiles] of (address of the first output, outputs in the tile)
 * @param filter   panels of [8 biases][depth][8]
 * @param products room for two tiles of results
 */
export function multiplyInBlocks(
  packed: usize,
  table: usize,
  tiles: i32,
  filter: usize,
  depth: i32,
  channels: i32,
  outputPixel: usize,
  products: usize,
): void {
  const tileBytes = (<usize>depth) << 4;
  const panelBytes = (<usize>depth + 1) << 5;
  for (let k = 0; k < depth; k += BLOCK) {
    const count = min(BLOCK, depth - k);
    const seedStride: usize = k ? outputPixel : 0;
    let panel = filter;
    let columns = channels;
    let offset: usize = 0;
    while (columns > 0) {
      const two = WIDE && columns > TILE_COLUMNS;
      const b = panel + ((<usize>k + 1) << 5);
      let a = packed + ((<usize>k) << 4);
      for (let i = 0; i < tiles; i++) {
        const entry = table + ((<usize>i) << 3);
        const c = load<usize>(entry) + offset;
        const rows = load<i32>(entry, 4);
        if (two) multiplyTwoPanels(a, b, panelBytes, count, products, TILE_BYTES);
        else multiplyFreshTile(a, b, count, products);
        addTile(products, k ? c : panel, seedStride, c, outputPixel, rows, columns);
        if (two) {
          const seed = k ? c + 32 : panel + panelBytes;
          const behind = columns - TILE_COLUMNS;
          addTile(products + TILE_BYTES, seed, seedStride, c + 32, outputPixel, rows, behind);
        }
        a += tileBytes;
      }
      panel += two ? 2 * panelBytes : panelBytes;
      columns -= two ? 2 * TILE_COLUMNS : TILE_COLUMNS;
      offset += two ? 64 : 32;
    }
  }
}

/** c[i][j] = seed[i][j] + tile[i][j] for the `rows` and `columns` that there are, but 4 and 8 at most. */
function addTile(
  tile: usize,
  seed: usize,
  seedStride: usize,
  c: usize,
  cStride: usize,
  rows: i32,
  columns: i32,
): void {
  if (rows == TILE_ROWS && columns >= TILE_COLUMNS) {
    v128.store(c, f32x4.add(v128.load(seed), v128.load(tile)));
    v128.store(c, f32x4.add(v128.load(seed, 16), v128.load(tile, 16)), 16);
    seed += seedStride;
    c += cStride;
    v128.store(c, f32x4.add(v128.load(seed), v128.load(tile, 32)));
    v128.store(c, f32x4.add(v128.load(seed, 16), v128.load(tile, 48)), 16);
    seed += seedStride;
    c += cStride;
    v128.store(c, f32x4.add(v128.load(seed), v128.load(tile, 64)));
    v128.store(c, f32x4.add(v128.load(seed, 16), v128.load(tile, 80)), 16);
    seed += seedStride;
    c += cStride;
    v128.store(c, f32x4.add(v128.load(seed), v128.load(tile, 96)));
    v128.store(c, f32x4.add(v128.load(seed, 16), v128.load(tile, 112)), 16);
    return;
  }
  const bytes = (<usize>min(TILE_COLUMNS, columns)) << 2;
  const vectorBytes = bytes & ~15;
  for (let i = 0; i < rows; i++) {
    let j: usize = 0;
    for (; j < vectorBytes; j += 16) {
      v128.store(c + j, f32x4.add(v128.load(seed + j), v128.load(tile + j)));
    }
    for (; j < bytes; j += 4) store<f32>(c + j, load<f32>(seed + j) + load<f32>(tile + j));
    tile += 32;
    seed += seedStride;
    c += cStride;
  }
}
