/**
 * What comes back through a 2×2 max pooling with stride 2 as lists of the gradients that are not zero: of every four
 * outputs of the convolution in front of it one at most receives a gradient, and none where a ReLU has clamped the
 * winner to zero.
 */

import { loadPartInline } from '../../activation/vectorMath';

/** Bytes of an entry of a list: a gradient, float32, and the offset of what it is to be multiplied by. */
export const ENTRY: usize = 8;
/** Bytes of four channels. */
export const VECTOR: usize = 16;
/** Added to the distance of lists, which would otherwise compete for the same few lines of the cache. */
export const STAGGER: usize = 64;

/** Bytes of the input channels that are worked on together: with 3×3 taps in wide builds of eight, if there are so many, else of four. */
export function planePixel(inputs: i32, taps: i32): usize {
  return WIDE && taps == 3 && (inputs & 7) == 0 ? 2 * VECTOR : VECTOR;
}

/** Empties the lists of listByOutput. @param ends  [channels] addresses: receives where each list ends */
export function emptyLists(channels: i32, lists: usize, listBytes: usize, ends: usize): void {
  for (let c: usize = 0; c < <usize>channels; c++) store<usize>(ends + (c << 2), lists + c * listBytes);
}

/**
 * Adds to the list of each output channel its gradients with the offsets of their first taps in a plane, in row-major order,
 * and adds them to the gradient of the bias.
 * @param offset   of the plane
 * @param pixel    bytes of a pixel of the plane
 * @param ends     [channels] addresses where the lists end: moves on
 * @param entries  room for an entry a channel, and for the rest of four
 * @param dBias    [channels], and room for the rest of four
 */
export function listByOutput(
  dPooled: usize,
  dPooledRow: usize,
  pooled: usize,
  pooledRow: usize,
  argmax: usize,
  floor: f32,
  height: i32,
  width: i32,
  channels: i32,
  offset: usize,
  planeRow: usize,
  pixel: usize,
  ends: usize,
  entries: usize,
  dBias: usize,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const floors = f32x4.splat(floor);
  const one = i32x4.splat(1);
  const beside = i32x4.splat(<i32>pixel);
  const below = i32x4.splat(<i32>planeRow);
  for (let y: usize = 0; y < <usize>height; y++) {
    let gradient = dPooled + y * dPooledRow;
    let value = pooled + y * pooledRow;
    let at0 = offset + 2 * y * planeRow;
    for (let x = 0; x < width; x++) {
      const offsets = i32x4.splat(<i32>at0);
      for (let c: usize = 0; c < pixelBytes; c += 16) {
        const bytes = pixelBytes - c;
        const passed = f32x4.gt(loadPartInline(value + c, bytes, floors), floors);
        const g = v128.and(loadPartInline(gradient + c, bytes, floors), passed);
        const winner = loadPartInline(argmax + c, bytes, one);
        const right = v128.and(i32x4.neg(v128.and(winner, one)), beside);
        const down = v128.and(i32x4.neg(i32x4.shr_u(winner, 1)), below);
        const at = i32x4.add(i32x4.add(offsets, right), down);
        v128.store(dBias + c, f32x4.add(v128.load(dBias + c), g));
        v128.store(entries + 2 * c, v128.shuffle<i32>(g, at, 0, 4, 1, 5));
        v128.store(entries + 2 * c, v128.shuffle<i32>(g, at, 2, 6, 3, 7), 16);
      }
      // Each entry is written; those that are zero are written over by the next.
      for (let c: usize = 0; c < pixelBytes; c += 4) {
        const entry = load<i64>(entries + 2 * c);
        const to = load<usize>(ends + c);
        store<i64>(to, entry);
        store<usize>(ends + c, to + ((<usize>((<i32>entry) << 1 != 0)) << 3));
      }
      gradient += pixelBytes;
      value += pixelBytes;
      argmax += pixelBytes;
      at0 += 2 * pixel;
    }
  }
}

/**
 * Lists for each output pixel of the convolution its gradients with the offsets of their filters, one list behind the
 * other: for each pixel of the pooling its four.
 * @param filterBytes  from the taps of one output channel to those of the next
 * @param ends    [height, width, 4] addresses: receives where each list ends
 * @param sorted  room for the four lists of a pixel
 */
export function listByPlace(
  dPooled: usize,
  dPooledRow: usize,
  pooled: usize,
  pooledRow: usize,
  argmax: usize,
  floor: f32,
  height: i32,
  width: i32,
  channels: i32,
  filterBytes: usize,
  lists: usize,
  ends: usize,
  sorted: usize,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const sortedBytes = <usize>channels * ENTRY + STAGGER;
  for (let y: usize = 0; y < <usize>height; y++) {
    let gradient = dPooled + y * dPooledRow;
    let value = pooled + y * pooledRow;
    for (let x = 0; x < width; x++) {
      // The lengths of the four lists, 16 bits each.
      let lengths: u64 = 0;
      let taps: usize = 0;
      for (let c: usize = 0; c < pixelBytes; c += 4) {
        const winner = load<u32>(argmax + c);
        const g = load<i32>(gradient + c) & -(<i32>(load<f32>(value + c) > floor));
        const shift = <u64>(winner << 4);
        const entry = sorted + <usize>winner * sortedBytes + (((<usize>(lengths >> shift)) & 0xffff) << 3);
        store<i32>(entry, g);
        store<usize>(entry, taps, 4);
        lengths += (<u64>(g << 1 != 0)) << shift;
        taps += filterBytes;
      }
      let from = sorted;
      for (let place = 0; place < 4; place++) {
        const bytes = ((<usize>lengths) & 0xffff) << 3;
        // In whole vectors: what is too much is written over by the next list.
        for (let i: usize = 0; i < bytes; i += 16) v128.store(lists + i, v128.load(from + i));
        lists += bytes;
        store<usize>(ends, lists);
        ends += 4;
        from += sortedBytes;
        lengths >>= 16;
      }
      gradient += pixelBytes;
      value += pixelBytes;
      argmax += pixelBytes;
    }
  }
}
