/**
 * The gradient of the filter of a 3×3 or 5×5 convolution with stride 1 by minimal filtering; see transforms.ts for the
 * method and correlate.ts for what is common to the passes.
 */
import { multiplyFreshTile, multiplyTile, TILE_BYTES, TILE_COLUMNS, TILE_ROWS } from '../../gemm/gemm';
import { multiplyTwoTiles } from '../../gemm/twoTiles';
import { transformEdgeGradient } from './edges';
import { transformFilterGradientOfFiveTaps, transformGradientOfFiveTaps } from './fiveTaps';
import {
  firstColumn,
  firstRow,
  frequencyAt,
  KINDS,
  sideFor,
  tileColumns,
  tileRows,
  tilesAcross,
  tilesDown,
} from './tiling';
import {
  SEVEN_BYTES,
  SEVEN_POINTS,
  transformFilterGradientOfSeven,
  transformGradientOfSeven,
} from './sevenOutputs';
import { transformTileInput } from './tileInput';
import { SIDE, STAGGER, transformFilterGradient, transformOutputGradient } from './transforms';

/** Panels of output channels that meet a frequency of the inputs while it is in the L2 cache. */
const PANELS: i32 = 4;

/**
 * The gradient of the filter and the bias; shards as conv2dBackwardFilter. The fewer shards there are, the longer the
 * sums and the less there is to transform back; so that there is work for many threads all the same, the output channels
 * of a shard can be shared out too.
 * @param chunk     how many tiles are transformed at a time, a multiple of 4; they are all of one kind (see tiling.ts)
 * @param groups    into how many groups the output channels are shared out, at most outputs / 8
 * @param taps      3 or 5: of the kernel, along a side
 * @param partials  [shards][taps² · inputs + 1][outputs]
 * @param points    6 or 9, as winogradCorrelate has it
 * @param scratch   1,344 + 4 · chunk + points² · (chunk · (4 · inputs + 4 · 32) + 64 + 4 · 64)
 *                  + points² · (4 · inputs + 8) · (outputs / groups rounded up to 8) bytes
 * @param begin,end a share of the shards · groups
 */
