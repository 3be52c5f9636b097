/**
 * Sums over a row of outputs for the gradient of a depthwise filter: in registers, four channels at a time.
 *
 * The last vector of channels may overlap the one before; of its sums only the new lanes are added.
 */
import { addMasked, multiplyAdd } from '../../simd';

/** How many taps {@link addFiveTaps} sums at a time. */
export const TAPS: i32 = 5;

/**
 * Adds what a row of outputs contributes to five taps, of which the first `count` are wanted.
 * @param input    the first tap of the first output, `stepX` bytes from that of the next
 * @param tap0,tap1,tap2,tap3,tap4  from there to each of the taps, in bytes
 * @param dOutput  `width` pixels of `channels`, `dOutputPixel` bytes apart
 * @param dFilter  the wanted taps' rows, `partialRow` bytes apart
 */
export function addFiveTaps(
  input: usize,
  stepX: usize,
  tap0: usize,
  tap1: usize,
  tap2: usize,
  tap3: usize,
  tap4: usize,
  count: i32,
  dOutput: usize,
  dOutputPixel: usize,
  width: i32,
  channels: i32,
  dFilter: usize,
  partialRow: usize,
): void {
  const last = (<usize>(channels - 4)) << 2;
  let fresh: usize = 0;
  for (let c: usize = 0; ; c = min(c + 16, last)) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let s4 = f32x4.splat(0);
    let at = input + c;
    let from = dOutput + c;
    const end = from + <usize>width * dOutputPixel;
    while (from < end) {
      const d = v128.load(from);
      s0 = multiplyAdd(v128.load(at + tap0), d, s0);
      s1 = multiplyAdd(v128.load(at + tap1), d, s1);
      s2 = multiplyAdd(v128.load(at + tap2), d, s2);
      s3 = multiplyAdd(v128.load(at + tap3), d, s3);
      s4 = multiplyAdd(v128.load(at + tap4), d, s4);
      at += stepX;
      from += dOutputPixel;
    }
    const lanes = freshLanes(c, fresh);
    let to = dFilter + c;
    addMasked(to, s0, lanes);
    if (count > 1) addMasked((to += partialRow), s1, lanes);
    if (count > 2) addMasked((to += partialRow), s2, lanes);
    if (count > 3) addMasked((to += partialRow), s3, lanes);
    if (count > 4) addMasked((to += partialRow), s4, lanes);
    if (c == last) break;
    fresh = c + 16;
  }
}

/**
 * A 3×3 kernel whose columns lie a step apart: three inputs, one above the other, meet the gradients of the three
 * outputs that have read them. Nine sums, three gradients and three inputs make 15 registers.
 */
export function addThreeByThree(
  input: usize,
  stepX: usize,
  tapY: usize,
  dOutput: usize,
  dOutputPixel: usize,
  width: i32,
  channels: i32,
  dFilter: usize,
  partialRow: usize,
): void {
  const last = (<usize>(channels - 4)) << 2;
  let fresh: usize = 0;
  for (let c: usize = 0; ; c = min(c + 16, last)) {
    let s00 = f32x4.splat(0);
    let s01 = f32x4.splat(0);
    let s02 = f32x4.splat(0);
    let s10 = f32x4.splat(0);
    let s11 = f32x4.splat(0);
    let s12 = f32x4.splat(0);
    let s20 = f32x4.splat(0);
    let s21 = f32x4.splat(0);
    let s22 = f32x4.splat(0);
    // The gradients of the pixel above the middle tap and above the last one: none at first.
    let d1 = f32x4.splat(0);
    let d2 = f32x4.splat(0);
    let at = input + c;
    let from = dOutput + c;
    const end = from + <usize>width * dOutputPixel;
    while (from < end) {
      const d0 = v128.load(from);
      const a0 = v128.load(at);
      const a1 = v128.load(at + tapY);
      const a2 = v128.load(at + 2 * tapY);
      s00 = multiplyAdd(a0, d0, s00);
      s10 = multiplyAdd(a1, d0, s10);
      s20 = multiplyAdd(a2, d0, s20);
      s01 = multiplyAdd(a0, d1, s01);
      s11 = multiplyAdd(a1, d1, s11);
      s21 = multiplyAdd(a2, d1, s21);
      s02 = multiplyAdd(a0, d2, s02);
      s12 = multiplyAdd(a1, d2, s12);
      s22 = multiplyAdd(a2, d2, s22);
      d2 = d1;
      d1 = d0;
      at += stepX;
      from += dOutputPixel;
    }
    const b0 = v128.load(at);
    const b1 = v128.load(at + tapY);
    const b2 = v128.load(at + 2 * tapY);
    s01 = multiplyAdd(b0, d1, s01);
    s11 = multiplyAdd(b1, d1, s11);
    s21 = multiplyAdd(b2, d1, s21);
    s02 = multiplyAdd(b0, d2, s02);
    s12 = multiplyAdd(b1, d2, s12);
    s22 = multiplyAdd(b2, d2, s22);
    at += stepX;
    s02 = multiplyAdd(v128.load(at), d1, s02);
    s12 = multiplyAdd(v128.load(at + tapY), d1, s12);
    s22 = multiplyAdd(v128.load(at + 2 * tapY), d1, s22);
    const lanes = freshLanes(c, fresh);
    let to = dFilter + c;
    addMasked(to, s00, lanes);
    addMasked((to += partialRow), s01, lanes);
    addMasked((to += partialRow), s02, lanes);
    addMasked((to += partialRow), s10, lanes);
    addMasked((to += partialRow), s11, lanes);
    addMasked((to += partialRow), s12, lanes);
    addMasked((to += partialRow), s20, lanes);
    addMasked((to += partialRow), s21, lanes);
    addMasked((to += partialRow), s22, lanes);
    if (c == last) break;
    fresh = c + 16;
  }
}

/** The lanes of the channels `c` bytes in and on that are at least `fresh` bytes in. */
function freshLanes(c: usize, fresh: usize): v128 {
  return i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>((fresh - c) >> 2)));
}
