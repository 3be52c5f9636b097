/**
 * The gradients of the filter and the bias of a convolution, and of the kernel and the bias of a dense layer: products of
 * the inputs under each tap with the gradients of the outputs, both packed a chunk of outputs at a time.
 *
 * Strides of images, rows and pixels are in bytes. A pixel's channels are adjacent.
 */
import { multiplyTile, TILE_COLUMNS, TILE_ROWS } from '../../gemm/gemm';
import { multiplyTwoTiles } from '../../gemm/twoTiles';

/**
 * The gradient of a convolution's filter and bias, summed over shards of the batch: a fixed number of them, each with
 * a result of its own, so that the order of every sum is the same whatever the number of threads.
 *
 * @param input … segment  the taps, as in correlate; of a convolution in groups, one group's inputs and outputs
 * @param dOutput      [batch, height, width, channels], dOutputImage, dOutputRow and dOutputPixel bytes apart
 * @param chunk        how many outputs are packed at a time
 * @param shards       how many results there are
 * @param partials     [shards][depth rounded up to 4, + 1][channels rounded up to 8]; the last row is the bias's
 * @param scratch      32 + chunk · (8 + 32 + 4 · channels rounded up to 8) bytes
 * @param begin,end    a share of the shards
 */
export function conv2dBackwardFilter(
  input: usize,
  inputImage: usize,
  tapY: usize,
  tapX: usize,
  stepY: usize,
  stepX: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  segment: i32,
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  dOutputPixel: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  chunk: i32,
  shards: i32,
  partials: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= shards);
  const tiles = (kernelHeight * kernelWidth * segment + TILE_ROWS - 1) / TILE_ROWS;
  const rowBytes = (((<usize>channels) << 2) + 31) & ~31;
  const partialBytes = (<usize>(tiles * TILE_ROWS) + 1) * rowBytes;
  const pixels = height * width;
  for (let shard = begin; shard < end; shard++) {
    const dFilter = partials + <usize>shard * partialBytes;
    const firstPixel = ((batch * shard) / shards) * pixels;
    const lastPixel = ((batch * (shard + 1)) / shards) * pixels;
    const dBias = dFilter + partialBytes - rowBytes;
    if (firstPixel == lastPixel) {
      memory.fill(dFilter, 0, partialBytes);
      continue;
    }
    memory.fill(dBias, 0, rowBytes);
    sumFilterGradient(
      input,
      inputImage,
      tapY,
      tapX,
      stepY,
      stepX,
      kernelHeight,
      kernelWidth,
      segment,
      dOutput,
      dOutputImage,
      dOutputRow,
      dOutputPixel,
      height,
      width,
      channels,
      firstPixel,
      lastPixel,
      chunk,
      0,
      tiles,
      dFilter,
      dBias,
      scratch,
    );
  }
}

/**
 * The gradient of a dense kernel and bias. A dense kernel is large and its batch of rows short, so threads share out
 * the rows of the kernel instead of the batch, and there is one result.
 *
 * @param input    [batch, inputs], rows `inputRow` bytes apart; batch is at least 1
 * @param dOutput  [batch, outputs]
 * @param dKernel  [inputs rounded up to 4, + 1][outputs rounded up to 8]; the last row is the bias's
 * @param scratch  as conv2dBackwardFilter
 * @param begin,end  a share of the tiles of four kernel rows
 */
export function denseBackwardKernel(
  input: usize,
  inputRow: usize,
  inputs: i32,
  dOutput: usize,
  batch: i32,
  outputs: i32,
  chunk: i32,
  dKernel: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const tiles = (inputs + TILE_ROWS - 1) / TILE_ROWS;
  assert(begin >= 0 && begin <= end && end <= tiles);
  const rowBytes = (((<usize>outputs) << 2) + 31) & ~31;
  const dBias = dKernel + <usize>(tiles * TILE_ROWS) * rowBytes;
  const ownsBias = begin == 0 && end > 0;
  if (ownsBias) memory.fill(dBias, 0, rowBytes);
  sumFilterGradient(
    input,
    0,
    0,
    0,
    0,
    inputRow,
    1,
    1,
    inputs,
    dOutput,
    0,
    0,
    (<usize>outputs) << 2,
    1,
    batch,
    outputs,
    0,
    batch,
    chunk,
    begin,
    end,
    dKernel,
    ownsBias ? dBias : 0,
    scratch,
  );
}

/**
 * Sets the filter rows [firstTile, lastTile) · 4 to what the outputs [firstPixel, lastPixel), one at least, contribute, and adds to
 * dBias.
 */
