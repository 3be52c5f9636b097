/** The gradients of the filter and the bias of a depthwise convolution. */
import { loadLanes, multiplyAdd, storeLanes } from '../../simd';
import { addFiveTaps, addThreeByThree, TAPS } from './filterTaps';
import { BLOCK_ROWS, chunkCount, copyChannels, gatherRows, isCrowded } from './gather';

/**
 * dFilter[ky, kx, c, m] = Σ input[n, y·strideY + ky·dilationY, x·strideX + kx·dilationX, c] · dOutput[n, y, x, c·multiplier + m]
 * and dBias = Σ dOutput, summed over shards of the batch: a fixed number of them, each with a result of its own, so that the
 * order of every sum is the same whatever the number of threads. Each row of outputs is summed in registers, then added.
 *
 * @param input        the first tap of the first output; zeros lie around the images as far as taps reach
 * @param dOutput      [batch, height, width, inputs · multiplier]
 * @param shards       how many results there are
 * @param partials     [shards][kernelHeight · kernelWidth + 1][inputs · multiplier rounded up to 8]; the last row is the bias's
 * @param scratch      where depthwiseForward needs it: as much, and (8 · width + 1) · max(32, multiplier) + 4 floats
 * @param begin,end    a share of the shards
 */
export function depthwiseBackwardFilter(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  dilationY: i32,
  dilationX: i32,
  inputs: i32,
  multiplier: i32,
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  batch: i32,
  height: i32,
  width: i32,
  shards: i32,
  partials: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= shards && multiplier > 0);
  const gathers = multiplier > 1 || isCrowded(inputs);
  const chunks = gathers ? chunkCount(inputs, multiplier) : 1;
  const inputBytes = (<usize>inputs) << 2;
  const pixelBytes = inputBytes * <usize>multiplier;
  const partialRow = (pixelBytes + 31) & ~31;
  const taps = kernelHeight * kernelWidth;
  const partialBytes = <usize>(taps + 1) * partialRow;
  const span = (width - 1) * strideX + (kernelWidth - 1) * dilationX + 1;
  for (let shard = begin; shard < end; shard++) {
    const partial = partials + <usize>shard * partialBytes;
    memory.fill(partial, 0, partialBytes);
    const firstRow = ((batch * shard) / shards) * height;
    const lastRow = ((batch * (shard + 1)) / shards) * height;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const first = (inputs * chunk) / chunks;
      const count = (inputs * (chunk + 1)) / chunks - first;
      const channels = count * multiplier;
      const offset = (<usize>(first * multiplier)) << 2;
      const chunkBytes = (<usize>channels) << 2;
      const sums = gathers ? scratch : partial;
      const sumBytes = gathers ? chunkBytes : partialRow;
      const copy = scratch + <usize>(taps + 1) * chunkBytes;
      if (gathers) memory.fill(sums, 0, <usize>(taps + 1) * chunkBytes);
      let row = firstRow;
      while (row < lastRow) {
        const image = row / height;
        const y = row - image * height;
        const rows = min(BLOCK_ROWS, height - y);
        const inputRows = (rows - 1) * strideY + (kernelHeight - 1) * dilationY + 1;
        let at = input + <usize>image * inputImage + <usize>(y * strideY) * inputRow + ((<usize>first) << 2);
        let nextRow = inputRow;
        let nextPixel = inputBytes;
        let from = dOutput + <usize>image * dOutputImage + <usize>y * dOutputRow + offset;
        let dRow = dOutputRow;
        let dPixel = pixelBytes;
        if (gathers) {
          gatherRows(at, inputRow, inputBytes, inputRows, span, count, multiplier, copy);
          at = copy;
          nextPixel = chunkBytes;
          nextRow = <usize>span * chunkBytes;
          // Behind the three floats that gathering may overwrite.
          const behind = copy + <usize>inputRows * nextRow + 16;
          gatherRows(from, dOutputRow, pixelBytes, rows, width, channels, 1, behind);
          from = behind;
          dPixel = chunkBytes;
          dRow = <usize>width * chunkBytes;
        }
        for (let i = 0; i < rows; i++) {
          addRow(
            at,
            <usize>strideX * nextPixel,
            <usize>dilationY * nextRow,
            <usize>dilationX * nextPixel,
            kernelHeight,
            kernelWidth,
            from,
            dPixel,
            width,
            channels,
            sums,
            sumBytes,
          );
          at += <usize>strideY * nextRow;
          from += dRow;
        }
        row += rows;
      }
      if (gathers) {
        for (let tap = 0; tap <= taps; tap++) {
          copyChannels(sums + <usize>tap * chunkBytes, channels, partial + offset + <usize>tap * partialRow);
        }
      }
    }
  }
}