export function winogradBackwardFilter(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputs: i32,
  dOutput: usize,
  dOutputImage: usize,
  dOutputRow: usize,
  batch: i32,
  height: i32,
  width: i32,
  outputs: i32,
  taps: i32,
  points: i32,
  chunk: i32,
  shards: i32,
  groups: i32,
  partials: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= shards * groups && (inputs & 7) == 0 && (outputs & 7) == 0);
  const inputPixel = (<usize>inputs) << 2;
  const outputPixel = (<usize>outputs) << 2;
  const inputStep = <usize>chunk * inputPixel + STAGGER;
  const gradientStep = ((<usize>chunk) << 5) + STAGGER;
  const frequencies = <usize>(points * points);
  const panelBytes = frequencies * sumStepOf(inputs);
  const partialBytes = <usize>(taps * taps * inputs + 1) * outputPixel;
  const side = sideFor(points, taps);
  let tilesOfImage = 0;
  let lastKind = 0;
  for (let kind = 0; kind < KINDS; kind++) {
    const tiles = tilesDown(kind, height, side) * tilesAcross(kind, width, side);
    if (tiles > 0) lastKind = kind;
    tilesOfImage += tiles;
  }
  // Whole tiles have all frequencies; where there are none, or no images, sums are of what smaller ones have.
  const whole = tilesDown(0, height, side) * tilesAcross(0, width, side) > 0;

  const table = scratch + SEVEN_BYTES;
  const transformed = table + ((<usize>chunk) << 2);
  const gradients = transformed + frequencies * inputStep;
  const sums = gradients + <usize>PANELS * frequencies * gradientStep;

  const panels = outputs / TILE_COLUMNS;
  let transformedShard = -1;
  for (let item = begin; item < end; item++) {
    const shard = item / groups;
    const group = item - shard * groups;
    const firstPanel = (panels * group) / groups;
    const lastPanel = (panels * (group + 1)) / groups;
    const firstImage = (batch * shard) / shards;
    const images = (batch * (shard + 1)) / shards - firstImage;
    const partial = partials + <usize>shard * partialBytes;
    const covered = whole && images > 0;
    if (!covered) memory.fill(sums, 0, <usize>(lastPanel - firstPanel) * panelBytes);
    // What the group before has transformed is still there, if it was all of the shard: the kinds then lie side by side.
    const fits = images * tilesOfImage <= chunk;
    const reuse = fits && shard == transformedShard;
    transformedShard = shard;
    let a = transformed;
    for (let kind = 0; kind < KINDS; kind++) {
      const rows = tileRows(kind, height, side);
      const columns = tileColumns(kind, width, side);
      const tilesY = tilesDown(kind, height, side);
      const tilesX = tilesAcross(kind, width, side);
      const tiles = images * tilesY * tilesX;
      const down = rows + taps - 1;
      const across = columns + taps - 1;
      for (let first = 0; first < tiles; first += chunk) {
        const count = min(chunk, tiles - first);
        const fresh = covered && kind == 0 && first == 0;
        const last = kind == lastKind && first + count == tiles;
        for (let i = 0; i < count; i++) {
          const row = (first + i) / tilesX;
          const x = <usize>(firstColumn(kind, width, side) + (first + i - row * tilesX) * side);
          const image = row / tilesY;
          const y = <usize>(firstRow(kind, height, side) + (row - image * tilesY) * side);
          const n = <usize>(firstImage + image);
          const from = input + n * inputImage + y * inputRow + x * inputPixel;
          store<usize>(
            table + ((<usize>i) << 2),
            dOutput + n * dOutputImage + y * dOutputRow + x * outputPixel,
          );
          if (reuse) continue;
          for (let c: usize = 0; c < inputPixel; c += 16) {
            const to = a + c * <usize>count + ((<usize>i) << 4);
            transformTileInput(from + c, inputRow, inputPixel, to, inputStep, points, down, across, scratch);
          }
        }
        for (let panel = firstPanel; panel < lastPanel; panel += PANELS) {
          const some = min(PANELS, lastPanel - panel);
          transformGradients(
            table,
            count,
            (<usize>panel) << 5,
            some,
            dOutputRow,
            outputPixel,
            rows,
            columns,
            taps,
            points,
            gradients,
            gradientStep,
            scratch,
          );
          // Sums that nothing will be added to are transformed back while they are in the cache, and others take their place.
          const c = fresh && last ? sums : sums + <usize>(panel - firstPanel) * panelBytes;
          multiplyPanels(
            a,
            inputStep,
            inputs,
            gradients,
            gradientStep,
            count,
            some,
            points,
            down,
            across,
            fresh,
            c,
            scratch,
          );
          if (last) transformSums(c, inputs, outputs, taps, points, panel, panel + some, partial, scratch);
        }
      }
      if (fits) a += <usize>tiles * inputPixel;
    }
    if (images * tilesOfImage == 0)
      transformSums(sums, inputs, outputs, taps, points, firstPanel, lastPanel, partial, scratch);
    const image = dOutput + <usize>firstImage * dOutputImage;
    sumImages(
      image,
      dOutputImage,
      dOutputRow,
      images,
      height,
      width,
      outputPixel,
      (<usize>firstPanel) << 5,
      (<usize>lastPanel) << 5,
      partial + partialBytes - outputPixel,
    );
  }
}

/** Bytes from the sums of a panel at one frequency to those at the next. */
function sumStepOf(inputs: i32): usize {
  return ((<usize>inputs) << 5) + STAGGER;
}

/** A dY Aᵀ of the tiles of the table, for some panels of eight channels: [panels][points²][tiles][8]. */
function transformGradients(
  table: usize,
  count: i32,
  channel: usize,
  panels: i32,
  row: usize,
  pixel: usize,
  rows: i32,
  columns: i32,
  taps: i32,
  points: i32,
  gradients: usize,
  step: usize,
  scratch: usize,
): void {
  const whole = rows == SIDE && columns == SIDE;
  for (let panel = 0; panel < panels; panel++) {
    for (let i: usize = 0; i < <usize>count; i++) {
      const from = load<usize>(table + (i << 2)) + channel;
      const to = gradients + (i << 5);
      for (let half: usize = 0; half < 32; half += 16) {
        const at = from + half;
        if (points == SEVEN_POINTS) {
          transformGradientOfSeven(at, row, pixel, to + half, step, scratch);
        } else if (taps == 5) {
          transformGradientOfFiveTaps(at, row, pixel, to + half, step, rows, columns, scratch);
        } else if (whole) {
          transformOutputGradient(at, row, pixel, to + half, step, scratch);
        } else {
          transformEdgeGradient(at, row, pixel, to + half, step, rows, columns, scratch);
        }
      }
    }
    channel += 32;
    gradients += <usize>(points * points) * step;
  }
}

