/**
 * The gradient of the filter of a 3×3 or 5×5 convolution with stride 1 that a 2×2 max pooling follows: only the gradients that
 * are not zero are multiplied (see lists.ts), and that of the convolution's own output is never written.
 *
 * Images are worked through as planes of four channels (eight: see wide.ts), which stay in the L1 cache while the sums of nine
 * taps, or of two rows of five, stay in registers along a list. Strides of images and rows are in bytes; a pixel's channels are adjacent.
 */
import { addFiveByFive, TAP_ROW } from './fiveTaps';
import { emptyLists, ENTRY, listByOutput, planePixel, STAGGER, VECTOR } from './lists';
import { sumWideProducts } from './wide';
import { multiplyAdd } from '../../simd';

/**
 * The gradient of the filter and the bias; shards as conv2dBackwardFilter.
 * @param input    the first tap of the first output; up to 12 bytes behind a pixel are read, and not used
 * @param inputs   channels of the input
 * @param taps     3 or 5: of the kernel, along a side
 * @param dPooled  [batch, height, width, outputs]: the gradient of the pooling's output
 * @param pooled   what the forward pass wrote; where it is not above zero and `relu` is 1, no gradient passes
 * @param argmax   [batch, height, width, outputs] i32, compact: 2·y + x of the winner in its window
 * @param outputs  channels of the convolution's output
 * @param images   how many images are worked through together, so that lists are long and the sums seldom fetched
 * @param shards   how many results there are
 * @param partials [shards][taps² · inputs rounded up to 4, + 1][outputs rounded up to 8]; the last row is the bias's
 * @param scratch  32 · images · (2 · height + taps − 1) · (2 · width + taps − 1), or half of it if inputs are no multiple of 8 or
 *                 taps are 5, + outputs · (12 + 8 · images · height · width + 64 + 16 · taps² · inputs / 4 rounded up) + 24 bytes
 * @param begin,end  a share of the shards
 */
export function pooledBackwardFilter(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputs: i32,
  taps: i32,
  dPooled: usize,
  dPooledImage: usize,
  dPooledRow: usize,
  pooled: usize,
  pooledImage: usize,
  pooledRow: usize,
  argmax: usize,
  relu: i32,
  batch: i32,
  height: i32,
  width: i32,
  outputs: i32,
  images: i32,
  shards: i32,
  partials: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= shards && (taps == 3 || taps == 5) && (scratch & 15) == 0);
  const floor: f32 = relu ? 0 : -Infinity;
  const inputPixel = (<usize>inputs) << 2;
  const planeHeight = 2 * height + taps - 1;
  const planeWidth = 2 * width + taps - 1;
  const pixel = planePixel(inputs, taps);
  const planeRow = <usize>planeWidth * pixel;
  const rowBytes = ((<usize>outputs + 7) & ~7) << 2;
  const partialBytes = (<usize>((taps * taps * inputs + 3) & ~3) + 1) * rowBytes;
  const groups = (inputPixel + pixel - 1) / pixel;
  const sumBytes = <usize>(taps * taps) * pixel;
  const planeBytes = <usize>planeHeight * planeRow;
  const listBytes = <usize>(images * height * width) * ENTRY + STAGGER;

  const planes = scratch;
  const sums = planes + <usize>images * planeBytes;
  const lists = sums + groups * <usize>outputs * sumBytes;
  const entries = lists + <usize>outputs * listBytes;
  const ends = entries + ((<usize>outputs + 3) & ~3) * ENTRY;

  for (let shard = begin; shard < end; shard++) {
    const partial = partials + <usize>shard * partialBytes;
    memory.fill(partial, 0, partialBytes);
    memory.fill(sums, 0, groups * <usize>outputs * sumBytes);
    const lastImage = (batch * (shard + 1)) / shards;
    for (let image = (batch * shard) / shards; image < lastImage; image += images) {
      const count = <usize>min(images, lastImage - image);
      emptyLists(outputs, lists, listBytes, ends);
      for (let i: usize = 0; i < count; i++) {
        const n = <usize>image + i;
        listByOutput(
          dPooled + n * dPooledImage,
          dPooledRow,
          pooled + n * pooledImage,
          pooledRow,
          argmax + n * <usize>(height * width * outputs) * 4,
          floor,
          height,
          width,
          outputs,
          i * planeBytes,
          planeRow,
          pixel,
          ends,
          entries,
          partial + partialBytes - rowBytes,
        );
      }
      let sum = sums;
      for (let group: usize = 0; group < groups; group++) {
        for (let i: usize = 0; i < count; i++) {
          const from = input + (<usize>image + i) * inputImage + group * pixel;
          const to = planes + i * planeBytes;
          copyToPlane(from, inputRow, inputPixel, planeHeight, planeWidth, to, pixel);
        }
        let list = lists;
        for (let output: usize = 0; output < <usize>outputs; output++) {
          const listEnd = load<usize>(ends + (output << 2));
          if (taps == 5) addFiveByFive(list, listEnd, planes, planeRow, sum, TAP_ROW);
          else if (WIDE && pixel > VECTOR) sumWideProducts(list, listEnd, planes, planeRow, sum);
          else sumProducts(list, listEnd, planes, planeRow, sum);
          list += listBytes;
          sum += sumBytes;
        }
      }
    }
    writeSums(sums, pixel, inputs, taps * taps, outputs, partial, rowBytes);
  }
}

