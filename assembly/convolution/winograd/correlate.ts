/**
 * 3×3 convolutions of stride 1 by minimal filtering, and 5×5 ones: the forward pass and the gradient of the input with a quarter of
 * the multiplications, or a third. See transforms.ts for the method, filter.ts for the filter,
 * filterGradient.ts for the third pass.
 *
 * Outputs are cut into tiles of 4×4 (of 2×2 for 5×5 taps), and at the edges into smaller ones: see tiling.ts and edges.ts. Where they fill
 * them, tiles of 7×7 take still fewer: see sevenOutputs.ts. Channels are multiples of 8.
 * Strides of images, rows and pixels are in bytes.
 */
import { multiplyFreshTile, TILE_BYTES, TILE_COLUMNS, TILE_ROWS } from '../../gemm/gemm';
import { storeTransposed } from '../../simd';
import { multiplyTwoPanels } from '../../gemm/twoPanels';
import { storeEdgeOutput, storePooledEdgeOutput } from './edges';
import { storeOutput, storePooledOutput } from './output';
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
  FOUR_SEVENS_BYTES,
  SEVEN_BYTES,
  SEVEN_POINTS,
  storeOutputOfSeven,
  storePooledOutputOfSeven,
} from './sevenOutputs';
import { SIDE, STAGGER } from './transforms';
import { transformTileInput } from './tileInput';
import { storeWideOutput, storeWidePooledOutput, transformWideInput } from './wide';

/** Bytes of what winogradCorrelate notes of a tile: where it comes from and goes to, and its winners. */
const TABLE_ENTRY: usize = 12;

/**
 * The forward pass, or with a flipped filter and no bias the gradient of the input; see `correlate`.
 *
 * Panels of output channels are the outer loop and frequencies the inner one, so that the products of one panel stay in
 * the L1 cache until they are transformed back. A filter that the L2 cache cannot hold comes from further away once for each block of tiles,
 * so that these should be larger then.
 *
 * So that threads share the work out evenly, a share of it is one of the tiles of each kind of tiling.ts, which take more or fewer products.
 *
 * @param input   the first tap of the first output
 * @param inputs,outputs  channels
 * @param bias    [outputs], or 0 for none
 * @param filter  as winogradFilter writes it
 * @param taps    3 or 5: of the kernel, along a side
 * @param points  6 or 9: of a tile, along a side. With 9 taps are 3, and height and width multiples of 7; with argmax both 7, or multiples
 *                of 14 or one more
 * @param height,width  of the output
 * @param relu    1 to clamp at zero
 * @param argmax  0; or, for a 2×2 max pooling with stride 2 of what comes out, where to put 2·y + x of each winner:
 *                [batch, height / 2, width / 2, outputs] i32, compact. `output` is then the pooling's, and what is left over
 *                of an odd height or width is not computed
 * @param tilesPerBlock  how many tiles are transformed before the filter is swept, a multiple of 4
 * @param groups  into how many groups the output channels of a block are shared out, at most outputs / 8. Every share that has one of
 *                them transforms the tiles of the block for itself
 * @param items   how many items of work there are to share out: as many as blocks, of each kind of tiles ceil(batch · tiles / tilesPerBlock),
 *                times groups
 * @param scratch 1,344 + 3,136 + 64 + 12 · tilesPerBlock rounded up to 16
 *                + points² · (128 + tilesPerBlock · (4 · inputs + 64) + 64) bytes
 * @param begin,end  a share of the items
 */
