/**
 * A row of depthwise outputs: the one loop that the forward pass and the gradient of the input are made of.
 *
 * Tiles of neighbouring outputs are summed in registers, four channels at a time; all tiles add up the taps in the same
 * order. Where tiles or vectors do not fit, the last one overlaps the one before and writes the same bits once more.
 * V8 loads whatever a block of code reads before it multiplies, so a tile holds its sums, its inputs and its filter in
 * at most 15 registers. All strides are in bytes and may be negative.
 */
import { clamped, loadLanes, multiplyAdd, storeLanes } from '../../simd';

/**
 * output[x][c] = min(ceiling, max(floor, bias[c] + Σ input[x·stepX + ky·tapY + kx·tapX][c] · filter[ky][kx][c]))
 * @param input    the first tap of the first output
 * @param kernelHeight,kernelWidth  how many taps there are, possibly 0
 * @param filter,filterY,filterX    the filter of the first tap, and the way to that of the next row and column
 * @param bias     [channels], or 0 for none
 * @param output   `width` pixels, `outputPixel` bytes apart
 */
export function correlateRow(
  input: usize,
  stepX: usize,
  tapY: usize,
  tapX: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  filter: usize,
  filterY: usize,
  filterX: usize,
  bias: usize,
  output: usize,
  outputPixel: usize,
  width: i32,
  channels: i32,
  floor: f32,
  ceiling: f32,
): void {
  const narrow = channels < 4 || width < 4;
  const three = kernelWidth == 3 && stepX == tapX;
  let x = 0;
  while (x < width) {
    // A tile of seven for five or six outputs costs less than two of four.
    const tile = narrow ? 1 : three || width < 7 || width - x <= 4 ? 4 : 7;
    x = min(x, width - tile);
    const at = input + <usize>x * stepX;
    const to = output + <usize>x * outputPixel;
    // prettier-ignore
    if (narrow) {
      correlatePixel(at, tapY, tapX, kernelHeight, kernelWidth, filter, filterY, filterX, bias, to, channels, floor, ceiling);
    } else if (three) {
      correlateThree4(at, stepX, tapY, kernelHeight, filter, filterY, filterX, bias, to, outputPixel, channels, floor, ceiling);
    } else if (tile == 7) {
      correlate7(at, stepX, tapY, tapX, kernelHeight, kernelWidth, filter, filterY, filterX, bias, to, outputPixel, channels, floor, ceiling);
    } else {
      correlate4(at, stepX, tapY, tapX, kernelHeight, kernelWidth, filter, filterY, filterX, bias, to, outputPixel, channels, floor, ceiling);
    }
    x += tile;
  }
}

/** 4 neighbouring outputs under a kernel of three columns that lie a step apart: six inputs a row serve them all. */
function correlateThree4(
  input: usize,
  stepX: usize,
  tapY: usize,
  kernelHeight: i32,
  filter: usize,
  filterY: usize,
  filterX: usize,
  bias: usize,
  output: usize,
  outputPixel: usize,
  channels: i32,
  floor: f32,
  ceiling: f32,
): void {
  const last = (<usize>(channels - 4)) << 2;
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  const step2 = 2 * stepX;
  const step3 = 3 * stepX;
  const step4 = 4 * stepX;
  const step5 = 5 * stepX;
  for (let c: usize = 0; ; c = min(c + 16, last)) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let at = input + c;
    let weight = filter + c;
    for (let ky = 0; ky < kernelHeight; ky++) {
      const w0 = v128.load(weight);
      const w1 = v128.load(weight + filterX);
      const w2 = v128.load(weight + 2 * filterX);
      const a0 = v128.load(at);
      const a1 = v128.load(at + stepX);
      const a2 = v128.load(at + step2);
      const a3 = v128.load(at + step3);
      const a4 = v128.load(at + step4);
      const a5 = v128.load(at + step5);
      s0 = multiplyAdd(a0, w0, s0);
      s1 = multiplyAdd(a1, w0, s1);
      s2 = multiplyAdd(a2, w0, s2);
      s3 = multiplyAdd(a3, w0, s3);
      s0 = multiplyAdd(a1, w1, s0);
      s1 = multiplyAdd(a2, w1, s1);
      s2 = multiplyAdd(a3, w1, s2);
      s3 = multiplyAdd(a4, w1, s3);
      s0 = multiplyAdd(a2, w2, s0);
      s1 = multiplyAdd(a3, w2, s1);
      s2 = multiplyAdd(a4, w2, s2);
      s3 = multiplyAdd(a5, w2, s3);
      at += tapY;
      weight += filterY;
    }
    let to = output + c;
    v128.store(to, clamped(s0, low, high));
    to += outputPixel;
    v128.store(to, clamped(s1, low, high));
    to += outputPixel;
    v128.store(to, clamped(s2, low, high));
    to += outputPixel;
    v128.store(to, clamped(s3, low, high));
    if (c == last) break;
  }
}

