/**
 * Convolution by im2col without the matrix: tiles of four neighbouring outputs are packed straight out of images that
 * lie zero-padded in memory, then multiplied by the packed filter (see gemm/filter.ts). The gradient of the filter is in
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
import { multiplyTwoTiles } from '../../gemm/twoTiles';

/**
 * output[n, y, x] = max(floor, bias + Σ input[n, y·stepY + ky, x·stepX + kx] · filter[ky, kx]).
 *
 * This one loop nest is the forward pass of a convolution, the forward pass of a dense layer (rows of the batch are
 * neighbouring pixels, the kernel is 1×1) and the gradient of either one's input: dInput is a correlation of the
 * zero-padded dOutput with the flipped filter. With a stride s each of the s×s phases of the input (y mod s, x mod s)
 * meets only the taps that fall on it, so it is a correlation of its own, written to every s-th pixel.
 *
 * @param input        the first tap of the first output
 * @param inputRow     bytes from one kernel row to the next
 * @param stepY,stepX  bytes between the first taps of vertically, horizontally neighbouring outputs
 * @param kernelHeight kernel rows, possibly 0
 * @param segment      floats in one kernel row: kernelWidth · input channels
 * @param filter       panels, as packFilter and packFilterTransposed write them
 * @param height,width,channels  of the output
 * @param relu         1 to clamp at zero
 * @param tilesPerBlock how many tiles of four outputs are packed before the panels are swept
 * @param scratch      128 + 8 · tilesPerBlock rounded up to 16 + tilesPerBlock · kernelHeight · segment · 16 bytes
 * @param begin,end    a share of the tiles of four outputs: batch · height · ceil(width / 4) in all
 */
export function correlate(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  stepY: usize,
  stepX: usize,
  kernelHeight: i32,
  segment: i32,
  filter: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  outputPixel: usize,
  height: i32,
  width: i32,
  channels: i32,
  relu: i32,
  tilesPerBlock: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && tilesPerBlock > 0 && (scratch & 15) == 0);
  const floor: f32 = relu ? 0 : -Infinity;
  const depth = kernelHeight * segment;
  const tileBytes = (<usize>depth) << 4;
  const panelBytes = (<usize>depth + 1) << 5;
  const tilesPerRow = (width + TILE_ROWS - 1) / TILE_ROWS;
  const edge = scratch;
  const table = edge + TILE_BYTES;
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
      target = packRows(source, stepX, rows, kernelHeight, inputRow, segment, target);
      const entry = table + ((<usize>i) << 3);
      store<usize>(
        entry,
        output + <usize>image * outputImage + <usize>y * outputRow + <usize>x * outputPixel,
      );
      store<i32>(entry, rows, 4);
    }

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
}
