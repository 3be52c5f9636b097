/**
 * Products with rows of A where they lie, not packed: for so few columns that packing would take as long as what it serves.
 * The sums are those of the packed product, in the same order.
 */
import { larger, multiplyAdd, storeLanes } from '../simd';
import { TILE_COLUMNS, TILE_ROWS } from './gemm';

/** Up to so many columns rows are not packed: two panels of B, or in a wide build what is no whole panel. */
export const MOST_COLUMNS: i32 = WIDE ? TILE_COLUMNS - 1 : 2 * TILE_COLUMNS;

/**
 * c[i][j] = max(floor, bias[j] + Σ a[i][k] · b[k][j]) for `rows` ≤ 4 rows i and `columns` ≤ 8 columns j.
 * @param a         row 0 of A: `lines` lines of `runs` runs of `length` floats each
 * @param step      bytes from one row of A to the next
 * @param line,run  bytes from one line to the next, from one run in it to the next
 * @param b         panel of B: [8 biases], then [depth][8] float32
 */
export function multiplyUnpackedTile(
  a: usize,
  step: usize,
  rows: i32,
  lines: i32,
  line: usize,
  runs: i32,
  run: usize,
  length: i32,
  b: usize,
  c: usize,
  cStride: usize,
  columns: i32,
  floor: f32,
): void {
  let c00 = v128.load(b);
  let c01 = v128.load(b, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  b += 32;
  // Rows that are not there repeat the last one, so that nothing outside is read.
  const step1: usize = rows > 1 ? step : 0;
  const step2: usize = rows > 2 ? step1 + step : step1;
  const step3: usize = rows > 3 ? step2 + step : step2;
  const runBytes = (<usize>length) << 5;
  for (let y = 0; y < lines; y++) {
    let from = a;
    for (let x = 0; x < runs; x++) {
      let p0 = from;
      let p1 = from + step1;
      let p2 = from + step2;
      let p3 = from + step3;
      const end = b + runBytes;
      while (b < end) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        const a0 = v128.load32_splat(p0);
        c00 = multiplyAdd(a0, b0, c00);
        c01 = multiplyAdd(a0, b1, c01);
        const a1 = v128.load32_splat(p1);
        c10 = multiplyAdd(a1, b0, c10);
        c11 = multiplyAdd(a1, b1, c11);
        const a2 = v128.load32_splat(p2);
        c20 = multiplyAdd(a2, b0, c20);
        c21 = multiplyAdd(a2, b1, c21);
        const a3 = v128.load32_splat(p3);
        c30 = multiplyAdd(a3, b0, c30);
        c31 = multiplyAdd(a3, b1, c31);
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
        b += 32;
      }
      from += run;
    }
    a += line;
  }
  const low = f32x4.splat(floor);
  storeColumns(c, larger(c00, low), larger(c01, low), columns);
  if (rows > 1) storeColumns(c + cStride, larger(c10, low), larger(c11, low), columns);
  if (rows > 2) storeColumns(c + 2 * cStride, larger(c20, low), larger(c21, low), columns);
  if (rows > 3) storeColumns(c + 3 * cStride, larger(c30, low), larger(c31, low), columns);
}

function storeColumns(c: usize, low: v128, high: v128, columns: i32): void {
  if (columns < 4) {
    storeLanes(c, low, columns);
  } else {
    v128.store(c, low);
    if (columns > 4) storeLanes(c + 16, high, columns - 4);
  }
}
