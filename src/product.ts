/** All multiplied: how many numbers there are in a tensor of such a shape. */
export function product(extents: readonly number[]): number {
  return extents.reduce((total, extent) => total * extent, 1);
}
