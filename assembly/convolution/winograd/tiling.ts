/**
 * How the output of an image is cut into tiles of side×side, and into smaller ones at its lower and right edge, where it does not
 * divide: four kinds of tiles, each of one size, that are worked through one kind after the other.
 */
export const KINDS: i32 = 4;

/** Outputs along one side of a tile of so many points, for a kernel of taps×taps. */
export function sideFor(points: i32, taps: i32): i32 {
  return points + 1 - taps;
}

/** Rows of a tile of a kind. @param height  of the image */
export function tileRows(kind: i32, height: i32, side: i32): i32 {
  return kind & 1 ? height % side : side;
}

/** Columns of a tile of a kind. @param width  of the image */
export function tileColumns(kind: i32, width: i32, side: i32): i32 {
  return kind & 2 ? width % side : side;
}

/** How many tiles of a kind there are below one another. */
export function tilesDown(kind: i32, height: i32, side: i32): i32 {
  return kind & 1 ? <i32>(height % side != 0) : height / side;
}

/** How many tiles of a kind there are beside one another. */
export function tilesAcross(kind: i32, width: i32, side: i32): i32 {
  return kind & 2 ? <i32>(width % side != 0) : width / side;
}

/** The first row of the tiles of a kind. */
export function firstRow(kind: i32, height: i32, side: i32): i32 {
  return kind & 1 ? height - (height % side) : 0;
}

/** The first column of the tiles of a kind. */
export function firstColumn(kind: i32, width: i32, side: i32): i32 {
  return kind & 2 ? width - (width % side) : 0;
}

/** Number i of `some` frequencies along a side of a tile, of all `points`: the last is always ∞, the others are the first. */
export function frequencyAt(i: i32, some: i32, points: i32): i32 {
  return i == some - 1 ? points - 1 : i;
}
