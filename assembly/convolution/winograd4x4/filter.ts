/** The filters of correlate.ts, transformed and packed once a step. */
import { TILE_COLUMNS } from '../../gemm/gemm';
import { FREQUENCIES, TRANSFORM_BYTES, transformFilter } from './transforms';

/** How many inputs are transformed before they are written: lines of 64 bytes as a whole, since few fit in a set. */
const INPUTS: i32 = 4;
/** Bytes of a frequency of these inputs. */
const RUN: usize = 128;
/** Bytes of the 3×3 taps of 8 channels. */
const TAPS: usize = 288;

/**
 * Transforms a filter into panels of 8 output channels: [outputs / 8][36][inputs][8].
 * @param filter   [3, 3, inputs, outputs]; with `flip`, [3, 3, outputs, inputs] turned around, for the gradient of the
 *                 input, whose inputs are the layer's outputs
 * @param scratch  576 + 288 + 4,608 bytes
 * @param begin,end  a share of the panels
 */
export function winogradFilter(
  filter: usize,
  inputs: i32,
  outputs: i32,
  flip: i32,
  panels: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(
    begin >= 0 && begin <= end && end <= outputs / TILE_COLUMNS && (inputs & 7) == 0 && (outputs & 7) == 0,
  );
  const taps = scratch + TRANSFORM_BYTES;
  const block = taps + TAPS;
  const frequencyBytes = (<usize>inputs) << 5;
  let to = panels + <usize>(begin * FREQUENCIES) * frequencyBytes;
  for (let panel = begin; panel < end; panel++) {
    for (let input = 0; input < inputs; input += INPUTS) {
      for (let i = 0; i < INPUTS; i++) {
        if (flip) gatherFlipped(filter, inputs, outputs, input + i, panel * TILE_COLUMNS, taps);
        else gather(filter, inputs, outputs, input + i, panel * TILE_COLUMNS, taps);
        transformFilter(taps, block + ((<usize>i) << 5), RUN, scratch);
      }
      copyRuns(block, to + ((<usize>input) << 5), frequencyBytes);
    }
    to += <usize>FREQUENCIES * frequencyBytes;
  }
}

/** The taps of an input channel and eight outputs: [3][3][8]. */
function gather(filter: usize, inputs: i32, outputs: i32, input: i32, output: i32, to: usize): void {
  const tapBytes = (<usize>(inputs * outputs)) << 2;
  let from = filter + ((<usize>(input * outputs + output)) << 2);
  for (const end = to + TAPS; to < end; to += 32) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += tapBytes;
  }
}

/** As gather, of [3, 3, outputs, inputs], from the last tap to the first. */
function gatherFlipped(filter: usize, inputs: i32, outputs: i32, input: i32, output: i32, to: usize): void {
  const tapBytes = (<usize>(inputs * outputs)) << 2;
  const row = (<usize>inputs) << 2;
  let from = filter + 8 * tapBytes + <usize>output * row + ((<usize>input) << 2);
  for (const end = to + TAPS; to < end; to += 32) {
    for (let j: usize = 0; j < <usize>TILE_COLUMNS; j++) {
      store<f32>(to + (j << 2), load<f32>(from + j * row));
    }
    from -= tapBytes;
  }
}

/** [36][4 inputs][8] to frequencies `step` bytes apart. */
function copyRuns(from: usize, to: usize, step: usize): void {
  for (const end = from + <usize>FREQUENCIES * RUN; from < end; from += RUN) {
    for (let i: usize = 0; i < RUN; i += 32) {
      v128.store(to + i, v128.load(from + i));
      v128.store(to + i, v128.load(from + i, 16), 16);
    }
    to += step;
  }
}
