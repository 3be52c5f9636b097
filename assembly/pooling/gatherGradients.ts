/** The gradients of a max pooling whose windows overlap or leave gaps: each pixel of dInput adds up what it has won. */
import { loadPartInline, storePart } from '../activation/vectorMath';

/**
 * A row of dInput: for each pixel, the gradients of the windows that it has won, in row-major order.
 * @param gradient,value,winners  the first of `rows` rows of windows that lie on this row
 * @param tap      the first tap of the first such window that lies on this row
 * @param tapStep  by how much that falls from one row of windows to the next
 */
export function gatherRow(
  gradient: usize,
  gradientRow: usize,
  value: usize,
  valueRow: usize,
  winners: usize,
  relu: i32,
  rows: i32,
  width: i32,
  pixel: usize,
  windowWidth: i32,
  strideX: i32,
  padLeft: i32,
  tap: i32,
  tapStep: i32,
  to: usize,
  inputWidth: i32,
): void {
  let firstX = 0;
  let endX = 0;
  for (let x = 0; x < inputWidth; x++) {
    const place = x + padLeft;
    while (firstX * strideX + windowWidth <= place) firstX++;
    while (endX < width && endX * strideX <= place) endX++;
    const offset = <usize>firstX * pixel;
    if (relu) {
      gatherPixel<AboveZero>(
        gradient + offset,
        gradientRow,
        value + offset,
        valueRow,
        winners + offset,
        <usize>width * pixel,
        rows,
        endX - firstX,
        pixel,
        tap + place - firstX * strideX,
        tapStep,
        strideX,
        to,
      );
    } else {
      gatherPixel<Any>(
        gradient + offset,
        gradientRow,
        value + offset,
        valueRow,
        winners + offset,
        <usize>width * pixel,
        rows,
        endX - firstX,
        pixel,
        tap + place - firstX * strideX,
        tapStep,
        strideX,
        to,
      );
    }
    to += pixel;
  }
}

/** One pixel of dInput, from rows · columns windows. @param tap  the one of the first window that lies on the pixel */
function gatherPixel<Mask>(
  gradient: usize,
  gradientRow: usize,
  value: usize,
  valueRow: usize,
  winners: usize,
  winnersRow: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
  tap: i32,
  tapStep: i32,
  strideX: i32,
  to: usize,
): void {
  const mask = changetype<Mask>(0);
  const across = pixel * <usize>max(0, columns);
  const wideBytes = pixel & ~63;
  const strides = i32x4.splat(strideX);
  let c: usize = 0;
  for (; c < wideBytes; c += 64) {
    let sum0 = f32x4.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    let from = gradient + c;
    let won = winners + c;
    let at = value + c;
    let first = tap;
    for (let y = 0; y < rows; y++) {
      let taps = i32x4.splat(first);
      for (let i: usize = 0; i < across; i += pixel) {
        const w = won + i;
        const v = at + i;
        const g = from + i;
        const wins0 = mask.apply(i32x4.eq(v128.load(w), taps), v);
        sum0 = f32x4.add(sum0, v128.and(wins0, v128.load(g)));
        const wins1 = mask.apply(i32x4.eq(v128.load(w, 16), taps), v + 16);
        sum1 = f32x4.add(sum1, v128.and(wins1, v128.load(g, 16)));
        const wins2 = mask.apply(i32x4.eq(v128.load(w, 32), taps), v + 32);
        sum2 = f32x4.add(sum2, v128.and(wins2, v128.load(g, 32)));
        const wins3 = mask.apply(i32x4.eq(v128.load(w, 48), taps), v + 48);
        sum3 = f32x4.add(sum3, v128.and(wins3, v128.load(g, 48)));
        taps = i32x4.sub(taps, strides);
      }
      from += gradientRow;
      won += winnersRow;
      at += valueRow;
      first -= tapStep;
    }
    v128.store(to + c, sum0);
    v128.store(to + c, sum1, 16);
    v128.store(to + c, sum2, 32);
    v128.store(to + c, sum3, 48);
  }
  while (c < pixel) {
    // Four channels, the last of which may have been done before; or fewer.
    if (c + 16 > pixel && pixel >= 16) c = pixel - 16;
    const bytes = min<usize>(16, pixel - c);
    let sum = f32x4.splat(0);
    let from = gradient + c;
    let won = winners + c;
    let at = value + c;
    let first = tap;
    for (let y = 0; y < rows; y++) {
      let taps = i32x4.splat(first);
      for (let i: usize = 0; i < across; i += pixel) {
        const wins = i32x4.eq(loadPartInline(won + i, bytes, taps), taps);
        const passes = mask.applyPart(wins, at + i, bytes);
        sum = f32x4.add(sum, v128.and(loadPartInline(from + i, bytes, sum), passes));
        taps = i32x4.sub(taps, strides);
      }
      from += gradientRow;
      won += winnersRow;
      at += valueRow;
      first -= tapStep;
    }
    storePart(to + c, sum, bytes);
    c += 16;
  }
}

/** Passes only what a ReLU has passed: the gradients of values above zero. */
@unmanaged
class AboveZero {
  @inline
  apply(wins: v128, value: usize): v128 {
    return v128.and(wins, f32x4.gt(v128.load(value), f32x4.splat(0)));
  }

  @inline
  applyPart(wins: v128, value: usize, bytes: usize): v128 {
    return v128.and(wins, f32x4.gt(loadPartInline(value, bytes, wins), f32x4.splat(0)));
  }
}

/** Passes all. */
@unmanaged
class Any {
  @inline
  apply(wins: v128, value: usize): v128 {
    return wins;
  }

  @inline
  applyPart(wins: v128, value: usize, bytes: usize): v128 {
    return wins;
  }
}