export function winogradCorrelate(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputs: i32,
  filter: usize,
  bias: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  batch: i32,
  height: i32,
  width: i32,
  outputs: i32,
  taps: i32,
  points: i32,
  relu: i32,
  argmax: usize,
  tilesPerBlock: i32,
  groups: i32,
  items: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= items && (tilesPerBlock & 3) == 0 && (scratch & 15) == 0);
  const floor: f32 = relu ? 0 : -Infinity;
  const inputPixel = (<usize>inputs) << 2;
  const outputPixel = (<usize>outputs) << 2;
  const fourBytes = (<usize>inputs) << 4;
  const inputStep = <usize>(tilesPerBlock / TILE_ROWS) * fourBytes + STAGGER;
  const frequencies = points * points;
  const filterPanel = (<usize>(frequencies * inputs)) << 5;
  const pooled = argmax ? 1 : 0;
  // What a pooling leaves over of an odd output is computed only if it is in a single tile of seven.
  const single = points == SEVEN_POINTS && height == 7 && width == 7;
  const usedHeight = single ? height : height & ~pooled;
  const usedWidth = single ? width : width & ~pooled;
  assert(points != SEVEN_POINTS || (taps == 3 && usedHeight % 7 == 0 && usedWidth % 7 == 0));
  // Windows lie in four tiles of seven together, which are next to one another in their order, too.
  const square = pooled && points == SEVEN_POINTS && !single ? 2 : 1;
  const winnersRow = <usize>(width >> 1) * outputPixel;

  const zero = scratch + SEVEN_BYTES + FOUR_SEVENS_BYTES;
  const four = zero + 64;
  const table = four + <usize>(frequencies * TILE_ROWS) * 32;
  const transformed = table + ((<usize>tilesPerBlock * TABLE_ENTRY + 15) & ~15);
  const products = transformed + <usize>frequencies * inputStep;
  const panelBytes = <usize>(tilesPerBlock / TILE_ROWS) * <usize>frequencies * TILE_BYTES;
  memory.fill(zero, 0, 32);

  const panels = outputs / TILE_COLUMNS;
  const side = sideFor(points, taps);
  for (let kind = 0; kind < KINDS; kind++) {
    const rows = tileRows(kind, usedHeight, side);
    const columns = tileColumns(kind, usedWidth, side);
    const down = rows + taps - 1;
    const across = columns + taps - 1;
    const tilesY = tilesDown(kind, usedHeight, side);
    const tilesX = tilesAcross(kind, usedWidth, side);
    const tiles = batch * tilesY * tilesX;
    const all = ((tiles + tilesPerBlock - 1) / tilesPerBlock) * groups;
    const last = share(all, end, items);
    let transformedBlock = -1;
    let count = 0;
    let fours = 0;
    for (let item = share(all, begin, items); item < last; item++) {
      const block = item / groups;
      if (block != transformedBlock) {
        transformedBlock = block;
        const first = block * tilesPerBlock;
        count = min(tilesPerBlock, tiles - first);
        fours = (count + TILE_ROWS - 1) / TILE_ROWS;
        listTiles(
          table,
          first,
          count,
          tilesX,
          tilesY,
          square,
          firstColumn(kind, usedWidth, side),
          firstRow(kind, usedHeight, side),
          side,
          input,
          inputImage,
          inputRow,
          inputPixel,
          output,
          outputImage,
          outputRow,
          outputPixel,
          argmax,
          height,
          width,
        );
        for (let i = 0; i < fours; i++) {
          transformTiles(
            table,
            i * TILE_ROWS,
            count - 1,
            inputRow,
            inputPixel,
            points,
            down,
            across,
            transformed + <usize>i * fourBytes,
            inputStep,
            four,
            scratch,
          );
        }
      }

      const group = item - block * groups;
      const lastPanel = (panels * (group + 1)) / groups;
      for (let panel = (panels * group) / groups; panel < lastPanel;) {
        const some = WIDE && panel + 1 < lastPanel ? 2 : 1;
        const u = filter + <usize>panel * filterPanel;
        multiplyTiles(
          transformed,
          inputStep,
          fours,
          u,
          inputs,
          some,
          points,
          down,
          across,
          products,
          panelBytes,
        );
        for (let i = 0; i < some; i++) {
          const at = (<usize>panel) << 5;
          storeTiles(
            products + <usize>i * panelBytes,
            count,
            table,
            rows,
            columns,
            taps,
            points,
            square,
            at,
            bias ? bias + at : zero,
            floor,
            outputRow,
            outputPixel,
            argmax,
            winnersRow,
            scratch,
          );
          panel++;
        }
      }
    }
  }
}

/** Where, of `all`, the share of those begins that come after `done` of so many items. */
function share(all: i32, done: i32, items: i32): i32 {
  return <i32>((<i64>all * done) / items);
}

/**
 * Notes for some tiles of a kind where they come from and go to, and where their winners go.
 * @param square        how many tiles are beside and below one another that follow one another
 * @param x0,y0         the first column and row of the tiles of this kind
 * @param argmax        0, or where the winners of a 2×2 pooling go: `output` is then the pooling's
 * @param height,width  of the output, before it is pooled
 */
function listTiles(
  table: usize,
  first: i32,
  count: i32,
  tilesX: i32,
  tilesY: i32,
  square: i32,
  x0: i32,
  y0: i32,
  side: i32,
  input: usize,
  inputImage: usize,
  inputRow: usize,
  inputPixel: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  outputPixel: usize,
  argmax: usize,
  height: i32,
  width: i32,
): void {
  const pooled = argmax ? 1 : 0;
  const squaresX = tilesX / square;
  const squaresY = tilesY / square;
  for (let i = first; i < first + count; i++) {
    const squares = i / (square * square);
    const tile = i - squares * square * square;
    const line = squares / squaresX;
    const image = line / squaresY;
    const x = x0 + ((squares - line * squaresX) * square + (tile % square)) * side;
    const y = y0 + ((line - image * squaresY) * square + tile / square) * side;
    const from = <usize>y * inputRow + <usize>x * inputPixel;
    store<usize>(table, input + <usize>image * inputImage + from);
    const toY = y >> pooled;
    const toX = x >> pooled;
    const to = <usize>toY * outputRow + <usize>toX * outputPixel;
    store<usize>(table, output + <usize>image * outputImage + to, 4);
    const winner = (image * (height >> 1) + toY) * (width >> 1) + toX;
    store<usize>(table, argmax + <usize>winner * outputPixel, 8);
    table += TABLE_ENTRY;
  }
}

