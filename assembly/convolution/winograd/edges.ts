/**
 * The transforms of transforms.ts for tiles with fewer than four rows or columns of outputs. For n outputs n + 2 of the six
 * points suffice (see `frequencyAt` in tiling.ts): 0 and ∞, and in this order a, −a and b. So a tile of 3×3 takes 25
 * products, and they are with the same transformed filter, whose factors are made up for here. A kernel of five taps needs two
 * points more: see fiveTaps.ts.
 */
import { storeLargest } from '../../pooling/window';
import { larger, multiplyAdd } from '../../simd';
import { outputsOfFiveTaps } from './fiveTaps';
import {
  A,
  B,
  differenceAtA,
  differenceAtB,
  inputLine,
  output0,
  output2,
  output3,
  outputGradientLine,
} from './transforms';

/** Bytes of a line of six vectors. */
const LINE: usize = 96;

/**
 * Bᵀ d B of the down×across pixels at `from`, for a tile of so many points.
 * @param to       frequency (y, x) goes to to + (6y + x) · toStep; the others are left alone
 * @param scratch  576 bytes
 */
export function transformEdgeInput(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  down: i32,
  across: i32,
  scratch: usize,
): void {
  const lastColumn = (<usize>across - 1) << 4;
  inputLines(from, pixel, row, scratch, 16, lastColumn, LINE, (<usize>down - 1) * LINE, down, across);
  inputLines(scratch, LINE, 16, to, 6 * toStep, 30 * toStep, toStep, 5 * toStep, across, down);
}

/**
 * Bᵀ d of lines, each of so many inputs as there are points to as many frequencies.
 * @param stride,step      from one line to the next, from one input to the next
 * @param toStride,toLast  from one line of frequencies to the next, from the first to the last
 * @param toStep,last      from one frequency to the next, from the first to the last, that at ∞
 */
function inputLines(
  from: usize,
  stride: usize,
  step: usize,
  to: usize,
  toStride: usize,
  toLast: usize,
  toStep: usize,
  last: usize,
  points: i32,
  lines: i32,
): void {
  const lastLine = to + toLast;
  for (let line = 1; line <= lines; line++) {
    if (line == lines) to = lastLine;
    const d0 = v128.load(from);
    const d1 = v128.load(from + step);
    const d2 = v128.load(from + 2 * step);
    if (points == 3) {
      v128.store(to, multiplyAdd(f32x4.splat(-B), d1, d0));
      v128.store(to + toStep, f32x4.mul(f32x4.splat(-1.5 * B), d1));
      v128.store(to + last, multiplyAdd(f32x4.splat(-A), d1, d2));
    } else if (points == 4) {
      const d3 = v128.load(from + 3 * step);
      const odd = f32x4.mul(f32x4.splat(A), d1);
      v128.store(to, multiplyAdd(f32x4.splat(-2), d2, d0));
      v128.store(to + toStep, f32x4.mul(f32x4.splat(-1.5), f32x4.add(d2, odd)));
      v128.store(to + 2 * toStep, f32x4.mul(f32x4.splat(-1.5), f32x4.sub(d2, odd)));
      v128.store(to + last, multiplyAdd(f32x4.splat(-0.5), d1, d3));
    } else {
      const d3 = v128.load(from + 3 * step);
      const d4 = v128.load(from + 4 * step);
      if (points == 5) {
        const outer = multiplyAdd(f32x4.splat(-2), d2, d0);
        const first = multiplyAdd(f32x4.splat(B), d3, f32x4.mul(f32x4.splat(-A), d1));
        v128.store(to, f32x4.add(outer, first));
        const atA = multiplyAdd(f32x4.splat(B), f32x4.sub(d3, d1), f32x4.neg(d2));
        v128.store(to + toStep, f32x4.mul(f32x4.splat(1.5), atA));
        const sum = f32x4.mul(f32x4.splat(A), f32x4.add(d1, d3));
        v128.store(to + 2 * toStep, multiplyAdd(f32x4.splat(-1.5), d2, sum));
        const atB = multiplyAdd(f32x4.splat(-0.5), d1, d3);
        v128.store(to + 3 * toStep, f32x4.mul(f32x4.splat(2 * B), atB));
        const even = multiplyAdd(f32x4.splat(-0.5), d2, d4);
        const odd = multiplyAdd(f32x4.splat(-B), d3, f32x4.mul(f32x4.splat(A), d1));
        v128.store(to + last, f32x4.add(even, odd));
      } else {
        inputLine(from, step, to, toStep);
      }
    }
    from += stride;
    to += toStride;
  }
}

