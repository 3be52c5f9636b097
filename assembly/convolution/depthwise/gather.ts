/**
 * Pieces of images, copied to where they can be convolved well: a block of rows and a chunk of channels at a time.
 *
 * That serves two ends. Several outputs a channel become one, when each channel is repeated as often. And where pixels (and
 * the filters of taps) lie a multiple of 2 KiB apart, all that a tile reads competes for the few lines that a cache of
 * 32 KiB has for such addresses, 16 or even 8: a copy of 32 channels does not. Measured with Node 20, 3×3, as a share of what
 * one core can do, forward without and with copies: 512 channels 17 and 34 %, 1024 channels 8 and 32 %; but 256
 * channels 51 and 34 %.
 */
import { gatherFloats, loadLanes, storeLanes } from '../../simd';

/** How many rows of results are computed from one copy. */
export const BLOCK_ROWS: i32 = 8;

/** How many output channels a copy has, unless one input channel alone has more. */
const CHUNK: i32 = 32;

/** Whether neighbouring pixels of so many channels compete for the same lines of the cache. */
export function isCrowded(channels: i32): bool {
  return (channels & 511) == 0;
}

/** Into how many chunks of about the same size channels are shared out. */
export function chunkCount(inputs: i32, multiplier: i32): i32 {
  const most = max(1, CHUNK / multiplier);
  return (inputs + most - 1) / most;
}

/**
 * Copies [rows][pixels][channels], repeating each channel `multiplier` times.
 * @param to  [rows][pixels][channels · multiplier], compact, and room for three more floats
 */
export function gatherRows(
  from: usize,
  fromRow: usize,
  fromPixel: usize,
  rows: i32,
  pixels: i32,
  channels: i32,
  multiplier: i32,
  to: usize,
): void {
  const pixelBytes = (<usize>(channels * multiplier)) << 2;
  for (let y = 0; y < rows; y++) {
    let at = from;
    for (let x = 0; x < pixels; x++) {
      if (multiplier == 1) copyChannels(at, channels, to);
      else repeatFloats(at, channels, multiplier, to);
      at += fromPixel;
      to += pixelBytes;
    }
    from += fromRow;
  }
}

/** Copies `count` floats. */
export function copyChannels(from: usize, count: i32, to: usize): void {
  const bytes = (<usize>count) << 2;
  const vectorBytes = bytes & ~15;
  let i: usize = 0;
  for (; i < vectorBytes; i += 16) v128.store(to + i, v128.load(from + i));
  if (i < bytes) storeLanes(to + i, loadLanes(from + i, count & 3), count & 3);
}

/** Repeats each of `count` floats; up to three floats behind the last are overwritten. */
function repeatFloats(from: usize, count: i32, multiplier: i32, to: usize): void {
  const bytes = (<usize>multiplier) << 2;
  const end = from + ((<usize>count) << 2);
  while (from < end) {
    const value = v128.load32_splat(from);
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, value);
    from += 4;
    to += bytes;
  }
}

/**
 * to[x][c] = Σ from[x][c · multiplier + m] over m.
 * @param from  [width][channels · multiplier], compact; as many as four channels more are read, and ignored
 * @param to    `width` pixels, `toPixel` bytes apart
 */
export function sumGroups(
  from: usize,
  width: i32,
  channels: i32,
  multiplier: i32,
  to: usize,
  toPixel: usize,
): void {
  const bytes = (<usize>multiplier) << 2;
  for (let x = 0; x < width; x++) {
    let at = from;
    for (let c = 0; c < channels; c += 4) {
      let sum = gatherFloats(at, bytes);
      for (let m: usize = 4; m < bytes; m += 4) sum = f32x4.add(sum, gatherFloats(at + m, bytes));
      storeLanes(to + ((<usize>c) << 2), sum, min(4, channels - c));
      at += bytes << 2;
    }
    from += <usize>channels * bytes;
    to += toPixel;
  }
}
