import { transformEdgeInput } from './edges';
import { SEVEN_POINTS, transformInputOfSeven } from './sevenOutputs';
import { transformInput } from './transforms';

/**
 * Bᵀ d B of a tile of any kind, of down×across of its points; see transformInput.
 * @param points   6 or 9: of whole tiles, along a side
 * @param scratch  1,344 bytes
 */
export function transformTileInput(
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
  toStep: usize,
  points: i32,
  down: i32,
  across: i32,
  scratch: usize,
): void {
  if (points == SEVEN_POINTS) transformInputOfSeven(from, row, pixel, to, toStep, scratch);
  else if (down == points && across == points) transformInput(from, row, pixel, to, toStep, scratch);
  else transformEdgeInput(from, row, pixel, to, toStep, down, across, scratch);
}
