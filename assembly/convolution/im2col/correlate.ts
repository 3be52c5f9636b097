/**
 * Convolution by im2col without the matrix: tiles of four neighbouring outputs are packed straight out of images that
 * lie zero-padded in memory, then multiplied by the packed filter (see gemm/filter.ts); for few channels of the output not
 * even packed (see gemm/unpacked.ts). The gradient of the filter is in
 * filterGradient.ts.
 *
 * Strides of images, rows and pixels are in bytes. A pixel's channels are adjacent.
 */
import {
  multiplyEdgeTile,
  multiplyTile,
  packRows,
  TILE_BYTES,
  TILE_COLUMNS,
  TILE_ROWS,
} from '../../gemm/gemm';
import { clampTiles } from '../../gemm/clamp';
import { LONGEST_CHAIN, multiplyLongTiles } from '../../gemm/longSums';
import { MOST_COLUMNS, multiplyUnpackedTile } from '../../gemm/unpacked';
import { multiplyTwoTiles } from '../../gemm/twoTiles';

/**
 * output[n, y, x] = min(ceiling, max(floor, bias + Σ input[n, y·stepY + ky·tapY, x·stepX + kx·tapX] · filter[ky, kx])).
 *
 * This one loop nest is the forward pass of a convolution, the forward pass of a dense layer (rows of the batch are
 * neighbouring pixels, the kernel is 1×1) and the gradient of either one's input: dInput is a correlation of the
 * zero-padded dOutput with the flipped filter. With a stride s each of the s×s phases of the input (y mod s, x mod s)
 * meets only the taps that fall on it, so it is a correlation of its own, written to every s-th pixel.
 *
 * A kernel row is one long run of floats where its taps are adjacent and take all channels of a pixel. Where they do not
 * (with dilation, or in groups of channels, each a correlation of its own), it is a run for each tap. Sums of more than
 * 1,024 products are made of blocks: see gemm/longSums.ts.
 *
 * @param input        the first tap of the first output
 * @param tapY,tapX    bytes from one kernel row, from one run in it to the next
 * @param stepY,stepX  bytes between the first taps of vertically, horizontally neighbouring outputs
 * @param kernelHeight kernel rows, possibly 0
 * @param kernelWidth  runs in a kernel row, 1 if its taps are adjacent
 * @param segment      floats in a run: the input channels, times all taps of the row if it is one run
 * @param filter       panels, as packFilter and packFilterTransposed write them
 * @param height,width,channels  of the output
 * @param floor,ceiling  what the outputs are held between: -Infinity and Infinity for none, 0 and 6 for ReLU6
 * @param tilesPerBlock how many tiles of four outputs are packed before the panels are swept
 * @param scratch      256 + 8 · tilesPerBlock rounded up to 16 + tilesPerBlock · depth · 16 bytes, where depth is
 *   kernelHeight · kernelWidth · segment
 * @param begin,end    a share of the tiles of four outputs: batch · height · ceil(width / 4) in all
 */
