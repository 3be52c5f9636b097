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
  for (let panel = begin; panel < end; panel++) {
    const first = panel * TILE_COLUMNS;
    const offset = (<usize>first) << 2;
    const width = min(TILE_COLUMNS, columns - first);
    let target = panels + <usize>panel * panelBytes;
    packColumns(bias + offset, width, target);
    let source = filter + offset;
    for (let k = 0; k < depth; k++) {
      target += 32;
      packColumns(source, width, target);
      source += filterRow;
    }
  }
}

/** Copies `width` ≤ 8 floats and fills up with zeros. */
function packColumns(source: usize, width: i32, target: usize): void {
  if (width == TILE_COLUMNS) {
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    return;
  }
  for (let j = 0; j < TILE_COLUMNS; j++) {
    store<f32>(target + ((<usize>j) << 2), j < width ? load<f32>(source + ((<usize>j) << 2)) : 0);
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
    memory.fill(target, 0, panelBytes);
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
  for (let j = 0; j < width; j++) {
    let from = source + <usize>j * rowBytes;
    let to = target + ((<usize>j) << 2);
    for (let k = 0; k < length; k++) {
      store<f32>(to, load<f32>(from));
      from += 4;
      to += 32;
    }
  }
}
