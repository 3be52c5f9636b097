/**
 * The gradients of the filter and the bias of a pointwise (1×1) convolution: the product of the pixels of the input, transposed,
 * with those of dOutput. As conv2dBackwardFilter (im2col/filterGradient.ts), with less around the product: dOutput is packed
 * in the order of memory, the input often not at all, and a call sweeps all panels.
 *
 * Strides of images, rows and pixels are in bytes. A pixel's channels are adjacent.
 */
import { TILE_COLUMNS, TILE_ROWS } from '../../gemm/gemm';
import { sweepPairs, sweepPanels } from './sweep';

/**
 * With so few panels of dOutput, packing four channels of the input takes longer than to read them where they lie; with
 * many, lines of the cache that are far apart push each other out before all panels have met them.
 */
const FEW_PANELS: i32 = 4;

/**
 * Summed over shards of the batch, whose number is fixed, so that the order of every sum is the same whatever the number of
 * threads. Sums of a chunk start from zero and are then added up.
 *
 * @param input        as pointwiseCorrelate
 * @param dOutput      [batch, height, width, channels]
 * @param chunk        how many pixels are packed at a time
 * @param shards       how many results there are
 * @param partials     [shards][depth rounded up to 4, + 1][channels rounded up to 8]; the last row is the bias's
 * @param scratch      64 + chunk · (24 + 4 · channels rounded up to 8) bytes
 * @param begin,end    a share of the shards
 */
export function pointwiseBackwardFilter(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputPixel: usize,
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  batch: i32,
  height: i32,
  width: i32,
  depth: i32,
  channels: i32,
  chunk: i32,
  shards: i32,
  partials: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= shards && chunk > 0 && (scratch & 15) == 0);
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = (pixelBytes + 31) & ~31;
  const panels = <i32>(rowBytes >> 5);
  const filterBytes = <usize>((depth + TILE_ROWS - 1) & ~(TILE_ROWS - 1)) * rowBytes;
  const imagePixels = height * width;
  if (
    inputRow == <usize>width * inputPixel &&
    inputImage == <usize>height * inputRow &&
    dOutputRow == <usize>width * pixelBytes &&
    dOutputImage == <usize>height * dOutputRow
  ) {
    // Nothing lies in between: all pixels are one row.
    height = 1;
    width = batch * imagePixels;
  }
  const zeros = scratch;
  memory.fill(zeros, 0, 64);
  const packedInput = zeros + 64;
  const packed = packedInput + ((<usize>chunk) << 4);
  const table = packed + <usize>chunk * rowBytes;

  for (let shard = begin; shard < end; shard++) {
    const dFilter = partials + <usize>shard * (filterBytes + rowBytes);
    const dBias = dFilter + filterBytes;
    const firstPixel = ((batch * shard) / shards) * imagePixels;
    const lastPixel = ((batch * (shard + 1)) / shards) * imagePixels;
    if (firstPixel == lastPixel) memory.fill(dFilter, 0, filterBytes + rowBytes);
    for (let first = firstPixel; first < lastPixel; first += chunk) {
      const count = min(chunk, lastPixel - first);
      // Runs of pixels in one row: [(address in the input, pixels in the run)].
      let runs = 0;
      for (let done = 0; done < count;) {
        const row = (first + done) / width;
        const x = first + done - row * width;
        const image = row / height;
        const y = row - image * height;
        const run = min(width - x, count - done);
        const entry = table + ((<usize>runs) << 3);
        store<usize>(entry, input + <usize>image * inputImage + <usize>y * inputRow + <usize>x * inputPixel);
        store<i32>(entry, run, 4);
        const source = dOutput + <usize>image * dOutputImage + <usize>y * dOutputRow + <usize>x * pixelBytes;
        packPixels(source, channels, run, packed + ((<usize>done) << 5), (<usize>count) << 5);
        runs++;
        done += run;
      }
      const more = first > firstPixel;
      sumPixels(packed, count, panels, dBias, more);

      let c = dFilter;
      for (let channel = 0; channel < depth; channel += TILE_ROWS) {
        let a = packedInput;
        let step: usize = 16;
        if (panels <= FEW_PANELS && runs == 1 && channel + TILE_ROWS <= depth) {
          a = load<usize>(table) + ((<usize>channel) << 2);
          step = inputPixel;
        } else {
          packChannels(table, runs, inputPixel, channel, min(TILE_ROWS, depth - channel), packedInput);
        }
        const base = more ? c : zeros;
        const baseRow: usize = more ? rowBytes : 0;
        const baseColumn: usize = more ? 32 : 0;
        const even = WIDE ? panels & ~1 : 0;
        const offset = (<usize>even) << 5;
        if (WIDE) sweepPairs(a, step, packed, count, even, c, rowBytes, base, baseRow, baseColumn);
        sweepPanels(
          a,
          step,
          packed + offset * <usize>count,
          count,
          panels - even,
          c + offset,
          rowBytes,
          more ? base + offset : base,
          baseRow,
          baseColumn,
        );
        c += TILE_ROWS * rowBytes;
      }
    }
  }
}

