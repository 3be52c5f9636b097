import { ENTRY } from './lists';
import { multiplyAdd } from '../../simd';

/**
 * As `sumProducts` of filterGradient.ts, and with the same bits, for planes of eight channels. Its eighteen sums
 * spill, unless V8 makes nine registers of 256 bits of them: for the wide builds only.
 */
export function sumWideProducts(list: usize, end: usize, plane: usize, planeRow: usize, sums: usize): void {
  const plane1 = plane + planeRow;
  const plane2 = plane1 + planeRow;
  let s00 = v128.load(sums);
  let s01 = v128.load(sums, 16);
  let s10 = v128.load(sums, 32);
  let s11 = v128.load(sums, 48);
  let s20 = v128.load(sums, 64);
  let s21 = v128.load(sums, 80);
  let s30 = v128.load(sums, 96);
  let s31 = v128.load(sums, 112);
  let s40 = v128.load(sums, 128);
  let s41 = v128.load(sums, 144);
  let s50 = v128.load(sums, 160);
  let s51 = v128.load(sums, 176);
  let s60 = v128.load(sums, 192);
  let s61 = v128.load(sums, 208);
  let s70 = v128.load(sums, 224);
  let s71 = v128.load(sums, 240);
  let s80 = v128.load(sums, 256);
  let s81 = v128.load(sums, 272);
  while (list < end) {
    const g = v128.load32_splat(list);
    const at = load<usize>(list, 4);
    const at0 = at + plane;
    s00 = multiplyAdd(g, v128.load(at0), s00);
    s01 = multiplyAdd(g, v128.load(at0, 16), s01);
    s10 = multiplyAdd(g, v128.load(at0, 32), s10);
    s11 = multiplyAdd(g, v128.load(at0, 48), s11);
    s20 = multiplyAdd(g, v128.load(at0, 64), s20);
    s21 = multiplyAdd(g, v128.load(at0, 80), s21);
    const at1 = at + plane1;
    s30 = multiplyAdd(g, v128.load(at1), s30);
    s31 = multiplyAdd(g, v128.load(at1, 16), s31);
    s40 = multiplyAdd(g, v128.load(at1, 32), s40);
    s41 = multiplyAdd(g, v128.load(at1, 48), s41);
    s50 = multiplyAdd(g, v128.load(at1, 64), s50);
    s51 = multiplyAdd(g, v128.load(at1, 80), s51);
    const at2 = at + plane2;
    s60 = multiplyAdd(g, v128.load(at2), s60);
    s61 = multiplyAdd(g, v128.load(at2, 16), s61);
    s70 = multiplyAdd(g, v128.load(at2, 32), s70);
    s71 = multiplyAdd(g, v128.load(at2, 48), s71);
    s80 = multiplyAdd(g, v128.load(at2, 64), s80);
    s81 = multiplyAdd(g, v128.load(at2, 80), s81);
    list += ENTRY;
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s10, 32);
  v128.store(sums, s11, 48);
  v128.store(sums, s20, 64);
  v128.store(sums, s21, 80);
  v128.store(sums, s30, 96);
  v128.store(sums, s31, 112);
  v128.store(sums, s40, 128);
  v128.store(sums, s41, 144);
  v128.store(sums, s50, 160);
  v128.store(sums, s51, 176);
  v128.store(sums, s60, 192);
  v128.store(sums, s61, 208);
  v128.store(sums, s70, 224);
  v128.store(sums, s71, 240);
  v128.store(sums, s80, 256);
  v128.store(sums, s81, 272);
}

/** As `addTaps` of inputGradient.ts, likewise. */
export function addWideTaps(list: usize, end: usize, filter: usize, at: usize, row: usize): void {
  if (list == end) return;
  const at1 = at + row;
  const at2 = at1 + row;
  let s00 = v128.load(at);
  let s01 = v128.load(at, 16);
  let s10 = v128.load(at, 32);
  let s11 = v128.load(at, 48);
  let s20 = v128.load(at, 64);
  let s21 = v128.load(at, 80);
  let s30 = v128.load(at1);
  let s31 = v128.load(at1, 16);
  let s40 = v128.load(at1, 32);
  let s41 = v128.load(at1, 48);
  let s50 = v128.load(at1, 64);
  let s51 = v128.load(at1, 80);
  let s60 = v128.load(at2);
  let s61 = v128.load(at2, 16);
  let s70 = v128.load(at2, 32);
  let s71 = v128.load(at2, 48);
  let s80 = v128.load(at2, 64);
  let s81 = v128.load(at2, 80);
  while (list < end) {
    const g = v128.load32_splat(list);
    const taps = filter + load<usize>(list, 4);
    s00 = multiplyAdd(g, v128.load(taps), s00);
    s01 = multiplyAdd(g, v128.load(taps, 16), s01);
    s10 = multiplyAdd(g, v128.load(taps, 32), s10);
    s11 = multiplyAdd(g, v128.load(taps, 48), s11);
    s20 = multiplyAdd(g, v128.load(taps, 64), s20);
    s21 = multiplyAdd(g, v128.load(taps, 80), s21);
    s30 = multiplyAdd(g, v128.load(taps, 96), s30);
    s31 = multiplyAdd(g, v128.load(taps, 112), s31);
    s40 = multiplyAdd(g, v128.load(taps, 128), s40);
    s41 = multiplyAdd(g, v128.load(taps, 144), s41);
    s50 = multiplyAdd(g, v128.load(taps, 160), s50);
    s51 = multiplyAdd(g, v128.load(taps, 176), s51);
    s60 = multiplyAdd(g, v128.load(taps, 192), s60);
    s61 = multiplyAdd(g, v128.load(taps, 208), s61);
    s70 = multiplyAdd(g, v128.load(taps, 224), s70);
    s71 = multiplyAdd(g, v128.load(taps, 240), s71);
    s80 = multiplyAdd(g, v128.load(taps, 256), s80);
    s81 = multiplyAdd(g, v128.load(taps, 272), s81);
    list += ENTRY;
  }
  v128.store(at, s00);
  v128.store(at, s01, 16);
  v128.store(at, s10, 32);
  v128.store(at, s11, 48);
  v128.store(at, s20, 64);
  v128.store(at, s21, 80);
  v128.store(at1, s30);
  v128.store(at1, s31, 16);
  v128.store(at1, s40, 32);
  v128.store(at1, s41, 48);
  v128.store(at1, s50, 64);
  v128.store(at1, s51, 80);
  v128.store(at2, s60);
  v128.store(at2, s61, 16);
  v128.store(at2, s70, 32);
  v128.store(at2, s71, 48);
  v128.store(at2, s80, 64);
  v128.store(at2, s81, 80);
}