/**
 * Adds the products of the inputs, [points²][inputs / 4][tiles][4], and the gradients of some panels to their sums, or sets these,
 * [panels][points²][inputs][8] (see sumStepOf), for the frequencies that tiles of down×across points have.
 * @param fresh    whether there is nothing yet to add them to
 * @param scratch  32 bytes, in wide builds
 */
function multiplyPanels(
  inputsAt: usize,
  inputStep: usize,
  inputs: i32,
  gradients: usize,
  gradientStep: usize,
  count: i32,
  panels: i32,
  points: i32,
  down: i32,
  across: i32,
  fresh: bool,
  sums: usize,
  scratch: usize,
): void {
  const seedRow: usize = fresh ? 0 : 32;
  if (WIDE && fresh) memory.fill(scratch, 0, 32);
  const frequencies = <usize>(points * points);
  const sumStep = sumStepOf(inputs);
  const aStep = (<usize>count) << 4;
  for (let i = 0; i < down * across; i++) {
    const y = i / across;
    const frequency = <usize>(
      (points * frequencyAt(y, down, points) + frequencyAt(i - y * across, across, points))
    );
    for (let panel: usize = 0; panel < <usize>panels; panel++) {
      let a = inputsAt + frequency * inputStep;
      const b = gradients + (panel * frequencies + frequency) * gradientStep;
      let c = sums + (panel * frequencies + frequency) * sumStep;
      if (WIDE) {
        for (let row = 0; row < inputs; row += 2 * TILE_ROWS) {
          const d = c + TILE_BYTES;
          const upper = fresh ? scratch : c;
          const lower = fresh ? scratch : d;
          multiplyTwoTiles(a, aStep, b, count, upper, lower, seedRow, c, d, 32, -Infinity);
          a += 2 * aStep;
          c += 2 * TILE_BYTES;
        }
      } else {
        for (let row = 0; row < inputs; row += TILE_ROWS) {
          if (fresh) multiplyFreshTile(a, b, count, c);
          else multiplyTile(a, b, count, c, 32, c, 32, -Infinity);
          a += aStep;
          c += TILE_BYTES;
        }
      }
    }
  }
}

/** Gᵀ dU G of some panels: [panels][points²][inputs][8] to [taps, taps, inputs, outputs]. */
function transformSums(
  sums: usize,
  inputs: i32,
  outputs: i32,
  taps: i32,
  points: i32,
  firstPanel: i32,
  lastPanel: i32,
  to: usize,
  scratch: usize,
): void {
  const step = sumStepOf(inputs);
  const pixel = (<usize>outputs) << 2;
  const tap = <usize>inputs * pixel;
  for (let panel = <usize>firstPanel; panel < <usize>lastPanel; panel++) {
    for (let input: usize = 0; input < <usize>inputs; input++) {
      const from = sums + (panel - <usize>firstPanel) * <usize>(points * points) * step + (input << 5);
      const at = to + input * pixel + (panel << 5);
      for (let half: usize = 0; half < 32; half += 16) {
        if (points == SEVEN_POINTS)
          transformFilterGradientOfSeven(from + half, step, at + half, 3 * tap, tap, scratch);
        else if (taps == 3) transformFilterGradient(from + half, step, at + half, 3 * tap, tap, scratch);
        else transformFilterGradientOfFiveTaps(from + half, step, at + half, 5 * tap, tap, scratch);
      }
    }
  }
}

/** sum[c] = Σ over the pixels of some images, for the bytes [begin, end) of a pixel. */
function sumImages(
  first: usize,
  imageBytes: usize,
  rowBytes: usize,
  images: i32,
  height: i32,
  width: i32,
  pixelBytes: usize,
  begin: usize,
  end: usize,
  sum: usize,
): void {
  memory.fill(sum + begin, 0, end - begin);
  for (let image = 0; image < images; image++) {
    for (let y = 0; y < height; y++) {
      const row = first + <usize>image * imageBytes + <usize>y * rowBytes;
      const rowEnd = row + <usize>width * pixelBytes;
      for (let c = begin; c < end; c += 16) {
        let total = v128.load(sum + c);
        for (let at = row + c; at < rowEnd; at += pixelBytes) total = f32x4.add(total, v128.load(at));
        v128.store(sum + c, total);
      }
    }
  }
}
