/**
 * The sums of filterGradient.ts and inputGradient.ts for kernels of 5×5, whose 25 taps do not fit into the registers: two rows of them are
 * worked through at a time, each time along the whole list.
 */
import { multiplyAdd } from '../../simd';
import { ENTRY } from './lists';

/** Bytes of a row of taps of four channels, where rows follow one another. */
export const TAP_ROW: usize = 80;

/**
 * to[0…4][0…4] += Σ over a list: gradient · from[0…4][0…4], at the entry's offset.
 * @param fromRow,toRow  bytes from one row to the next
 */
export function addFiveByFive(
  list: usize,
  end: usize,
  from: usize,
  fromRow: usize,
  to: usize,
  toRow: usize,
): void {
  if (list == end) return;
  addTwoRows(list, end, from, fromRow, to, toRow);
  addTwoRows(list, end, from + 2 * fromRow, fromRow, to + 2 * toRow, toRow);
  addRow(list, end, from + 4 * fromRow, to + 4 * toRow);
}

function addTwoRows(list: usize, end: usize, from: usize, fromRow: usize, to: usize, toRow: usize): void {
  const fromBelow = from + fromRow;
  const below = to + toRow;
  let a0 = v128.load(to);
  let a1 = v128.load(to, 16);
  let a2 = v128.load(to, 32);
  let a3 = v128.load(to, 48);
  let a4 = v128.load(to, 64);
  let b0 = v128.load(below);
  let b1 = v128.load(below, 16);
  let b2 = v128.load(below, 32);
  let b3 = v128.load(below, 48);
  let b4 = v128.load(below, 64);
  while (list < end) {
    const g = v128.load32_splat(list);
    const at = load<usize>(list, 4);
    const upper = at + from;
    a0 = multiplyAdd(g, v128.load(upper), a0);
    a1 = multiplyAdd(g, v128.load(upper, 16), a1);
    a2 = multiplyAdd(g, v128.load(upper, 32), a2);
    a3 = multiplyAdd(g, v128.load(upper, 48), a3);
    a4 = multiplyAdd(g, v128.load(upper, 64), a4);
    const lower = at + fromBelow;
    b0 = multiplyAdd(g, v128.load(lower), b0);
    b1 = multiplyAdd(g, v128.load(lower, 16), b1);
    b2 = multiplyAdd(g, v128.load(lower, 32), b2);
    b3 = multiplyAdd(g, v128.load(lower, 48), b3);
    b4 = multiplyAdd(g, v128.load(lower, 64), b4);
    list += ENTRY;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  v128.store(to, a4, 64);
  v128.store(below, b0);
  v128.store(below, b1, 16);
  v128.store(below, b2, 32);
  v128.store(below, b3, 48);
  v128.store(below, b4, 64);
}

function addRow(list: usize, end: usize, from: usize, to: usize): void {
  let a0 = v128.load(to);
  let a1 = v128.load(to, 16);
  let a2 = v128.load(to, 32);
  let a3 = v128.load(to, 48);
  let a4 = v128.load(to, 64);
  while (list < end) {
    const g = v128.load32_splat(list);
    const at = load<usize>(list, 4) + from;
    a0 = multiplyAdd(g, v128.load(at), a0);
    a1 = multiplyAdd(g, v128.load(at, 16), a1);
    a2 = multiplyAdd(g, v128.load(at, 32), a2);
    a3 = multiplyAdd(g, v128.load(at, 48), a3);
    a4 = multiplyAdd(g, v128.load(at, 64), a4);
    list += ENTRY;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  v128.store(to, a4, 64);
}