/** Some channels of every pixel, into a plane of them. */
function copyToPlane(
  from: usize,
  fromRow: usize,
  pixelBytes: usize,
  height: i32,
  width: i32,
  to: usize,
  toPixel: usize,
): void {
  for (let y = 0; y < height; y++) {
    let pixel = from;
    const end = to + <usize>width * toPixel;
    while (to < end) {
      v128.store(to, v128.load(pixel));
      if (WIDE && toPixel > VECTOR) v128.store(to, v128.load(pixel, 16), 16);
      pixel += pixelBytes;
      to += toPixel;
    }
    from += fromRow;
  }
}

/** sums[tap] += Σ over a list: gradient · what lies under the tap, of 3×3, in a plane */
function sumProducts(list: usize, end: usize, plane: usize, planeRow: usize, sums: usize): void {
  const plane1 = plane + planeRow;
  const plane2 = plane1 + planeRow;
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  let s4 = v128.load(sums, 64);
  let s5 = v128.load(sums, 80);
  let s6 = v128.load(sums, 96);
  let s7 = v128.load(sums, 112);
  let s8 = v128.load(sums, 128);
  while (list < end) {
    const g = v128.load32_splat(list);
    const at = load<usize>(list, 4);
    const at0 = at + plane;
    s0 = multiplyAdd(g, v128.load(at0), s0);
    s1 = multiplyAdd(g, v128.load(at0, 16), s1);
    s2 = multiplyAdd(g, v128.load(at0, 32), s2);
    const at1 = at + plane1;
    s3 = multiplyAdd(g, v128.load(at1), s3);
    s4 = multiplyAdd(g, v128.load(at1, 16), s4);
    s5 = multiplyAdd(g, v128.load(at1, 32), s5);
    const at2 = at + plane2;
    s6 = multiplyAdd(g, v128.load(at2), s6);
    s7 = multiplyAdd(g, v128.load(at2, 16), s7);
    s8 = multiplyAdd(g, v128.load(at2, 32), s8);
    list += ENTRY;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
  v128.store(sums, s8, 128);
}

/** Brings [planes][outputs][taps][inputs of a plane] into [taps, inputs][outputs]. */
function writeSums(
  sums: usize,
  pixel: usize,
  inputs: i32,
  all: i32,
  outputs: i32,
  to: usize,
  rowBytes: usize,
): void {
  const sumBytes = <usize>all * pixel;
  for (let tap: usize = 0; tap < <usize>all; tap++) {
    for (let input: usize = 0; input < (<usize>inputs) << 2; input += 4) {
      const plane = input / pixel;
      let from = sums + plane * <usize>outputs * sumBytes + tap * pixel + (input - plane * pixel);
      for (let c: usize = 0; c < (<usize>outputs) << 2; c += 4) {
        store<f32>(to + c, load<f32>(from));
        from += sumBytes;
      }
      to += rowBytes;
    }
  }
}
