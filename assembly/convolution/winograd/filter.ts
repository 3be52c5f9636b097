/** The filters of correlate.ts, transformed and packed once a step. */
import { TILE_COLUMNS } from '../../gemm/gemm';
import { transformFilterOfFiveTaps } from './fiveTaps';
import { SEVEN_BYTES, SEVEN_POINTS, transformFilterOfSeven } from './sevenOutputs';
import { transformFilter } from './transforms';

/** How many inputs are transformed before they are written: lines of 64 bytes as a whole, since few fit in a set. */
const INPUTS: i32 = 4;
/** Bytes of a frequency of these inputs. */
const RUN: usize = 128;
/** Bytes of a tap of 8 channels. */
const TAP: usize = 32;

/**
 * Transforms a filter into panels of 8 output channels: [outputs / 8][points²][inputs][8].
 * @param filter   [taps, taps, inputs, outputs]; with `flip`, [taps, taps, outputs, inputs] turned around, for the gradient of
 *                 the input, whose inputs are the layer's outputs
 * @param taps     3 or 5: of the kernel, along a side
 * @param points   6 or 9, as winogradCorrelate has it
 * @param scratch  1,344 + 32 · taps² + 128 · points² bytes
 * @param begin,end  a share of the panels
 */
export function winogradFilter(
  filter: usize,
  inputs: i32,
  outputs: i32,
  taps: i32,
  points: i32,
  flip: i32,
  panels: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  assert(
    begin >= 0 && begin <= end && end <= outputs / TILE_COLUMNS && (inputs & 7) == 0 && (outputs & 7) == 0,
  );
  const tapCount = <usize>(taps * taps);
  const frequencies = <usize>(points * points);
  const gathered = scratch + SEVEN_BYTES;
  const block = gathered + tapCount * TAP;
  const frequencyBytes = (<usize>inputs) << 5;
  let to = panels + <usize>begin * frequencies * frequencyBytes;
  for (let panel = begin; panel < end; panel++) {
    for (let input = 0; input < inputs; input += INPUTS) {
      for (let i = 0; i < INPUTS; i++) {
        const output = panel * TILE_COLUMNS;
        if (flip) gatherFlipped(filter, tapCount, inputs, outputs, input + i, output, gathered);
        else gather(filter, tapCount, inputs, outputs, input + i, output, gathered);
        const to = block + ((<usize>i) << 5);
        if (points == SEVEN_POINTS) transformFilterOfSeven(gathered, to, RUN, scratch);
        else if (taps == 3) transformFilter(gathered, to, RUN, scratch);
        else transformFilterOfFiveTaps(gathered, to, RUN, scratch);
      }
      copyRuns(block, frequencies, to + ((<usize>input) << 5), frequencyBytes);
    }
    to += frequencies * frequencyBytes;
  }
}

/** The taps of an input channel and eight outputs: [taps][8]. */
function gather(
  filter: usize,
  taps: usize,
  inputs: i32,
  outputs: i32,
  input: i32,
  output: i32,
  to: usize,
): void {
  const tapBytes = (<usize>(inputs * outputs)) << 2;
  let from = filter + ((<usize>(input * outputs + output)) << 2);
  for (const end = to + taps * TAP; to < end; to += TAP) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += tapBytes;
  }
}

/** As gather, of [taps, outputs, inputs], from the last tap to the first. */
function gatherFlipped(
  filter: usize,
  taps: usize,
  inputs: i32,
  outputs: i32,
  input: i32,
  output: i32,
  to: usize,
): void {
  const tapBytes = (<usize>(inputs * outputs)) << 2;
  const row = (<usize>inputs) << 2;
  let from = filter + (taps - 1) * tapBytes + <usize>output * row + ((<usize>input) << 2);
  for (const end = to + taps * TAP; to < end; to += TAP) {
    for (let j: usize = 0; j < <usize>TILE_COLUMNS; j++) {
      store<f32>(to + (j << 2), load<f32>(from + j * row));
    }
    from -= tapBytes;
  }
}

/** [frequencies][4 inputs][8] to frequencies `step` bytes apart. */
function copyRuns(from: usize, frequencies: usize, to: usize, step: usize): void {
  for (const end = from + frequencies * RUN; from < end; from += RUN) {
    for (let i: usize = 0; i < RUN; i += 32) {
      v128.store(to + i, v128.load(from + i));
      v128.store(to + i, v128.load(from + i, 16), 16);
    }
    to += step;
  }
}