function sumFilterGradient(
  input: usize,
  inputImage: usize,
  tapY: usize,
  tapX: usize,
  stepY: usize,
  stepX: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  segment: i32,
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  dOutputPixel: usize,
  height: i32,
  width: i32,
  channels: i32,
  firstPixel: i32,
  lastPixel: i32,
  chunk: i32,
  firstTile: i32,
  lastTile: i32,
  dFilter: usize,
  dBias: usize,
  scratch: usize,
): void {
  assert(chunk > 0 && firstPixel < lastPixel && (scratch & 15) == 0);
  const depth = kernelHeight * kernelWidth * segment;
  const rowBytes = (((<usize>channels) << 2) + 31) & ~31;
  const packedBytes = (<usize>chunk) << 4;
  const zeros = scratch;
  memory.fill(zeros, 0, 32);
  const packedInput = zeros + 32;
  const panels = packedInput + 2 * packedBytes;
  const table = panels + <usize>chunk * rowBytes;

  for (let first = firstPixel; first < lastPixel; first += chunk) {
    const count = min(chunk, lastPixel - first);
    // The first products have nothing to be added to.
    const fresh = first == firstPixel;
    const seedRow: usize = fresh ? 0 : rowBytes;
    const panelBytes = (<usize>count) << 5;
    // Runs of outputs in one row: [(address of the first tap, outputs in the run)].
    let runs = 0;
    let packed = 0;
    while (packed < count) {
      const row = (first + packed) / width;
      const x = first + packed - row * width;
      const image = row / height;
      const y = row - image * height;
      const run = min(width - x, count - packed);
      const entry = table + ((<usize>runs) << 3);
      runs++;
      store<usize>(entry, input + <usize>image * inputImage + <usize>y * stepY + <usize>x * stepX);
      store<i32>(entry, run, 4);
      const source = dOutput + <usize>image * dOutputImage + <usize>y * dOutputRow + <usize>x * dOutputPixel;
      packPixels(source, dOutputPixel, channels, run, panels + ((<usize>packed) << 5), panelBytes);
      packed += run;
    }
    if (dBias) sumPanels(panels, panelBytes, rowBytes, dBias);

    for (let tile = firstTile; tile < lastTile; tile++) {
      packTaps(table, runs, stepX, tile * TILE_ROWS, depth, kernelWidth, segment, tapY, tapX, packedInput);
      let c = dFilter + <usize>(tile * TILE_ROWS) * rowBytes;
      let b = panels;
      if (WIDE && tile + 1 < lastTile) {
        tile++;
        packTaps(
          table,
          runs,
          stepX,
          tile * TILE_ROWS,
          depth,
          kernelWidth,
          segment,
          tapY,
          tapX,
          packedInput + packedBytes,
        );
        let d = c + 4 * rowBytes;
        for (let column: usize = 0; column < rowBytes; column += 32) {
          const upper = fresh ? zeros : c;
          const lower = fresh ? zeros : d;
          multiplyTwoTiles(
            packedInput,
            packedBytes,
            b,
            count,
            upper,
            lower,
            seedRow,
            c,
            d,
            rowBytes,
            -Infinity,
          );
          c += 32;
          d += 32;
          b += panelBytes;
        }
        continue;
      }
      for (let column: usize = 0; column < rowBytes; column += 32) {
        multiplyTile(packedInput, b, count, fresh ? zeros : c, seedRow, c, rowBytes, -Infinity);
        c += 32;
        b += panelBytes;
      }
    }
  }
}

/** Packs `count` pixels of a row into panels of 8 channels, [ceil(channels / 8)][…][8]; missing channels are zero. */
function packPixels(
  source: usize,
  pixelBytes: usize,
  channels: i32,
  count: i32,
  target: usize,
  panelBytes: usize,
): void {
  for (let first = 0; first < channels; first += TILE_COLUMNS) {
    const width = min(TILE_COLUMNS, channels - first);
    let from = source + ((<usize>first) << 2);
    let to = target;
    for (let i = 0; i < count; i++) {
      if (width == TILE_COLUMNS) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        for (let j = 0; j < TILE_COLUMNS; j++) {
          store<f32>(to + ((<usize>j) << 2), j < width ? load<f32>(from + ((<usize>j) << 2)) : 0);
        }
      }
      from += pixelBytes;
      to += 32;
    }
    target += panelBytes;
  }
}

/** dBias[j] += Σ over the packed pixels. */
function sumPanels(panels: usize, panelBytes: usize, rowBytes: usize, dBias: usize): void {
  for (let column: usize = 0; column < rowBytes; column += 32) {
    let low = v128.load(dBias + column);
    let high = v128.load(dBias + column, 16);
    const end = panels + panelBytes;
    while (panels < end) {
      low = f32x4.add(low, v128.load(panels));
      high = f32x4.add(high, v128.load(panels, 16));
      panels += 32;
    }
    v128.store(dBias + column, low);
    v128.store(dBias + column, high, 16);
  }
}

/** target[p][i] = the input under tap `first` + i of output p; taps beyond the last repeat it (into unused rows). */
function packTaps(
  table: usize,
  runs: i32,
  stepX: usize,
  first: i32,
  depth: i32,
  kernelWidth: i32,
  segment: i32,
  tapY: usize,
  tapX: usize,
  target: usize,
): void {
  const offset0 = tapOffset(first, depth, kernelWidth, segment, tapY, tapX);
  const offset1 = tapOffset(first + 1, depth, kernelWidth, segment, tapY, tapX);
  const offset2 = tapOffset(first + 2, depth, kernelWidth, segment, tapY, tapX);
  const offset3 = tapOffset(first + 3, depth, kernelWidth, segment, tapY, tapX);
  const adjacent = offset1 == offset0 + 4 && offset2 == offset0 + 8 && offset3 == offset0 + 12;
  for (let r = 0; r < runs; r++) {
    let source = load<usize>(table);
    const end = target + ((<usize>load<i32>(table, 4)) << 4);
    table += 8;
    if (adjacent) {
      source += offset0;
      while (target < end) {
        v128.store(target, v128.load(source));
        source += stepX;
        target += 16;
      }
    } else {
      while (target < end) {
        store<f32>(target, load<f32>(source + offset0));
        store<f32>(target, load<f32>(source + offset1), 4);
        store<f32>(target, load<f32>(source + offset2), 8);
        store<f32>(target, load<f32>(source + offset3), 12);
        source += stepX;
        target += 16;
      }
    }
  }
}

function tapOffset(tap: i32, depth: i32, kernelWidth: i32, segment: i32, tapY: usize, tapX: usize): usize {
  const inside = min(tap, depth - 1);
  const run = inside / segment;
  const row = kernelWidth == 1 ? run : run / kernelWidth;
  const column = run - row * kernelWidth;
  return <usize>row * tapY + <usize>column * tapX + ((<usize>(inside - run * segment)) << 2);
}
