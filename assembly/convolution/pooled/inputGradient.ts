/**
 * The gradient of the input of a 3×3 or 5×5 convolution with stride 1 that a 2×2 max pooling follows: each gradient that is not
 * zero (see lists.ts) adds its multiple of the taps around its place. Four input channels at a time (eight: see
 * wide.ts), so that the sums of nine taps, or of two rows of five, stay in registers along a list, and the plane that they
 * belong to in the L1 cache.
 */
import { addFiveByFive, TAP_ROW } from './fiveTaps';
import { ENTRY, listByPlace, planePixel, STAGGER, VECTOR } from './lists';
import { addWideTaps } from './wide';
import { multiplyAdd } from '../../simd';

/**
 * Packs a filter for pooledBackwardInput: [inputs / 4 rounded up][outputs][taps²][4 inputs], missing inputs zero; with
 * planes of eight channels [inputs / 8][outputs][taps²][8 inputs].
 * @param filter  [taps, taps, inputs, outputs]
 * @param begin,end  a share of the groups of four inputs
 */
export function packFilterByOutput(
  filter: usize,
  inputs: i32,
  outputs: i32,
  taps: i32,
  packed: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= (inputs + 3) / 4 && (taps == 3 || taps == 5));
  const row = (<usize>outputs) << 2;
  const pixel = planePixel(inputs, taps);
  const all = taps * taps;
  for (let group = begin; group < end; group++) {
    const first = (<usize>group) << 4;
    const plane = first / pixel;
    let to = packed + plane * <usize>(outputs * all) * pixel + (first - plane * pixel);
    for (let output: usize = 0; output < <usize>outputs; output++) {
      for (let tap = 0; tap < all; tap++) {
        for (let i = 0; i < 4; i++) {
          const input = 4 * group + i;
          const from = filter + <usize>(tap * inputs + input) * row + (output << 2);
          store<f32>(to + ((<usize>i) << 2), input < inputs ? load<f32>(from) : 0);
        }
        to += pixel;
      }
    }
  }
}

/**
 * The gradient of the input, overwritten.
 * @param dPooled,pooled,argmax,relu,height,width,outputs  as pooledBackwardFilter
 * @param taps     3 or 5: of the kernel, along a side
 * @param filter   as packFilterByOutput writes it
 * @param dInput   [batch, inputHeight, inputWidth, inputs]
 * @param images   how many images are worked through together, for each part of the filter
 * @param padTop,padLeft  zeros above and left of the input in the forward pass
 * @param scratch  32 · plane (16 if inputs are no multiple of 8 or taps are 5) + images · (8 · outputs + 16) · height · width
 *                 + 32 · outputs + 272 bytes, where plane is max(2 · height + taps − 1, padTop + inputHeight) · max(2 · width + taps − 1, padLeft + inputWidth)
 * @param begin,end  a share of the batch
 */
export function pooledBackwardInput(
  dPooled: usize,
  dPooledImage: usize,
  dPooledRow: usize,
  pooled: usize,
  pooledImage: usize,
  pooledRow: usize,
  argmax: usize,
  relu: i32,
  height: i32,
  width: i32,
  outputs: i32,
  taps: i32,
  filter: usize,
  dInput: usize,
  dInputImage: usize,
  dInputRow: usize,
  inputHeight: i32,
  inputWidth: i32,
  inputs: i32,
  padTop: i32,
  padLeft: i32,
  images: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && (taps == 3 || taps == 5) && (scratch & 15) == 0);
  const floor: f32 = relu ? 0 : -Infinity;
  const pixel = planePixel(inputs, taps);
  const planeRow = <usize>max(2 * width + taps - 1, padLeft + inputWidth) * pixel;
  const planeBytes = <usize>max(2 * height + taps - 1, padTop + inputHeight) * planeRow;
  const filterBytes = <usize>(taps * taps) * pixel;
  const groupBytes = <usize>outputs * filterBytes;

  const pixels = <usize>(height * width);
  const endsBytes = pixels << 4;
  const listBytes = pixels * <usize>outputs * ENTRY;

  const plane = scratch;
  const ends = plane + planeBytes;
  const sorted = ends + <usize>images * endsBytes;
  const lists = sorted + 4 * (<usize>outputs * ENTRY + STAGGER);

  for (let image = begin; image < end; image += images) {
    const count = <usize>min(images, end - image);
    for (let i: usize = 0; i < count; i++) {
      const n = <usize>image + i;
      listByPlace(
        dPooled + n * dPooledImage,
        dPooledRow,
        pooled + n * pooledImage,
        pooledRow,
        argmax + n * pixels * ((<usize>outputs) << 2),
        floor,
        height,
        width,
        outputs,
        filterBytes,
        lists + i * listBytes,
        ends + i * endsBytes,
        sorted,
      );
    }
    let from = filter;
    const channels = <i32>(pixel >> 2);
    for (let c = 0; c < inputs; c += channels) {
      for (let i: usize = 0; i < count; i++) {
        memory.fill(plane, 0, planeBytes);
        addLists(
          lists + i * listBytes,
          ends + i * endsBytes,
          from,
          taps,
          plane,
          planeRow,
          pixel,
          height,
          width,
        );
        const inside = plane + <usize>padTop * planeRow + <usize>padLeft * pixel;
        const to = dInput + (<usize>image + i) * dInputImage + ((<usize>c) << 2);
        for (let v: usize = 0; v < pixel; v += VECTOR) {
          copyFromPlane(
            inside + v,
            planeRow,
            pixel,
            inputHeight,
            inputWidth,
            to + v,
            dInputRow,
            (<usize>inputs) << 2,
            min(4, inputs - c),
          );
        }
      }
      from += groupBytes;
    }
  }
}