export function correlate(
  input: usize,
  inputImage: usize,
  tapY: usize,
  tapX: usize,
  stepY: usize,
  stepX: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  segment: i32,
  filter: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  outputPixel: usize,
  height: i32,
  width: i32,
  channels: i32,
  floor: f32,
  ceiling: f32,
  tilesPerBlock: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && tilesPerBlock > 0 && (scratch & 15) == 0);
  const depth = kernelHeight * kernelWidth * segment;
  const unpacked = channels <= MOST_COLUMNS && depth <= LONGEST_CHAIN;
  const panelBytes = (<usize>depth + 1) << 5;
  const tilesPerRow = (width + TILE_ROWS - 1) / TILE_ROWS;
  const edge = scratch;
  const table = edge + 2 * TILE_BYTES;
  const packed = table + ((((<usize>tilesPerBlock) << 3) + 15) & ~15);

  for (let block = begin; block < end; block += tilesPerBlock) {
    const tiles = min(tilesPerBlock, end - block);
    let target = packed;
    for (let i = 0; i < tiles; i++) {
      const row = (block + i) / tilesPerRow;
      const x = (block + i - row * tilesPerRow) * TILE_ROWS;
      const image = row / height;
      const y = row - image * height;
      const rows = min(TILE_ROWS, width - x);
      const source = input + <usize>image * inputImage + <usize>y * stepY + <usize>x * stepX;
      const to = output + <usize>image * outputImage + <usize>y * outputRow + <usize>x * outputPixel;
      const entry = table + ((<usize>i) << 3);
      store<usize>(entry, to);
      store<i32>(entry, rows, 4);
      if (unpacked) {
        let panel = filter;
        for (let first = 0; first < channels; first += TILE_COLUMNS) {
          multiplyUnpackedTile(
            source,
            stepX,
            rows,
            kernelHeight,
            tapY,
            kernelWidth,
            tapX,
            segment,
            panel,
            to + ((<usize>first) << 2),
            outputPixel,
            min(TILE_COLUMNS, channels - first),
            floor,
          );
          panel += panelBytes;
        }
      } else if (kernelWidth == 1) {
        target = packRows(source, stepX, rows, kernelHeight, tapY, segment, target);
      } else {
        target = packRuns(source, stepX, rows, kernelHeight, tapY, kernelWidth, tapX, segment, target);
      }
    }

    if (depth > LONGEST_CHAIN) {
      multiplyLongTiles(packed, table, tiles, filter, depth, channels, outputPixel, edge);
      clampTiles(table, tiles, channels, outputPixel, floor, ceiling);
      continue;
    }
    if (!unpacked) multiplyTiles(packed, table, tiles, filter, depth, channels, outputPixel, floor, edge);
    if (ceiling < Infinity) clampTiles(table, tiles, channels, outputPixel, floor, ceiling);
  }
}

/** Multiplies packed tiles with all panels of the filter: as `multiplyLongTiles`, in one chain, and with a floor. */
function multiplyTiles(
  packed: usize,
  table: usize,
  tiles: i32,
  filter: usize,
  depth: i32,
  channels: i32,
  outputPixel: usize,
  floor: f32,
  edge: usize,
): void {
  const tileBytes = (<usize>depth) << 4;
  const panelBytes = (<usize>depth + 1) << 5;
  let seed = filter;
  for (let first = 0; first < channels; first += TILE_COLUMNS) {
    const columns = min(TILE_COLUMNS, channels - first);
    let a = packed;
    for (let i = 0; i < tiles; i++) {
      const entry = table + ((<usize>i) << 3);
      if (WIDE && i + 1 < tiles && columns == TILE_COLUMNS) {
        const lower = entry + 8;
        if (load<i32>(entry, 4) == TILE_ROWS && load<i32>(lower, 4) == TILE_ROWS) {
          const offset = (<usize>first) << 2;
          const c = load<usize>(entry) + offset;
          const d = load<usize>(lower) + offset;
          multiplyTwoTiles(a, tileBytes, seed + 32, depth, seed, seed, 0, c, d, outputPixel, floor);
          a += 2 * tileBytes;
          i++;
          continue;
        }
      }
      const c = load<usize>(entry) + ((<usize>first) << 2);
      const rows = load<i32>(entry, 4);
      if (rows == TILE_ROWS && columns == TILE_COLUMNS) {
        multiplyTile(a, seed + 32, depth, seed, 0, c, outputPixel, floor);
      } else {
        multiplyEdgeTile(a, seed + 32, depth, seed, c, outputPixel, floor, rows, columns, edge);
      }
      a += tileBytes;
    }
    seed += panelBytes;
  }
}

/** As `packRows`, for kernel rows of several runs. */
function packRuns(
  source: usize,
  step: usize,
  rows: i32,
  kernelHeight: i32,
  tapY: usize,
  kernelWidth: i32,
  tapX: usize,
  segment: i32,
  target: usize,
): usize {
  for (let ky = 0; ky < kernelHeight; ky++) {
    target = packRows(source, step, rows, kernelWidth, tapX, segment, target);
    source += tapY;
  }
  return target;
}
