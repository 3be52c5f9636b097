/**
 * How an image is cut into tiles of 4×4, and into smaller ones at its lower and right edge, where it does not divide: four kinds
 * of tiles, each of one size, that are worked through one kind after the other.
 */
import { SIDE } from './transforms';

export const KINDS: i32 = 4;

/** Rows of a tile of a kind. @param height  of the image */
export function tileRows(kind: i32, height: i32): i32 {
  return kind & 1 ? height & (SIDE - 1) : SIDE;
}

/** Columns of a tile of a kind. @param width  of the image */
export function tileColumns(kind: i32, width: i32): i32 {
  return kind & 2 ? width & (SIDE - 1) : SIDE;
}

/** How many tiles of a kind there are below one another. */
export function tilesDown(kind: i32, height: i32): i32 {
  return kind & 1 ? <i32>((height & (SIDE - 1)) != 0) : height / SIDE;
}

/** How many tiles of a kind there are beside one another. */
export function tilesAcross(kind: i32, width: i32): i32 {
  return kind & 2 ? <i32>((width & (SIDE - 1)) != 0) : width / SIDE;
}

/** The first row of the tiles of a kind. */
export function firstRow(kind: i32, height: i32): i32 {
  return kind & 1 ? height & ~(SIDE - 1) : 0;
}

/** The first column of the tiles of a kind. */
export function firstColumn(kind: i32, width: i32): i32 {
  return kind & 2 ? width & ~(SIDE - 1) : 0;
}

/**
 * Number i of the frequencies along a side of a tile with `size` outputs, which has size + 2 of them: ∞ is always the last of
 * six, and of the others the first are taken.
 */
export function frequencyAt(i: i32, size: i32): i32 {
  return i > size ? SIDE + 1 : i;
}
