/**
 * The forward pass of a 3×3 convolution with stride 1 of few channels, and of the 2×2 max pooling with stride 2 behind it,
 * by minimal filtering F(2×2, 3×3) (Lavin & Gray 2015): 16 products for 4 outputs instead of 36. A tile of outputs is a
 * window of the pooling, so that one is pooled in registers as soon as it is there.
 *
 * Interpolated at 0, ±1 and ∞, all transforms but the filter's are sums, and its error is that of im2col. With more
 * channels the products count for more than the transforms, and those of convolution/winograd/correlate.ts are fewer.
 */
import { multiplyFreshTile, TILE_BYTES, TILE_COLUMNS, TILE_ROWS } from '../../gemm/gemm';
import { multiplyAdd, storeTransposed } from '../../simd';
import { FREQUENCIES, poolTiles, PRODUCT_BYTES } from './output';

/**
 * Transforms a filter once a step, G g Gᵀ in float64, into panels of 8 output channels: [outputs / 8][16][inputs][8].
 * @param filter  [3, 3, inputs, outputs]
 * @param begin,end  a share of the panels
 */
export function winograd2x2Filter(
  filter: usize,
  inputs: i32,
  outputs: i32,
  panels: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= outputs / TILE_COLUMNS);
  const tap = (<usize>(inputs * outputs)) << 2;
  let to = panels + <usize>(begin * FREQUENCIES * inputs * TILE_COLUMNS) * 4;
  for (let panel = begin; panel < end; panel++) {
    for (let fy = 0; fy < 4; fy++) {
      for (let fx = 0; fx < 4; fx++) {
        for (let input = 0; input < inputs; input++) {
          const from = filter + ((<usize>(input * outputs + panel * TILE_COLUMNS)) << 2);
          for (let j: usize = 0; j < 32; j += 4) {
            const g0 = filterLine(fx, from + j, tap);
            const g1 = filterLine(fx, from + j + 3 * tap, tap);
            const g2 = filterLine(fx, from + j + 6 * tap, tap);
            store<f32>(to, <f32>interpolate(fy, g0, g1, g2));
            to += 4;
          }
        }
      }
    }
  }
}

function filterLine(frequency: i32, from: usize, tap: usize): f64 {
  return interpolate(frequency, load<f32>(from), load<f32>(from + tap), load<f32>(from + 2 * tap));
}

/** One of the four values of G g. */
function interpolate(frequency: i32, g0: f64, g1: f64, g2: f64): f64 {
  if (frequency == 0) return g0;
  if (frequency == 3) return g2;
  return 0.5 * (g0 + (frequency == 1 ? g1 : -g1) + g2);
}

/**
 * @param input    the first tap of the first output; up to 12 bytes behind a pixel are read, and not used
 * @param inputs   channels of the input, 4 at most
 * @param filter   as winograd2x2Filter writes it
 * @param bias     [outputs]
 * @param output   [batch, height, width, outputs], the pooling's
 * @param outputs  a multiple of 8
 * @param relu     1 to clamp at zero
 * @param argmax   [batch, height, width, outputs] i32, compact: 2·y + x of the winner in its window
 * @param scratch  128 · (width + 1) + groups · (256 · inputs + 2,048) + 1,120 bytes, where groups is width / 4 rounded up
 * @param begin,end  a share of the batch · height rows of the pooling
 */
export function winograd2x2CorrelatePooled(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputs: i32,
  filter: usize,
  bias: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  outputs: i32,
  relu: i32,
  argmax: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && inputs <= 4 && (outputs & 7) == 0 && (scratch & 15) == 0);
  const floor: f32 = relu ? 0 : -Infinity;
  const inputPixel = (<usize>inputs) << 2;
  const pixelBytes = (<usize>outputs) << 2;
  const groups = (width + TILE_ROWS - 1) / TILE_ROWS;
  const groupBytes = (<usize>inputs) << 4;
  const inputStep = <usize>groups * groupBytes + 64;
  const filterStep = (<usize>inputs) << 5;

  const columnRow = (<usize>(2 * width + 2)) << 4;
  const columns = scratch;
  const transformed = columns + 4 * columnRow;
  const products = transformed + <usize>FREQUENCIES * inputStep;

  for (let row = begin; row < end; row++) {
    const image = row / height;
    const y = row - image * height;
    const from = input + <usize>image * inputImage + 2 * <usize>y * inputRow;
    transformColumns(from, inputRow, inputPixel, columns, columnRow);
    for (let g = 0; g < groups; g++) {
      const to = transformed + <usize>g * groupBytes;
      transformRows(columns, columnRow, g * TILE_ROWS, width - 1, to, inputStep);
    }

    const to = output + <usize>image * outputImage + <usize>y * outputRow;
    const winners = argmax + <usize>(row * width) * pixelBytes;
    let u = filter;
    for (let channel: usize = 0; channel < pixelBytes; channel += 32) {
      let v = transformed;
      let m = products;
      for (let frequency = 0; frequency < FREQUENCIES; frequency++) {
        multiply(v, groupBytes, u, inputs, m, groups);
        u += filterStep;
        v += inputStep;
        m += TILE_BYTES;
      }
      const at = to + channel;
      const start = bias + channel;
      poolTiles(products, width, start, floor, at, winners + channel, pixelBytes, columns);
    }
  }
}