/** A dY Aᵀ of the rows×columns pixels at `from`, for a kernel of 3×3; as transformEdgeInput. */
export function transformEdgeGradient(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  rows: i32,
  columns: i32,
  scratch: usize,
): void {
  const across = (<usize>columns - 1) << 4;
  gradientLines(from, pixel, row, scratch, 16, across, LINE, (<usize>rows + 1) * LINE, rows, columns);
  gradientLines(scratch, LINE, 16, to, 6 * toStep, 30 * toStep, toStep, 5 * toStep, columns, rows + 2);
}

/** A y of lines, each of the gradients of `size` outputs to those of size + 2 frequencies; as inputLines. */
function gradientLines(
  from: usize,
  stride: usize,
  step: usize,
  to: usize,
  toStride: usize,
  toLast: usize,
  toStep: usize,
  last: usize,
  size: i32,
  lines: i32,
): void {
  const lastLine = to + toLast;
  for (let line = 1; line <= lines; line++) {
    if (line == lines) to = lastLine;
    const y0 = v128.load(from);
    if (size == 1) {
      v128.store(to, y0);
      v128.store(to + toStep, y0);
      v128.store(to + last, y0);
    } else if (size == 2) {
      const y1 = v128.load(from + step);
      const odd = f32x4.mul(f32x4.splat(A), y1);
      v128.store(to, y0);
      v128.store(to + toStep, f32x4.add(y0, odd));
      v128.store(to + 2 * toStep, f32x4.sub(y0, odd));
      v128.store(to + last, y1);
    } else if (size == 3) {
      const y1 = v128.load(from + step);
      const y2 = v128.load(from + 2 * step);
      const even = multiplyAdd(f32x4.splat(0.5), y2, y0);
      const odd = f32x4.mul(f32x4.splat(A), y1);
      v128.store(to, y0);
      v128.store(to + toStep, f32x4.add(even, odd));
      v128.store(to + 2 * toStep, f32x4.sub(even, odd));
      v128.store(to + 3 * toStep, multiplyAdd(f32x4.splat(B), y1, multiplyAdd(f32x4.splat(2), y2, y0)));
      v128.store(to + last, y2);
    } else {
      outputGradientLine(from, step, to, toStep);
    }
    from += stride;
    to += toStride;
  }
}

/**
 * Aᵀ m A of the products of a tile of rows×columns outputs, plus the bias and clamped.
 * @param taps     3 or 5: of the kernel, along a side
 * @param from     the first of 36 frequencies, 128 bytes apart
 * @param row,pixel  bytes from one to the next
 * @param scratch  576 bytes
 */
export function storeEdgeOutput(
  from: usize,
  bias: v128,
  floor: f32,
  to: usize,
  row: usize,
  pixel: usize,
  rows: i32,
  columns: i32,
  taps: i32,
  scratch: usize,
): void {
  if (taps == 3) outputs(from, rows, columns, scratch);
  else outputsOfFiveTaps(from, rows, columns, scratch);
  const low = f32x4.splat(floor);
  for (let y = 0; y < rows; y++) {
    for (let x: usize = 0; x < <usize>columns; x++) {
      v128.store(to + x * pixel, larger(f32x4.add(v128.load(scratch + (x << 4)), bias), low));
    }
    scratch += LINE;
    to += row;
  }
}

