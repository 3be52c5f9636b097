/**
 * Filters (and dense kernels, which are 1×1 filters) packed into panels of 8 columns for the matrix product, once a
 * step. A panel is [8 biases][depth][8] float32; columns beyond the last are zero.
 */
import { TILE_COLUMNS } from './gemm';

/**
 * Packs for the forward pass.
 * @param filter  [depth, columns], which is HWIO with its first three axes flattened
 * @param filterRow  bytes from one row of the filter to the next: of a convolution in groups, whose columns are a share of
 *   the row's, more than they take
 * @param bias    [columns]
 * @param panels  [ceil(columns / 8)] panels
 * @param begin,end  a share of the panels
 */
export function packFilter(
  filter: usize,
  filterRow: usize,
  bias: usize,
  depth: i32,
  columns: i32,
  panels: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= (columns + 7) / 8);
  const panelBytes = (<usize>depth + 1) << 5;
  const offset = (<usize>begin) << 5;
  const lastColumn = min(columns, end * TILE_COLUMNS);
  let target = panels + <usize>begin * panelBytes;
  packRow(bias + offset, begin * TILE_COLUMNS, lastColumn, target, panelBytes);
  // Row by row, as they lie in memory.
  let source = filter + offset;
  for (let k = 0; k < depth; k++) {
    target += 32;
    packRow(source, begin * TILE_COLUMNS, lastColumn, target, panelBytes);
    source += filterRow;
  }
}

/** Copies the columns from `first` on, eight to a panel, and fills up the last with zeros. */
function packRow(source: usize, first: i32, last: i32, target: usize, panelBytes: usize): void {
  for (; first + TILE_COLUMNS <= last; first += TILE_COLUMNS) {
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    source += 32;
    target += panelBytes;
  }
  if (first >= last) return;
  for (let j = 0; j < TILE_COLUMNS; j++) {
    store<f32>(target + ((<usize>j) << 2), j < last - first ? load<f32>(source + ((<usize>j) << 2)) : 0);
  }
}

/**
 * Packs for the gradient of the input: the taps of one phase (every `stepY`-th, `stepX`-th, counted down from the
 * last), with input and output channels exchanged, and no bias. See `correlate` for what a phase is.
 * @param filter  [kernelHeight, kernelWidth, inputs, outputs]
 * @param filterRow  bytes from one input's outputs to the next's: as packFilter
 * @param lastY,lastX    the first tap taken
 * @param tapsY,tapsX    how many taps are taken in each direction, possibly none
 * @param panels  [ceil(inputs / 8)] panels of depth tapsY·tapsX·outputs
 * @param begin,end  a share of the panels
 */
export function packFilterTransposed(
  filter: usize,
  filterRow: usize,
  kernelWidth: i32,
  inputs: i32,
  outputs: i32,
  lastY: i32,
  lastX: i32,
  stepY: i32,
  stepX: i32,
  tapsY: i32,
  tapsX: i32,
  panels: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= (inputs + 7) / 8);
  const tapBytes = <usize>inputs * filterRow;
  const panelBytes = (<usize>(tapsY * tapsX * outputs) + 1) << 5;
  for (let panel = begin; panel < end; panel++) {
    const first = panel * TILE_COLUMNS;
    const width = min(TILE_COLUMNS, inputs - first);
    let target = panels + <usize>panel * panelBytes;
    memory.fill(target, 0, width < TILE_COLUMNS ? panelBytes : 32);
    target += 32;
    for (let tapY = 0; tapY < tapsY; tapY++) {
      for (let tapX = 0; tapX < tapsX; tapX++) {
        const tap = (lastY - tapY * stepY) * kernelWidth + lastX - tapX * stepX;
        const source = filter + <usize>tap * tapBytes + <usize>first * filterRow;
        packTransposed(source, filterRow, width, outputs, target);
        target += (<usize>outputs) << 5;
      }
    }
  }
}

/** target[k][j] = source[j][k] for `width` ≤ 8 rows j of `length` floats. */
function packTransposed(source: usize, rowBytes: usize, width: i32, length: i32, target: usize): void {
  const vectorBytes = width == TILE_COLUMNS ? (<usize>(length & ~3)) << 2 : 0;
  if (vectorBytes > 0) {
    packFour(source, rowBytes, vectorBytes, target);
    packFour(source + 4 * rowBytes, rowBytes, vectorBytes, target + 16);
  }
  const bytes = (<usize>length) << 2;
  for (let j: usize = 0; j < <usize>width; j++) {
    const from = source + j * rowBytes;
    const to = target + (j << 2);
    for (let k = vectorBytes; k < bytes; k += 4) store<f32>(to + 8 * k, load<f32>(from + k));
  }
}

/** target[k][j] = source[j][k] for four rows j of `bytes` bytes, a multiple of 16. */
function packFour(source: usize, rowBytes: usize, bytes: usize, target: usize): void {
  const source1 = source + rowBytes;
  const source2 = source1 + rowBytes;
  const source3 = source2 + rowBytes;
  for (let k: usize = 0; k < bytes; k += 16) {
    const r0 = v128.load(source + k);
    const r1 = v128.load(source1 + k);
    const r2 = v128.load(source2 + k);
    const r3 = v128.load(source3 + k);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    v128.store(target, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store(target, v128.shuffle<f64>(low01, low23, 1, 3), 32);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(target, v128.shuffle<f64>(high01, high23, 0, 2), 64);
    v128.store(target, v128.shuffle<f64>(high01, high23, 1, 3), 96);
    target += 128;
  }
}
