/**
 * The sums of filterGradient.ts and inputGradient.ts for kernels of 5×5, whose 25 taps do not fit into the registers: two rows of them are
 * worked through at a time, each time along the whole list.
 */
import { multiplyAdd } from '../../simd';
import { ENTRY } from './lists';

/** Bytes of a row of taps of four channels. */
const TAP_ROW: usize = 80;

/** sums[tap] += Σ over a list: gradient · what lies under the tap in a plane */
export function sumFiveByFive(list: usize, end: usize, plane: usize, planeRow: usize, sums: usize): void {
  sumTwoRows(list, end, plane, planeRow, sums);
  sumTwoRows(list, end, plane + 2 * planeRow, planeRow, sums + 2 * TAP_ROW);
  sumRow(list, end, plane + 4 * planeRow, sums + 4 * TAP_ROW);
}

function sumTwoRows(list: usize, end: usize, plane: usize, planeRow: usize, sums: usize): void {
  const below = plane + planeRow;
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  let a2 = v128.load(sums, 32);
  let a3 = v128.load(sums, 48);
  let a4 = v128.load(sums, 64);
  let b0 = v128.load(sums, 80);
  let b1 = v128.load(sums, 96);
  let b2 = v128.load(sums, 112);
  let b3 = v128.load(sums, 128);
  let b4 = v128.load(sums, 144);
  while (list < end) {
    const g = v128.load32_splat(list);
    const at = load<usize>(list, 4);
    const upper = at + plane;
    a0 = multiplyAdd(g, v128.load(upper), a0);
    a1 = multiplyAdd(g, v128.load(upper, 16), a1);
    a2 = multiplyAdd(g, v128.load(upper, 32), a2);
    a3 = multiplyAdd(g, v128.load(upper, 48), a3);
    a4 = multiplyAdd(g, v128.load(upper, 64), a4);
    const lower = at + below;
    b0 = multiplyAdd(g, v128.load(lower), b0);
    b1 = multiplyAdd(g, v128.load(lower, 16), b1);
    b2 = multiplyAdd(g, v128.load(lower, 32), b2);
    b3 = multiplyAdd(g, v128.load(lower, 48), b3);
    b4 = multiplyAdd(g, v128.load(lower, 64), b4);
    list += ENTRY;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, a4, 64);
  v128.store(sums, b0, 80);
  v128.store(sums, b1, 96);
  v128.store(sums, b2, 112);
  v128.store(sums, b3, 128);
  v128.store(sums, b4, 144);
}

function sumRow(list: usize, end: usize, plane: usize, sums: usize): void {
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  let a2 = v128.load(sums, 32);
  let a3 = v128.load(sums, 48);
  let a4 = v128.load(sums, 64);
  while (list < end) {
    const g = v128.load32_splat(list);
    const at = load<usize>(list, 4) + plane;
    a0 = multiplyAdd(g, v128.load(at), a0);
    a1 = multiplyAdd(g, v128.load(at, 16), a1);
    a2 = multiplyAdd(g, v128.load(at, 32), a2);
    a3 = multiplyAdd(g, v128.load(at, 48), a3);
    a4 = multiplyAdd(g, v128.load(at, 64), a4);
    list += ENTRY;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, a4, 64);
}

/** at[0…4][0…4] += Σ over a list: gradient · taps */
export function addFiveByFive(list: usize, end: usize, filter: usize, at: usize, row: usize): void {
  if (list == end) return;
  addTwoRows(list, end, filter, at, row);
  addTwoRows(list, end, filter + 2 * TAP_ROW, at + 2 * row, row);
  addRow(list, end, filter + 4 * TAP_ROW, at + 4 * row);
}

function addTwoRows(list: usize, end: usize, filter: usize, at: usize, row: usize): void {
  const below = at + row;
  let a0 = v128.load(at);
  let a1 = v128.load(at, 16);
  let a2 = v128.load(at, 32);
  let a3 = v128.load(at, 48);
  let a4 = v128.load(at, 64);
  let b0 = v128.load(below);
  let b1 = v128.load(below, 16);
  let b2 = v128.load(below, 32);
  let b3 = v128.load(below, 48);
  let b4 = v128.load(below, 64);
  while (list < end) {
    const g = v128.load32_splat(list);
    const taps = filter + load<usize>(list, 4);
    a0 = multiplyAdd(g, v128.load(taps), a0);
    a1 = multiplyAdd(g, v128.load(taps, 16), a1);
    a2 = multiplyAdd(g, v128.load(taps, 32), a2);
    a3 = multiplyAdd(g, v128.load(taps, 48), a3);
    a4 = multiplyAdd(g, v128.load(taps, 64), a4);
    b0 = multiplyAdd(g, v128.load(taps, 80), b0);
    b1 = multiplyAdd(g, v128.load(taps, 96), b1);
    b2 = multiplyAdd(g, v128.load(taps, 112), b2);
    b3 = multiplyAdd(g, v128.load(taps, 128), b3);
    b4 = multiplyAdd(g, v128.load(taps, 144), b4);
    list += ENTRY;
  }
  v128.store(at, a0);
  v128.store(at, a1, 16);
  v128.store(at, a2, 32);
  v128.store(at, a3, 48);
  v128.store(at, a4, 64);
  v128.store(below, b0);
  v128.store(below, b1, 16);
  v128.store(below, b2, 32);
  v128.store(below, b3, 48);
  v128.store(below, b4, 64);
}

function addRow(list: usize, end: usize, filter: usize, at: usize): void {
  let a0 = v128.load(at);
  let a1 = v128.load(at, 16);
  let a2 = v128.load(at, 32);
  let a3 = v128.load(at, 48);
  let a4 = v128.load(at, 64);
  while (list < end) {
    const g = v128.load32_splat(list);
    const taps = filter + load<usize>(list, 4);
    a0 = multiplyAdd(g, v128.load(taps), a0);
    a1 = multiplyAdd(g, v128.load(taps, 16), a1);
    a2 = multiplyAdd(g, v128.load(taps, 32), a2);
    a3 = multiplyAdd(g, v128.load(taps, 48), a3);
    a4 = multiplyAdd(g, v128.load(taps, 64), a4);
    list += ENTRY;
  }
  v128.store(at, a0);
  v128.store(at, a1, 16);
  v128.store(at, a2, 32);
  v128.store(at, a3, 48);
  v128.store(at, a4, 64);
}