/** As {@link storeEdgeOutput}, of the largest of every 2×2 values and of their places; rows and columns are even. */
export function storePooledEdgeOutput(
  from: usize,
  bias: v128,
  floor: f32,
  to: usize,
  row: usize,
  pixel: usize,
  rows: i32,
  columns: i32,
  taps: i32,
  winners: usize,
  winnersRow: usize,
  scratch: usize,
): void {
  if (taps == 3) outputs(from, rows, columns, scratch);
  else outputsOfFiveTaps(from, rows, columns, scratch);
  const low = f32x4.splat(floor);
  for (let y = 0; y < rows; y += 2) {
    let at: usize = 0;
    for (let x = 0; x < columns; x += 2) {
      const upper = scratch + ((<usize>x) << 4);
      storeLargest(
        v128.load(upper),
        v128.load(upper, 16),
        v128.load(upper + LINE),
        v128.load(upper + LINE, 16),
        bias,
        low,
        to + at,
        winners + at,
      );
      at += pixel;
    }
    scratch += 2 * LINE;
    to += row;
    winners += winnersRow;
  }
}

/** Aᵀ m A into lines of scratch. */
function outputs(from: usize, rows: i32, columns: i32, scratch: usize): void {
  // Frequencies lie 128 bytes apart, lines of six of them 768.
  outputLines(from, 128, 640, 768, 3840, scratch, 16, LINE, rows, columns + 2);
  const last = (<usize>columns + 1) << 4;
  const lastLine = (<usize>rows - 1) * LINE;
  outputLines(scratch, LINE, lastLine, 16, last, scratch, LINE, 16, columns, rows);
}

/**
 * Aᵀ m of lines, each of size + 2 frequencies to `size` outputs.
 * @param stride,lastLine  from one line to the next, from the first to the last
 * @param step,last        from one frequency to the next, from the first to the last, that at ∞
 * @param toStride,toStep  from one line of outputs to the next, from one output to the next
 */
function outputLines(
  from: usize,
  stride: usize,
  lastLine: usize,
  step: usize,
  last: usize,
  to: usize,
  toStride: usize,
  toStep: usize,
  size: i32,
  lines: i32,
): void {
  const lastFrom = from + lastLine;
  for (let line = 1; line <= lines; line++) {
    if (line == lines) from = lastFrom;
    const m0 = v128.load(from);
    const m1 = v128.load(from + step);
    const atInfinity = v128.load(from + last);
    if (size == 1) {
      v128.store(to, f32x4.add(f32x4.add(m0, m1), atInfinity));
    } else {
      const m2 = v128.load(from + 2 * step);
      const sumA = f32x4.add(m1, m2);
      const differenceA = differenceAtA(m1, m2);
      if (size == 2) {
        v128.store(to, f32x4.add(m0, sumA));
        v128.store(to + toStep, f32x4.add(differenceA, atInfinity));
      } else {
        const m3 = v128.load(from + 3 * step);
        if (size == 3) {
          v128.store(to, output0(m0, sumA, m3));
          v128.store(to + toStep, multiplyAdd(f32x4.splat(B), m3, differenceA));
          v128.store(to + 2 * toStep, f32x4.add(output2(sumA, m3), atInfinity));
        } else {
          const m4 = v128.load(from + 4 * step);
          const sumB = f32x4.add(m3, m4);
          const differenceB = differenceAtB(m3, m4);
          v128.store(to, output0(m0, sumA, sumB));
          v128.store(to + toStep, f32x4.add(differenceA, differenceB));
          v128.store(to + 2 * toStep, output2(sumA, sumB));
          v128.store(to + 3 * toStep, output3(differenceA, differenceB, atInfinity));
        }
      }
    }
    from += stride;
    to += toStride;
  }
}