/** Adds what a row of outputs contributes to all taps and to the bias. */
function addRow(
  input: usize,
  stepX: usize,
  tapY: usize,
  tapX: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  dOutput: usize,
  dOutputPixel: usize,
  width: i32,
  channels: i32,
  dFilter: usize,
  partialRow: usize,
): void {
  const taps = kernelHeight * kernelWidth;
  addBias(dOutput, dOutputPixel, width, channels, dFilter + <usize>taps * partialRow);
  if (channels < 4) {
    addFewChannels(
      input,
      stepX,
      tapY,
      tapX,
      taps,
      kernelWidth,
      dOutput,
      dOutputPixel,
      width,
      channels,
      dFilter,
      partialRow,
    );
  } else if (kernelHeight == 3 && kernelWidth == 3 && stepX == tapX) {
    addThreeByThree(input, stepX, tapY, dOutput, dOutputPixel, width, channels, dFilter, partialRow);
  } else {
    for (let tap = 0; tap < taps; tap += TAPS) {
      addFiveTaps(
        input,
        stepX,
        tapOffset(tap, taps, kernelWidth, tapY, tapX),
        tapOffset(tap + 1, taps, kernelWidth, tapY, tapX),
        tapOffset(tap + 2, taps, kernelWidth, tapY, tapX),
        tapOffset(tap + 3, taps, kernelWidth, tapY, tapX),
        tapOffset(tap + 4, taps, kernelWidth, tapY, tapX),
        min(TAPS, taps - tap),
        dOutput,
        dOutputPixel,
        width,
        channels,
        dFilter + <usize>tap * partialRow,
        partialRow,
      );
    }
  }
}

/** From the first tap to another; those beyond the last are the last. */
function tapOffset(tap: i32, taps: i32, kernelWidth: i32, tapY: usize, tapX: usize): usize {
  const inside = min(tap, taps - 1);
  const row = inside / kernelWidth;
  return <usize>row * tapY + <usize>(inside - row * kernelWidth) * tapX;
}

/** Fewer channels than a vector holds, one tap after the other. */
function addFewChannels(
  input: usize,
  stepX: usize,
  tapY: usize,
  tapX: usize,
  taps: i32,
  kernelWidth: i32,
  dOutput: usize,
  dOutputPixel: usize,
  width: i32,
  channels: i32,
  dFilter: usize,
  partialRow: usize,
): void {
  for (let tap = 0; tap < taps; tap++) {
    let at = input + tapOffset(tap, taps, kernelWidth, tapY, tapX);
    let from = dOutput;
    let sum = f32x4.splat(0);
    for (let x = 0; x < width; x++) {
      sum = multiplyAdd(loadLanes(at, channels), loadLanes(from, channels), sum);
      at += stepX;
      from += dOutputPixel;
    }
    storeLanes(dFilter, f32x4.add(loadLanes(dFilter, channels), sum), channels);
    dFilter += partialRow;
  }
}

/** Adds the sum of a row of dOutput. */
function addBias(dOutput: usize, dOutputPixel: usize, width: i32, channels: i32, dBias: usize): void {
  const pixelBytes = (<usize>channels) << 2;
  let c: usize = 0;
  for (; c + 64 <= pixelBytes; c += 64) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let from = dOutput + c;
    for (let x = 0; x < width; x++) {
      s0 = f32x4.add(s0, v128.load(from));
      s1 = f32x4.add(s1, v128.load(from, 16));
      s2 = f32x4.add(s2, v128.load(from, 32));
      s3 = f32x4.add(s3, v128.load(from, 48));
      from += dOutputPixel;
    }
    const to = dBias + c;
    v128.store(to, f32x4.add(v128.load(to), s0));
    v128.store(to, f32x4.add(v128.load(to, 16), s1), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), s2), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), s3), 48);
  }
  for (; c < pixelBytes; c += 16) {
    const count = <i32>(min(16, pixelBytes - c) >> 2);
    let sum = f32x4.splat(0);
    let from = dOutput + c;
    for (let x = 0; x < width; x++) {
      sum = f32x4.add(sum, loadLanes(from, count));
      from += dOutputPixel;
    }
    storeLanes(dBias + c, f32x4.add(loadLanes(dBias + c, count), sum), count);
  }
}