/** 7 neighbouring outputs. */
function correlate7(
  input: usize,
  stepX: usize,
  tapY: usize,
  tapX: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  filter: usize,
  filterY: usize,
  filterX: usize,
  bias: usize,
  output: usize,
  outputPixel: usize,
  channels: i32,
  floor: f32,
  ceiling: f32,
): void {
  const last = (<usize>(channels - 4)) << 2;
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  const step2 = 2 * stepX;
  const step3 = 3 * stepX;
  const step4 = 4 * stepX;
  const step5 = 5 * stepX;
  const step6 = 6 * stepX;
  for (let c: usize = 0; ; c = min(c + 16, last)) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let row = input + c;
    let weights = filter + c;
    for (let ky = 0; ky < kernelHeight; ky++) {
      let at = row;
      let weight = weights;
      for (let kx = 0; kx < kernelWidth; kx++) {
        const w = v128.load(weight);
        s0 = multiplyAdd(v128.load(at), w, s0);
        s1 = multiplyAdd(v128.load(at + stepX), w, s1);
        s2 = multiplyAdd(v128.load(at + step2), w, s2);
        s3 = multiplyAdd(v128.load(at + step3), w, s3);
        s4 = multiplyAdd(v128.load(at + step4), w, s4);
        s5 = multiplyAdd(v128.load(at + step5), w, s5);
        s6 = multiplyAdd(v128.load(at + step6), w, s6);
        at += tapX;
        weight += filterX;
      }
      row += tapY;
      weights += filterY;
    }
    let to = output + c;
    v128.store(to, clamped(s0, low, high));
    to += outputPixel;
    v128.store(to, clamped(s1, low, high));
    to += outputPixel;
    v128.store(to, clamped(s2, low, high));
    to += outputPixel;
    v128.store(to, clamped(s3, low, high));
    to += outputPixel;
    v128.store(to, clamped(s4, low, high));
    to += outputPixel;
    v128.store(to, clamped(s5, low, high));
    to += outputPixel;
    v128.store(to, clamped(s6, low, high));
    if (c == last) break;
  }
}

/** 4 neighbouring outputs. */
function correlate4(
  input: usize,
  stepX: usize,
  tapY: usize,
  tapX: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  filter: usize,
  filterY: usize,
  filterX: usize,
  bias: usize,
  output: usize,
  outputPixel: usize,
  channels: i32,
  floor: f32,
  ceiling: f32,
): void {
  const last = (<usize>(channels - 4)) << 2;
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  const step2 = 2 * stepX;
  const step3 = 3 * stepX;
  for (let c: usize = 0; ; c = min(c + 16, last)) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let row = input + c;
    let weights = filter + c;
    for (let ky = 0; ky < kernelHeight; ky++) {
      let at = row;
      let weight = weights;
      for (let kx = 0; kx < kernelWidth; kx++) {
        const w = v128.load(weight);
        s0 = multiplyAdd(v128.load(at), w, s0);
        s1 = multiplyAdd(v128.load(at + stepX), w, s1);
        s2 = multiplyAdd(v128.load(at + step2), w, s2);
        s3 = multiplyAdd(v128.load(at + step3), w, s3);
        at += tapX;
        weight += filterX;
      }
      row += tapY;
      weights += filterY;
    }
    let to = output + c;
    v128.store(to, clamped(s0, low, high));
    to += outputPixel;
    v128.store(to, clamped(s1, low, high));
    to += outputPixel;
    v128.store(to, clamped(s2, low, high));
    to += outputPixel;
    v128.store(to, clamped(s3, low, high));
    if (c == last) break;
  }
}

/** One output of any number of channels. */
function correlatePixel(
  input: usize,
  tapY: usize,
  tapX: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  filter: usize,
  filterY: usize,
  filterX: usize,
  bias: usize,
  output: usize,
  channels: i32,
  floor: f32,
  ceiling: f32,
): void {
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  for (let channel = 0; channel < channels; channel += 4) {
    const count = min(4, channels - channel);
    const c = (<usize>channel) << 2;
    let sum = bias ? loadLanes(bias + c, count) : f32x4.splat(0);
    let row = input + c;
    let weights = filter + c;
    for (let ky = 0; ky < kernelHeight; ky++) {
      let at = row;
      let weight = weights;
      for (let kx = 0; kx < kernelWidth; kx++) {
        sum = multiplyAdd(loadLanes(at, count), loadLanes(weight, count), sum);
        at += tapX;
        weight += filterX;
      }
      row += tapY;
      weights += filterY;
    }
    storeLanes(output + c, clamped(sum, low, high), count);
  }
}
