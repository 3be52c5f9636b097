/**
 * Max pooling with any window and stride, NHWC. Padding is never read: a window that hangs over an edge is clipped.
 *
 * Of equal values the first in row-major order wins (as in TensorFlow and PyTorch), and alone receives the gradient.
 * Strides of images and rows are in bytes; a pixel's channels are adjacent.
 */
import { larger } from '../simd';
import { firstWindow } from './firstWindow';
import { gatherRow } from './gatherGradients';

/**
 * @param input   [batch, inputHeight, inputWidth, channels]
 * @param output  [batch, height, width, channels]
 * @param argmax  [batch, height, width, channels] i32, compact: ky · windowWidth + kx of the winner
 * @param padTop,padLeft  rows and columns by which the first window hangs over
 * @param begin,end  a share of the batch · height output rows
 */
export function maxPool2dForward(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputHeight: i32,
  inputWidth: i32,
  channels: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  argmax: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixelBytes = (<usize>channels) << 2;
  const wide = channels >= 4;
  for (let row = begin; row < end; row++) {
    const image = row / height;
    const y = row - image * height;
    const top = y * strideY - padTop;
    const firstY = max(0, -top);
    const lastY = min(windowHeight, inputHeight - top);
    let to = output + <usize>image * outputImage + <usize>y * outputRow;
    let winners = argmax + <usize>(row * width) * pixelBytes;
    for (let x = 0; x < width; x++) {
      const left = x * strideX - padLeft;
      const firstX = max(0, -left);
      const lastX = min(windowWidth, inputWidth - left);
      // Wraps below zero for a clipped window, and back above it with the first tap inside.
      const from = input + <usize>image * inputImage + <usize>top * inputRow + <usize>left * pixelBytes;
      const whole = firstY == 0 && firstX == 0 && lastY == windowHeight && lastX == windowWidth;
      let c: usize = 0;
      if (wide && whole && windowHeight == 2 && windowWidth == 2) {
        poolVectors2x2(from, inputRow, pixelBytes, to, winners);
        c = pixelBytes;
      } else if (wide) {
        const first = from + <usize>firstY * inputRow + <usize>firstX * pixelBytes;
        const rows = lastY - firstY;
        const columns = lastX - firstX;
        const tap = firstY * windowWidth + firstX;
        poolVectors(first, inputRow, rows, pixelBytes, columns, tap, windowWidth, to, winners);
        c = pixelBytes;
      }
      for (; c < pixelBytes; c += 4) {
        let best: f32 = -Infinity;
        let winner = firstY * windowWidth + firstX;
        for (let ky = firstY; ky < lastY; ky++) {
          let at = from + <usize>ky * inputRow + <usize>firstX * pixelBytes + c;
          for (let kx = firstX; kx < lastX; kx++) {
            const value = load<f32>(at);
            if (value > best) winner = ky * windowWidth + kx;
            best = max(best, value);
            at += pixelBytes;
          }
        }
        store<f32>(to + c, best);
        store<i32>(winners + c, winner);
      }
      to += pixelBytes;
      winners += pixelBytes;
    }
  }
}

/** The usual window without loops over its taps, in all of at least four channels: a quarter of the time. */
function poolVectors2x2(from: usize, row: usize, pixel: usize, to: usize, winners: usize): void {
  const one = i32x4.splat(1);
  const two = i32x4.splat(2);
  const below = from + row;
  for (let i: usize = 0; i < pixel; i += 16) {
    // The last four channels, of which some are done twice if they are no multiple of four.
    const c = min(i, pixel - 16);
    const v0 = v128.load(from + c);
    const v1 = v128.load(from + pixel + c);
    const v2 = v128.load(below + c);
    const v3 = v128.load(below + pixel + c);
    const upper = f32x4.max(v0, v1);
    const lower = f32x4.max(v2, v3);
    const upperWinner = v128.and(f32x4.gt(v1, v0), one);
    const lowerWinner = v128.or(v128.and(f32x4.gt(v3, v2), one), two);
    v128.store(to + c, f32x4.max(upper, lower));
    v128.store(winners + c, v128.bitselect(lowerWinner, upperWinner, f32x4.gt(lower, upper)));
  }
}

/**
 * Any window, in all of at least four channels. Of NaN `larger` keeps what is already there, and whatever else is in a lane
 * becomes NaN with the mask of those that are unequal to themselves.
 * @param from  the first tap that is inside, number `tap`
 * @param tapRow  how much further the first tap of the next row is
 */