/** Bᵀ d of every column of four rows of pixels, to four rows of vectors. */
function transformColumns(from: usize, row: usize, pixel: usize, to: usize, toRow: usize): void {
  const end = to + toRow;
  for (; to < end; to += 16) {
    const d0 = v128.load(from);
    const d1 = v128.load(from + row);
    const d2 = v128.load(from + 2 * row);
    const d3 = v128.load(from + 3 * row);
    v128.store(to, f32x4.sub(d0, d2));
    v128.store(to + toRow, f32x4.add(d1, d2));
    v128.store(to + 2 * toRow, f32x4.sub(d2, d1));
    v128.store(to + 3 * toRow, f32x4.sub(d1, d3));
    from += pixel;
  }
}

/**
 * (Bᵀ d) B of four tiles, transposed: [16][4 channels][4 tiles], frequencies `step` bytes apart. Missing channels are
 * written over by the next group.
 * @param last  the last tile: what lies behind it is the same again
 */
function transformRows(
  columns: usize,
  columnRow: usize,
  first: i32,
  last: i32,
  to: usize,
  step: usize,
): void {
  const tile0 = columns + ((<usize>first) << 5);
  const tile1 = columns + ((<usize>min(first + 1, last)) << 5);
  const tile2 = columns + ((<usize>min(first + 2, last)) << 5);
  const tile3 = columns + ((<usize>min(first + 3, last)) << 5);
  for (let y: usize = 0; y < 4 * columnRow; y += columnRow) {
    const a = tile0 + y;
    const b = tile1 + y;
    const c = tile2 + y;
    const d = tile3 + y;
    storeTransposed(
      f32x4.sub(v128.load(a), v128.load(a, 32)),
      f32x4.sub(v128.load(b), v128.load(b, 32)),
      f32x4.sub(v128.load(c), v128.load(c, 32)),
      f32x4.sub(v128.load(d), v128.load(d, 32)),
      to,
    );
    to += step;
    storeTransposed(
      f32x4.add(v128.load(a, 16), v128.load(a, 32)),
      f32x4.add(v128.load(b, 16), v128.load(b, 32)),
      f32x4.add(v128.load(c, 16), v128.load(c, 32)),
      f32x4.add(v128.load(d, 16), v128.load(d, 32)),
      to,
    );
    to += step;
    storeTransposed(
      f32x4.sub(v128.load(a, 32), v128.load(a, 16)),
      f32x4.sub(v128.load(b, 32), v128.load(b, 16)),
      f32x4.sub(v128.load(c, 32), v128.load(c, 16)),
      f32x4.sub(v128.load(d, 32), v128.load(d, 16)),
      to,
    );
    to += step;
    storeTransposed(
      f32x4.sub(v128.load(a, 16), v128.load(a, 48)),
      f32x4.sub(v128.load(b, 16), v128.load(b, 48)),
      f32x4.sub(v128.load(c, 16), v128.load(c, 48)),
      f32x4.sub(v128.load(d, 16), v128.load(d, 48)),
      to,
    );
    to += step;
  }
}

/** The products of one frequency, of all tiles and eight channels. */
function multiply(v: usize, groupBytes: usize, u: usize, inputs: i32, m: usize, groups: i32): void {
  if (inputs == 3) return multiplyThree(v, u, m, groups);
  for (let g = 0; g < groups; g++) {
    multiplyFreshTile(v, u, inputs, m);
    v += groupBytes;
    m += PRODUCT_BYTES;
  }
}

/** As multiply, for three channels: the filter's stay in registers. */
function multiplyThree(v: usize, u: usize, m: usize, groups: i32): void {
  for (let g = 0; g < groups; g++) {
    const u00 = v128.load(u);
    const u01 = v128.load(u, 16);
    const u10 = v128.load(u, 32);
    const u11 = v128.load(u, 48);
    const u20 = v128.load(u, 64);
    const u21 = v128.load(u, 80);
    const a0 = v128.load32_splat(v);
    const a1 = v128.load32_splat(v, 16);
    const a2 = v128.load32_splat(v, 32);
    v128.store(m, multiplyAdd(a2, u20, multiplyAdd(a1, u10, f32x4.mul(a0, u00))));
    v128.store(m, multiplyAdd(a2, u21, multiplyAdd(a1, u11, f32x4.mul(a0, u01))), 16);
    const b0 = v128.load32_splat(v, 4);
    const b1 = v128.load32_splat(v, 20);
    const b2 = v128.load32_splat(v, 36);
    v128.store(m, multiplyAdd(b2, u20, multiplyAdd(b1, u10, f32x4.mul(b0, u00))), 32);
    v128.store(m, multiplyAdd(b2, u21, multiplyAdd(b1, u11, f32x4.mul(b0, u01))), 48);
    const c0 = v128.load32_splat(v, 8);
    const c1 = v128.load32_splat(v, 24);
    const c2 = v128.load32_splat(v, 40);
    v128.store(m, multiplyAdd(c2, u20, multiplyAdd(c1, u10, f32x4.mul(c0, u00))), 64);
    v128.store(m, multiplyAdd(c2, u21, multiplyAdd(c1, u11, f32x4.mul(c0, u01))), 80);
    const d0 = v128.load32_splat(v, 12);
    const d1 = v128.load32_splat(v, 28);
    const d2 = v128.load32_splat(v, 44);
    v128.store(m, multiplyAdd(d2, u20, multiplyAdd(d1, u10, f32x4.mul(d0, u00))), 96);
    v128.store(m, multiplyAdd(d2, u21, multiplyAdd(d1, u11, f32x4.mul(d0, u01))), 112);
    v += 48;
    m += PRODUCT_BYTES;
  }
}
