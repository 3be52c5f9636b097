/** Numbers that a program brings along. */

/**
 * Writes the same four numbers again and again.
 * @param output     float32
 * @param begin,end  a share of the vectors of four
 */
export function storeConstants(output: usize, a: f32, b: f32, c: f32, d: f32, begin: i32, end: i32): void {
  assert(begin >= 0 && begin <= end);
  const values = f32x4(a, b, c, d);
  for (let i = begin; i < end; i++) v128.store(output + ((<usize>i) << 4), values);
}
