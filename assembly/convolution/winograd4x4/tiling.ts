/**
 * How the output of an image is cut into tiles of side×side, and into smaller ones at its lower and right edge, where it does not
 * divide: four kinds of tiles, each of one size, that are worked through one kind after the other. `side` is a power of two.
 */
import { POINTS } from './transforms';

export const KINDS: i32 = 4;

/** Outputs along one side of a tile, for a kernel of taps×taps. */
export function sideFor(taps: i32): i32 {
  return POINTS + 1 - taps;
}

/** Rows of a tile of a kind. @param height  of the image */
export function tileRows(kind: i32, height: i32, side: i32): i32 {
  return kind & 1 ? height & (side - 1) : side;
}

/** Columns of a tile of a kind. @param width  of the image */
export function tileColumns(kind: i32, width: i32, side: i32): i32 {
  return kind & 2 ? width & (side - 1) : side;
}

/** How many tiles of a kind there are below one another. */
export function tilesDown(kind: i32, height: i32, side: i32): i32 {
  return kind & 1 ? <i32>((height & (side - 1)) != 0) : height / side;
}

/** How many tiles of a kind there are beside one another. */
export function tilesAcross(kind: i32, width: i32, side: i32): i32 {
  return kind & 2 ? <i32>((width & (side - 1)) != 0) : width / side;
}

/** The first row of the tiles of a kind. */
export function firstRow(kind: i32, height: i32, side: i32): i32 {
  return kind & 1 ? height & ~(side - 1) : 0;
}

/** The first column of the tiles of a kind. */
export function firstColumn(kind: i32, width: i32, side: i32): i32 {
  return kind & 2 ? width & ~(side - 1) : 0;
}

/** Number i of the frequencies along a side of a tile with so many points: the last is always ∞, the others are the first. */
export function frequencyAt(i: i32, points: i32): i32 {
  return i == points - 1 ? POINTS - 1 : i;
}
