/** What lies beyond the border of an image. */

/** How it is continued; src/nn/operations/augmentation.ts has the same numbers. */
export const CONSTANT: i32 = 0;
export const NEAREST: i32 = 1;
export const WRAP: i32 = 2;
/** The border is doubled: c b a | a b c. */
export const REFLECT: i32 = 3;
/** It is not: c b | a b c. */
export const MIRROR: i32 = 4;

/** The row or the column of `extent` that stands at `index`; −1 for the constant. */

export function within(index: i32, extent: i32, mode: i32): i32 {
  return <u32>index < <u32>extent ? index : beyond(index, extent, mode);
}

function beyond(index: i32, extent: i32, mode: i32): i32 {
  if (mode == CONSTANT) return -1;
  if (mode == NEAREST) return index < 0 ? 0 : extent - 1;
  if (mode == WRAP) return modulo(index, extent);
  const once = i32(mode == MIRROR);
  if (extent == once) return 0;
  const period = 2 * (extent - once);
  const place = modulo(index, period);
  return place < extent ? place : period - 1 + once - place;
}

function modulo(index: i32, period: i32): i32 {
  const rest = index % period;
  return rest < 0 ? rest + period : rest;
}
