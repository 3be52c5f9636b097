/**
 * 3×3 convolutions of stride 1 by minimal filtering: the forward pass and the gradient of the input with a quarter of
 * the multiplications. See winogradTransforms.ts for the method, winogradFilterGradient.ts for the third pass.
 *
 * Outputs are cut into tiles of 4×4; tiles at the edges hang over into margins that must read as zero. Channels are
 * multiples of 8. Strides of images, rows and pixels are in bytes.
 */
import { multiplyFreshTile, TILE_BYTES, TILE_COLUMNS, TILE_ROWS } from './gemm';
import { storeTransposed } from './simd';
import {
  FREQUENCIES,
  SIDE,
  STAGGER,
  TRANSFORM_BYTES,
  transformFilter,
  transformInput,
  storeOutput,
  storePooledOutput,
} from './winogradTransforms';
import { multiplyTwoTiles } from './twoTiles';

/** Bytes of what winogradCorrelate notes of a tile: where it comes from and goes to, its size, its winners. */
const TABLE_ENTRY: usize = 20;

/** Bytes of the products of four tiles and eight channels: [36][4][8]. */
const PRODUCT_BYTES: usize = <usize>FREQUENCIES * TILE_BYTES;

/**
 * Transforms a filter once a step, into panels of 8 output channels: [outputs / 8][36][inputs][8].
 * @param filter   [3, 3, inputs, outputs]; with `flip`, [3, 3, outputs, inputs] turned around, for the gradient of the
 *                 input, whose inputs are the layer's outputs
 * @param scratch  576 + 288 bytes
 * @param begin,end  a share of the panels
 */
export function winogradFilter(
  filter: usize,
  inputs: i32,
  outputs: i32,
  flip: i32,
  panels: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(
    begin >= 0 && begin <= end && end <= outputs / TILE_COLUMNS && (inputs & 7) == 0 && (outputs & 7) == 0,
  );
  const taps = scratch + TRANSFORM_BYTES;
  const frequencyBytes = (<usize>inputs) << 5;
  const tapBytes = (<usize>(inputs * outputs)) << 2;
  for (let panel = begin; panel < end; panel++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < 9; tap++) {
        const to = taps + ((<usize>tap) << 5);
        if (flip) {
          const from = filter + <usize>(8 - tap) * tapBytes + ((<usize>input) << 2);
          for (let j = 0; j < TILE_COLUMNS; j++) {
            const output = panel * TILE_COLUMNS + j;
            store<f32>(to + ((<usize>j) << 2), load<f32>(from + ((<usize>(output * inputs)) << 2)));
          }
        } else {
          const column = input * outputs + panel * TILE_COLUMNS;
          const from = filter + <usize>tap * tapBytes + ((<usize>column) << 2);
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
        }
      }
      const to = panels + <usize>(panel * FREQUENCIES) * frequencyBytes + ((<usize>input) << 5);
      transformFilter(taps, to, frequencyBytes, scratch);
    }
  }
}

/**
 * The forward pass, or with a flipped filter and no bias the gradient of the input; see `correlate`.
 *
 * Panels of output channels are the outer loop and frequencies the inner one, so that the products of one panel stay in
 * the L1 cache until they are transformed back.
 *
 * @param input   the first tap of the first output
 * @param inputs,outputs  channels
 * @param bias    [outputs], or 0 for none
 * @param filter  as winogradFilter writes it
 * @param height,width  of the output
 * @param relu    1 to clamp at zero
 * @param argmax  0; or, for a 2×2 max pooling with stride 2 of what comes out, where to put 2·y + x of each winner:
 *                [batch, height / 2, width / 2, outputs] i32, compact. `output` is then the pooling's
 * @param tilesPerBlock  how many tiles are transformed before the filter is swept, a multiple of 4
 * @param scratch 576 + 64 + 256 + 2,304 + 20 · tilesPerBlock rounded up to 16
 *                + 36 · (tilesPerBlock · (4 · inputs + 32) + 128) bytes
 * @param begin,end  a share of the blocks of tiles: ceil(batch · ceil(height / 4) · ceil(width / 4) / tilesPerBlock)
 */