/** Transforms the inputs of four tiles of the table: [points²][inputs][4 tiles], frequencies `step` bytes apart. */
function transformTiles(
  table: usize,
  first: i32,
  last: i32,
  row: usize,
  pixel: usize,
  points: i32,
  down: i32,
  across: i32,
  to: usize,
  step: usize,
  four: usize,
  scratch: usize,
): void {
  const whole = points != SEVEN_POINTS && down == points && across == points;
  const frequencies = points * points;
  const vector: usize = WIDE ? 32 : 16;
  const fourStep = vector * TILE_ROWS;
  for (let c: usize = 0; c < pixel; c += vector) {
    for (let t = 0; t < TILE_ROWS; t++) {
      const from = load<usize>(table + <usize>min(first + t, last) * TABLE_ENTRY) + c;
      const at = four + <usize>t * vector;
      if (WIDE && whole) {
        transformWideInput(from, row, pixel, at, fourStep, scratch);
        continue;
      }
      for (let half: usize = 0; half < vector; half += 16) {
        transformTileInput(from + half, row, pixel, at + half, fourStep, points, down, across, scratch);
      }
    }
    for (let half: usize = 0; half < vector; half += 16) {
      transposeFour(four + half, vector, frequencies, to + ((c + half) << 2), step);
    }
  }
}

/**
 * The products of tiles, four by four, with one panel of the filter, or two: [panels][fours][points²][4 tiles][8], those of the
 * frequencies that tiles of down×across points have.
 */
function multiplyTiles(
  transformed: usize,
  inputStep: usize,
  fours: i32,
  u: usize,
  inputs: i32,
  panels: i32,
  points: i32,
  down: i32,
  across: i32,
  products: usize,
  panelBytes: usize,
): void {
  const fourBytes = (<usize>inputs) << 4;
  const filterStep = (<usize>inputs) << 5;
  const filterPanel = <usize>(points * points) * filterStep;
  const productBytes = <usize>(points * points) * TILE_BYTES;
  for (let i = 0; i < down * across; i++) {
    const y = i / across;
    const frequency = <usize>(
      (points * frequencyAt(y, down, points) + frequencyAt(i - y * across, across, points))
    );
    const b = u + frequency * filterStep;
    let v = transformed + frequency * inputStep;
    let m = products + frequency * TILE_BYTES;
    for (let i = 0; i < fours; i++) {
      if (WIDE && panels > 1) multiplyTwoPanels(v, b, filterPanel, inputs, m, panelBytes);
      else multiplyFreshTile(v, b, inputs, m);
      v += fourBytes;
      m += productBytes;
    }
  }
}

/** Transforms the products of a panel back, into the eight output channels that are `channel` bytes into a pixel. */
function storeTiles(
  products: usize,
  count: i32,
  table: usize,
  rows: i32,
  columns: i32,
  taps: i32,
  points: i32,
  square: i32,
  channel: usize,
  bias: usize,
  floor: f32,
  row: usize,
  pixel: usize,
  argmax: usize,
  winnersRow: usize,
  scratch: usize,
): void {
  const whole = rows == SIDE && columns == SIDE;
  const productBytes = <usize>(points * points) * TILE_BYTES;
  for (let i = 0; i < count; i += square * square) {
    const from = products + <usize>(i >> 2) * productBytes + ((<usize>(i & 3)) << 5);
    const to = load<usize>(table, 4) + channel;
    const winners = load<usize>(table, 8) + channel;
    table += <usize>(square * square) * TABLE_ENTRY;
    if (WIDE && whole) {
      if (argmax) {
        storeWidePooledOutput(from, bias, floor, to, row, pixel, winners, winnersRow, scratch);
      } else {
        storeWideOutput(from, bias, floor, to, row, pixel, scratch);
      }
      continue;
    }
    for (let half: usize = 0; half < 32; half += 16) {
      const m = from + half;
      const start = v128.load(bias + half);
      const at = to + half;
      const w = winners + half;
      if (points == SEVEN_POINTS && argmax)
        storePooledOutputOfSeven(m, square, start, floor, at, row, pixel, w, winnersRow, scratch);
      else if (points == SEVEN_POINTS) storeOutputOfSeven(m, start, floor, at, row, pixel, scratch);
      else if (whole && argmax) storePooledOutput(m, start, floor, at, row, pixel, w, winnersRow, scratch);
      else if (whole) storeOutput(m, start, floor, at, row, pixel, scratch);
      else if (!argmax) storeEdgeOutput(m, start, floor, at, row, pixel, rows, columns, taps, scratch);
      else
        storePooledEdgeOutput(m, start, floor, at, row, pixel, rows, columns, taps, w, winnersRow, scratch);
    }
  }
}

/**
 * Four channels of [frequencies][4 tiles][channels] to [frequencies][4 channels][4 tiles], the latter `step` bytes apart.
 * @param vector  bytes of the channels
 */
function transposeFour(from: usize, vector: usize, frequencies: i32, to: usize, step: usize): void {
  const end = from + <usize>(frequencies * TILE_ROWS) * vector;
  while (from < end) {
    const r0 = v128.load(from);
    const r1 = v128.load(from + vector);
    const r2 = v128.load(from + 2 * vector);
    const r3 = v128.load(from + 3 * vector);
    storeTransposed(r0, r1, r2, r3, to);
    from += 4 * vector;
    to += step;
  }
}