/** Packs adjacent pixels into panels of 8 channels, [ceil(channels / 8)][…][8]; missing channels are zero. */
function packPixels(source: usize, channels: i32, count: i32, target: usize, panelBytes: usize): void {
  const whole = (<usize>(channels & ~7)) << 2;
  const rest = channels & 7;
  for (let i = 0; i < count; i++) {
    let to = target;
    const end = source + whole;
    while (source < end) {
      v128.store(to, v128.load(source));
      v128.store(to, v128.load(source, 16), 16);
      source += 32;
      to += panelBytes;
    }
    if (rest > 0) {
      v128.store(to, rest >= 4 ? v128.load(source) : loadUpTo3(source, rest));
      v128.store(to, rest > 4 ? loadUpTo3(source + 16, rest - 4) : f32x4.splat(0), 16);
      source += (<usize>rest) << 2;
    }
    target += 32;
  }
}

/** 1, 2 or 3 floats, and zeros. */
function loadUpTo3(source: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(source);
  const two = v128.load64_zero(source);
  return count == 2 ? two : v128.load_lane<f32>(source, two, 2, 8);
}

/** target[p][i] = channel `first` + i of pixel p for `count` ≤ 4 of them, the rest zero. */
function packChannels(
  table: usize,
  runs: i32,
  inputPixel: usize,
  first: i32,
  count: i32,
  target: usize,
): void {
  for (let r = 0; r < runs; r++) {
    let source = load<usize>(table) + ((<usize>first) << 2);
    const end = target + ((<usize>load<i32>(table, 4)) << 4);
    table += 8;
    for (; target < end; target += 16) {
      v128.store(target, count == TILE_ROWS ? v128.load(source) : loadUpTo3(source, count));
      source += inputPixel;
    }
  }
}

/** dBias[j] = Σ over the packed pixels, plus what there is if there is `more`. Four sums for each column, since one would wait for itself. */
function sumPixels(packed: usize, count: i32, panels: i32, dBias: usize, more: bool): void {
  const fours = (<usize>(count & ~3)) << 5;
  const rest = (<usize>(count & 3)) << 5;
  for (let panel = 0; panel < panels; panel++) {
    let low = more ? v128.load(dBias) : f32x4.splat(0);
    let high = more ? v128.load(dBias, 16) : f32x4.splat(0);
    let low1 = f32x4.splat(0);
    let high1 = f32x4.splat(0);
    let low2 = f32x4.splat(0);
    let high2 = f32x4.splat(0);
    let low3 = f32x4.splat(0);
    let high3 = f32x4.splat(0);
    for (const end = packed + fours; packed < end; packed += 128) {
      low = f32x4.add(low, v128.load(packed));
      high = f32x4.add(high, v128.load(packed, 16));
      low1 = f32x4.add(low1, v128.load(packed, 32));
      high1 = f32x4.add(high1, v128.load(packed, 48));
      low2 = f32x4.add(low2, v128.load(packed, 64));
      high2 = f32x4.add(high2, v128.load(packed, 80));
      low3 = f32x4.add(low3, v128.load(packed, 96));
      high3 = f32x4.add(high3, v128.load(packed, 112));
    }
    for (const end = packed + rest; packed < end; packed += 32) {
      low = f32x4.add(low, v128.load(packed));
      high = f32x4.add(high, v128.load(packed, 16));
    }
    v128.store(dBias, f32x4.add(f32x4.add(low, low1), f32x4.add(low2, low3)));
    v128.store(dBias, f32x4.add(f32x4.add(high, high1), f32x4.add(high2, high3)), 16);
    dBias += 32;
  }
}