export function winogradCorrelate(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputs: i32,
  filter: usize,
  bias: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  batch: i32,
  height: i32,
  width: i32,
  outputs: i32,
  relu: i32,
  argmax: usize,
  tilesPerBlock: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && (tilesPerBlock & 3) == 0 && (scratch & 15) == 0);
  const floor: f32 = relu ? 0 : -Infinity;
  const inputPixel = (<usize>inputs) << 2;
  const outputPixel = (<usize>outputs) << 2;
  const tilesX = (width + SIDE - 1) / SIDE;
  const tilesY = (height + SIDE - 1) / SIDE;
  const tiles = batch * tilesY * tilesX;
  const groupBytes = (<usize>inputs) << 4;
  const inputStep = <usize>(tilesPerBlock / TILE_ROWS) * groupBytes + STAGGER;
  const filterStep = (<usize>inputs) << 5;

  const zero = scratch + TRANSFORM_BYTES;
  const group = zero + 64;
  const table = group + <usize>(FREQUENCIES * TILE_ROWS) * 16;
  const transformed = table + ((<usize>tilesPerBlock * TABLE_ENTRY + 15) & ~15);
  const products = transformed + <usize>FREQUENCIES * inputStep;
  memory.fill(zero, 0, 32);

  for (let block = begin; block < end; block++) {
    const first = block * tilesPerBlock;
    const count = min(tilesPerBlock, tiles - first);
    for (let i = 0; i < count; i++) {
      const row = (first + i) / tilesX;
      const x = (first + i - row * tilesX) * SIDE;
      const image = row / tilesY;
      const y = (row - image * tilesY) * SIDE;
      const entry = table + <usize>i * TABLE_ENTRY;
      store<usize>(entry, input + <usize>image * inputImage + <usize>y * inputRow + <usize>x * inputPixel);
      const toY = argmax ? y >> 1 : y;
      const toX = argmax ? x >> 1 : x;
      const to = output + <usize>image * outputImage + <usize>toY * outputRow + <usize>toX * outputPixel;
      store<usize>(entry, to, 4);
      store<i32>(entry, min(SIDE, height - y), 8);
      store<i32>(entry, min(SIDE, width - x), 12);
      const winner = (image * (height >> 1) + toY) * (width >> 1) + toX;
      store<usize>(entry, argmax + <usize>winner * outputPixel, 16);
    }

    const groups = (count + TILE_ROWS - 1) / TILE_ROWS;
    for (let g = 0; g < groups; g++) {
      for (let c: usize = 0; c < inputPixel; c += 16) {
        for (let t = 0; t < TILE_ROWS; t++) {
          const tile = min(g * TILE_ROWS + t, count - 1);
          const from = load<usize>(table + <usize>tile * TABLE_ENTRY) + c;
          transformInput(from, inputRow, inputPixel, group + ((<usize>t) << 4), 64, scratch);
        }
        transposeGroup(group, transformed + <usize>g * groupBytes + (c << 2), inputStep);
      }
    }

    let u = filter;
    for (let channel = 0; channel < outputs; channel += TILE_COLUMNS) {
      let v = transformed;
      let m = products;
      for (let frequency = 0; frequency < FREQUENCIES; frequency++) {
        let g = 0;
        if (WIDE) {
          for (; g + 1 < groups; g += 2) {
            const to = m + <usize>g * PRODUCT_BYTES;
            multiplyTwoTiles(
              v + <usize>g * groupBytes,
              groupBytes,
              u,
              inputs,
              zero,
              zero,
              0,
              to,
              to + PRODUCT_BYTES,
              32,
              -Infinity,
            );
          }
        }
        for (; g < groups; g++) {
          multiplyFreshTile(v + <usize>g * groupBytes, u, inputs, m + <usize>g * PRODUCT_BYTES);
        }
        u += filterStep;
        v += inputStep;
        m += TILE_BYTES;
      }
      for (let i = 0; i < count; i++) {
        const entry = table + <usize>i * TABLE_ENTRY;
        const from = products + <usize>(i >> 2) * PRODUCT_BYTES + ((<usize>(i & 3)) << 5);
        const to = load<usize>(entry, 4) + ((<usize>channel) << 2);
        const rows = load<i32>(entry, 8);
        const columns = load<i32>(entry, 12);
        for (let half: usize = 0; half < 32; half += 16) {
          const start = bias ? v128.load(bias + ((<usize>channel) << 2) + half) : f32x4.splat(0);
          if (argmax) {
            const winners = load<usize>(entry, 16) + ((<usize>channel) << 2) + half;
            const winnersRow = <usize>(width >> 1) * outputPixel;
            storePooledOutput(
              from + half,
              start,
              floor,
              to + half,
              outputRow,
              outputPixel,
              rows,
              columns,
              winners,
              winnersRow,
              scratch,
            );
          } else {
            storeOutput(from + half, start, floor, to + half, outputRow, outputPixel, rows, columns, scratch);
          }
        }
      }
    }
  }
}

/** [36][4 tiles][4 channels] to [36][4 channels][4 tiles], the latter `step` bytes apart. */
function transposeGroup(from: usize, to: usize, step: usize): void {
  const end = from + <usize>(FREQUENCIES * TILE_ROWS) * 16;
  while (from < end) {
    storeTransposed(v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48), to);
    from += 64;
    to += step;
  }
}