/** Adds to a plane the taps of all lists, four for each pixel of the pooling. */
function addLists(
  list: usize,
  ends: usize,
  filter: usize,
  taps: i32,
  plane: usize,
  planeRow: usize,
  pixel: usize,
  height: i32,
  width: i32,
): void {
  for (let y = 0; y < height; y++) {
    let at = plane + 2 * <usize>y * planeRow;
    for (let x = 0; x < width; x++) {
      const end0 = load<usize>(ends);
      const end1 = load<usize>(ends, 4);
      const end2 = load<usize>(ends, 8);
      const end3 = load<usize>(ends, 12);
      if (taps == 5) {
        addFiveByFive(list, end0, filter, TAP_ROW, at, planeRow);
        addFiveByFive(end0, end1, filter, TAP_ROW, at + pixel, planeRow);
        addFiveByFive(end1, end2, filter, TAP_ROW, at + planeRow, planeRow);
        addFiveByFive(end2, end3, filter, TAP_ROW, at + planeRow + pixel, planeRow);
      } else if (WIDE && pixel > VECTOR) {
        addWideTaps(list, end0, filter, at, planeRow);
        addWideTaps(end0, end1, filter, at + pixel, planeRow);
        addWideTaps(end1, end2, filter, at + planeRow, planeRow);
        addWideTaps(end2, end3, filter, at + planeRow + pixel, planeRow);
      } else {
        addTaps(list, end0, filter, at, planeRow);
        addTaps(end0, end1, filter, at + pixel, planeRow);
        addTaps(end1, end2, filter, at + planeRow, planeRow);
        addTaps(end2, end3, filter, at + planeRow + pixel, planeRow);
      }
      list = end3;
      ends += 16;
      at += 2 * pixel;
    }
  }
}

/** at[0…2][0…2] += Σ over a list: gradient · 3×3 taps */
function addTaps(list: usize, end: usize, filter: usize, at: usize, row: usize): void {
  if (list == end) return;
  const at1 = at + row;
  const at2 = at1 + row;
  let s0 = v128.load(at);
  let s1 = v128.load(at, 16);
  let s2 = v128.load(at, 32);
  let s3 = v128.load(at1);
  let s4 = v128.load(at1, 16);
  let s5 = v128.load(at1, 32);
  let s6 = v128.load(at2);
  let s7 = v128.load(at2, 16);
  let s8 = v128.load(at2, 32);
  while (list < end) {
    const g = v128.load32_splat(list);
    const taps = filter + load<usize>(list, 4);
    s0 = multiplyAdd(g, v128.load(taps), s0);
    s1 = multiplyAdd(g, v128.load(taps, 16), s1);
    s2 = multiplyAdd(g, v128.load(taps, 32), s2);
    s3 = multiplyAdd(g, v128.load(taps, 48), s3);
    s4 = multiplyAdd(g, v128.load(taps, 64), s4);
    s5 = multiplyAdd(g, v128.load(taps, 80), s5);
    s6 = multiplyAdd(g, v128.load(taps, 96), s6);
    s7 = multiplyAdd(g, v128.load(taps, 112), s7);
    s8 = multiplyAdd(g, v128.load(taps, 128), s8);
    list += ENTRY;
  }
  v128.store(at, s0);
  v128.store(at, s1, 16);
  v128.store(at, s2, 32);
  v128.store(at1, s3);
  v128.store(at1, s4, 16);
  v128.store(at1, s5, 32);
  v128.store(at2, s6);
  v128.store(at2, s7, 16);
  v128.store(at2, s8, 32);
}

/** One vector of every pixel, or `lanes` floats of it, from a plane into an image. */
function copyFromPlane(
  from: usize,
  fromRow: usize,
  fromPixel: usize,
  height: i32,
  width: i32,
  to: usize,
  toRow: usize,
  pixelBytes: usize,
  lanes: i32,
): void {
  for (let y = 0; y < height; y++) {
    let pixel = to;
    const end = from + <usize>width * fromPixel;
    for (let at = from; at < end; at += fromPixel) {
      if (lanes == 4) v128.store(pixel, v128.load(at));
      else for (let i: usize = 0; i < (<usize>lanes) << 2; i += 4) store<f32>(pixel + i, load<f32>(at + i));
      pixel += pixelBytes;
    }
    from += fromRow;
    to += toRow;
  }
}