function poolVectors(
  from: usize,
  row: usize,
  rows: i32,
  pixel: usize,
  columns: i32,
  tap: i32,
  tapRow: i32,
  to: usize,
  winners: usize,
): void {
  const one = i32x4.splat(1);
  const below = row * <usize>rows;
  const across = pixel * <usize>columns;
  const wideBytes = pixel & ~31;
  const nextRow = i32x4.splat(tapRow - columns);
  let c: usize = 0;
  for (; c < wideBytes; c += 32) {
    let best = f32x4.splat(-Infinity);
    let nextBest = best;
    let taps = i32x4.splat(tap);
    let winner = taps;
    let nextWinner = taps;
    const bottom = from + c + below;
    for (let y = from + c; y < bottom; y += row) {
      const right = y + across;
      for (let at = y; at < right; at += pixel) {
        const value = v128.load(at);
        const nextValue = v128.load(at, 16);
        // Taps only grow, so the last that wins is the largest.
        winner = i32x4.max_s(winner, v128.and(taps, f32x4.gt(value, best)));
        nextWinner = i32x4.max_s(nextWinner, v128.and(taps, f32x4.gt(nextValue, nextBest)));
        best = v128.or(larger(best, value), f32x4.ne(value, value));
        nextBest = v128.or(larger(nextBest, nextValue), f32x4.ne(nextValue, nextValue));
        taps = i32x4.add(taps, one);
      }
      taps = i32x4.add(taps, nextRow);
    }
    v128.store(to + c, best);
    v128.store(to + c, nextBest, 16);
    v128.store(winners + c, winner);
    v128.store(winners + c, nextWinner, 16);
  }
  while (c < pixel) {
    // The last four channels, of which some are done twice.
    if (c + 16 > pixel) c = pixel - 16;
    let best = f32x4.splat(-Infinity);
    let taps = i32x4.splat(tap);
    let winner = taps;
    const bottom = from + c + below;
    for (let y = from + c; y < bottom; y += row) {
      const right = y + across;
      for (let at = y; at < right; at += pixel) {
        const value = v128.load(at);
        winner = i32x4.max_s(winner, v128.and(taps, f32x4.gt(value, best)));
        best = v128.or(larger(best, value), f32x4.ne(value, value));
        taps = i32x4.add(taps, one);
      }
      taps = i32x4.add(taps, nextRow);
    }
    v128.store(to + c, best);
    v128.store(winners + c, winner);
    c += 16;
  }
}

/**
 * @param dOutput  [batch, height, width, channels], rows and images as `output`'s
 * @param output   what the forward pass wrote; where it is not above zero and `relu` is 1, no gradient passes: the
 *                 ReLU in front of the pooling, applied where it is smaller
 * @param argmax   what the forward pass wrote
 * @param dInput   [batch, inputHeight, inputWidth, channels]; overwritten
 * @param begin,end  a share of the batch
 */
export function maxPool2dBackward(
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  argmax: usize,
  relu: i32,
  height: i32,
  width: i32,
  channels: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  inputHeight: i32,
  inputWidth: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixelBytes = (<usize>channels) << 2;
  // Windows that tile the input write every pixel of it exactly once; of others each pixel adds up what falls on it.
  const tiles =
    windowHeight == strideY &&
    windowWidth == strideX &&
    height * strideY == padTop + inputHeight &&
    width * strideX == padLeft + inputWidth;
  for (let image = begin; image < end; image++) {
    const target = dInput + <usize>image * dInputImage;
    if (!tiles) {
      for (let y = 0; y < inputHeight; y++) {
        const firstY = firstWindow(y + padTop, windowHeight, strideY);
        const endY = min(height, (y + padTop) / strideY + 1);
        gatherRow(
          dOutput + <usize>image * dOutputImage + <usize>firstY * dOutputRow,
          dOutputRow,
          output + <usize>image * outputImage + <usize>firstY * outputRow,
          outputRow,
          argmax + <usize>((image * height + firstY) * width) * pixelBytes,
          relu,
          max(0, endY - firstY),
          width,
          pixelBytes,
          windowWidth,
          strideX,
          padLeft,
          (y + padTop - firstY * strideY) * windowWidth,
          strideY * windowWidth,
          target + <usize>y * dInputRow,
          inputWidth,
        );
      }
      continue;
    }
    for (let y = 0; y < height; y++) {
      const top = y * strideY - padTop;
      const firstY = max(0, -top);
      const lastY = min(windowHeight, inputHeight - top);
      for (let x = 0; x < width; x++) {
        const left = x * strideX - padLeft;
        const firstX = max(0, -left);
        const lastX = min(windowWidth, inputWidth - left);
        const pixel = <usize>x * pixelBytes;
        const gradient = dOutput + <usize>image * dOutputImage + <usize>y * dOutputRow + pixel;
        const value = output + <usize>image * outputImage + <usize>y * outputRow + pixel;
        const winners = argmax + <usize>((image * height + y) * width + x) * pixelBytes;
        for (let ky = firstY; ky < lastY; ky++) {
          for (let kx = firstX; kx < lastX; kx++) {
            const to = target + <usize>(top + ky) * dInputRow + <usize>(left + kx) * pixelBytes;
            routeGradient(gradient, value, winners, relu, ky * windowWidth + kx, to, pixelBytes);
          }
        }
      }
    }
  }
}

/** Passes one output pixel's gradient to the pixel under one tap, in the channels which that tap has won. */
function routeGradient(
  gradient: usize,
  value: usize,
  winners: usize,
  relu: i32,
  tap: i32,
  to: usize,
  pixelBytes: usize,
): void {
  const vectorBytes = pixelBytes & ~15;
  const taps = i32x4.splat(tap);
  const floor: f32 = relu ? 0 : -Infinity;
  const floors = f32x4.splat(floor);
  let c: usize = 0;
  for (; c < vectorBytes; c += 16) {
    const passes = v128.and(i32x4.eq(v128.load(winners + c), taps), f32x4.gt(v128.load(value + c), floors));
    const passed = v128.and(v128.load(gradient + c), passes);
    v128.store(to + c, passed);
  }
  for (; c < pixelBytes; c += 4) {
    const passed: f32 =
      load<i32>(winners + c) == tap && load<f32>(value + c) > floor ? load<f32>(gradient + c) : 0;
    store<f32>(to + c, passed);
  }
}
