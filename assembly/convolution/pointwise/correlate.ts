/**
 * Pointwise (1×1) convolution without packing: products of pixels that are read where they lie with the packed filter (see
 * gemm/filter.ts). The gradient of the filter is in filterGradient.ts.
 *
 * Strides of images, rows and pixels are in bytes. A pixel's channels are adjacent.
 */
import { TILE_COLUMNS, TILE_ROWS } from '../../gemm/gemm';
import { multiplyPixels } from './tile';
import { multiplyPixelsByPairs } from './wide';

/**
 * output[n, y, x] = min(ceiling, max(floor, bias + input[n, y, x] · filter)), for pixels of `depth` and `channels` floats.
 *
 * The forward pass of a 1×1 convolution (with a stride s, inputRow and inputPixel lead to every s-th row and pixel), of a
 * dense layer (the rows of its batch are the pixels of one row), and the gradient of either one's input: dOutput times
 * the filter that packFilterTransposed packs. With a stride that is written to every s-th pixel, and the others must be
 * set to zero: by calls with depth 0, whose filter is nothing but biases.
 *
 * Tiles of four pixels go on from row to row and from image to image, so that only the very last one can be short.
 *
 * @param filter       panels, as packFilter and packFilterTransposed write them
 * @param depth        floats of an input pixel, possibly 0
 * @param height,width,channels  of the output
 * @param floor,ceiling  0 and 6 for ReLU6; -Infinity and Infinity for none
 * @param panelsPerGroup  how many panels a tile is multiplied by in one go: together they should fit the second-level
 *                     cache. For the wide builds even, or all there are
 * @param scratch      128 bytes
 * @param begin,end    a share of the tiles times groups, tile after tile of one group after the other:
 *                     ceil(batch · height · width / 4) · ceil(panels / panelsPerGroup) in all, panels = ceil(channels / 8)
 */
export function pointwiseCorrelate(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputPixel: usize,
  filter: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  outputPixel: usize,
  batch: i32,
  height: i32,
  width: i32,
  depth: i32,
  channels: i32,
  floor: f32,
  ceiling: f32,
  panelsPerGroup: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const pixels = batch * height * width;
  const tiles = (pixels + TILE_ROWS - 1) / TILE_ROWS;
  const panels = (channels + TILE_COLUMNS - 1) / TILE_COLUMNS;
  assert(panelsPerGroup > 0 && (scratch & 15) == 0);
  assert(begin >= 0 && begin <= end && end <= tiles * ((panels + panelsPerGroup - 1) / panelsPerGroup));
  const panelBytes = (<usize>depth + 1) << 5;
  for (let item = begin; item < end;) {
    const group = item / tiles;
    let tile = item - group * tiles;
    const lastTile = min(tiles, tile + end - item);
    item += lastTile - tile;
    const firstPanel = group * panelsPerGroup;
    const columns = min(panelsPerGroup * TILE_COLUMNS, channels - firstPanel * TILE_COLUMNS);
    const panel = filter + <usize>firstPanel * panelBytes;
    const column = output + ((<usize>firstPanel) << 5);

    const row = (tile * TILE_ROWS) / width;
    let x = tile * TILE_ROWS - row * width;
    let image = row / height;
    let y = row - image * height;
    for (; tile < lastTile; tile++) {
      const a = input + <usize>image * inputImage + <usize>y * inputRow + <usize>x * inputPixel;
      const c = column + <usize>image * outputImage + <usize>y * outputRow + <usize>x * outputPixel;
      let a1 = inputPixel;
      let a2 = inputPixel * 2;
      let a3 = inputPixel * 3;
      let c1 = outputPixel;
      let c2 = outputPixel * 2;
      let c3 = outputPixel * 3;
      if (x + TILE_ROWS > width) {
        // Pixels beyond the last are the last one once more.
        const at = tile * TILE_ROWS;
        const at1 = min(at + 1, pixels - 1);
        const at2 = min(at + 2, pixels - 1);
        const at3 = min(at + 3, pixels - 1);
        a1 = input + pixelOffset(at1, height, width, inputImage, inputRow, inputPixel) - a;
        a2 = input + pixelOffset(at2, height, width, inputImage, inputRow, inputPixel) - a;
        a3 = input + pixelOffset(at3, height, width, inputImage, inputRow, inputPixel) - a;
        c1 = column + pixelOffset(at1, height, width, outputImage, outputRow, outputPixel) - c;
        c2 = column + pixelOffset(at2, height, width, outputImage, outputRow, outputPixel) - c;
        c3 = column + pixelOffset(at3, height, width, outputImage, outputRow, outputPixel) - c;
      }
      multiplyTileByPanels(a, a1, a2, a3, panel, depth, columns, c, c1, c2, c3, floor, ceiling, scratch);
      x += TILE_ROWS;
      while (x >= width) {
        x -= width;
        y++;
        if (y == height) {
          y = 0;
          image++;
        }
      }
    }
  }
}

/** Bytes from the first image's first pixel to the pixel of number `at`, counted through the batch. */
function pixelOffset(
  at: i32,
  height: i32,
  width: i32,
  imageBytes: usize,
  rowBytes: usize,
  pixelBytes: usize,
): usize {
  const row = at / width;
  const image = row / height;
  return (
    <usize>image * imageBytes +
    <usize>(row - image * height) * rowBytes +
    <usize>(at - row * width) * pixelBytes
  );
}

/** Four pixels times a group of panels, of which the last may have fewer than 8 columns. */
function multiplyTileByPanels(
  a: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  panel: usize,
  depth: i32,
  columns: i32,
  c: usize,
  c1: usize,
  c2: usize,
  c3: usize,
  floor: f32,
  ceiling: f32,
  scratch: usize,
): void {
  const panelBytes = (<usize>depth + 1) << 5;
  let whole = columns / TILE_COLUMNS;
  const rest = columns - whole * TILE_COLUMNS;
  if (WIDE) {
    const even = whole & ~1;
    multiplyPixelsByPairs(a, a1, a2, a3, panel, even, depth, c, c1, c2, c3, floor, ceiling);
    panel += <usize>even * panelBytes;
    c += (<usize>even) << 5;
    whole -= even;
  }
  multiplyPixels(a, a1, a2, a3, panel, whole, depth, c, c1, c2, c3, floor, ceiling);
  if (rest == 0) return;
  panel += <usize>whole * panelBytes;
  c += (<usize>whole) << 5;
  multiplyPixels(a, a1, a2, a3, panel, 1, depth, scratch, 32, 64, 96, floor, ceiling);
  copyColumns(scratch, rest, c);
  copyColumns(scratch + 32, rest, c + c1);
  copyColumns(scratch + 64, rest, c + c2);
  copyColumns(scratch + 96, rest, c + c3);
}

/** Copies `columns` < 8 floats. */
function copyColumns(source: usize, columns: i32, target: usize): void {
  if (columns & 4) {
    v128.store(target, v128.load(source));
    source += 16;
    target += 16;
  }
  if (columns & 2) {
    store<u64>(target, load<u64>(source));
    source += 8;
    target += 8;
  }
  if (columns & 1) store<u32>(target, load<u32>(source));
}
