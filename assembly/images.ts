/** Images as the host hands them over, into the zero-padded layout that the first layer reads. */

/**
 * Bytes 0…255 to float32, divided by a number and rounded once: by 255, they become 0…1 as `x / 255` in other frameworks; by 1, they stay.
 * @param source   [batch, height, length] u8, compact, length = width · channels
 * @param output   [batch, height, length] float32; strides in bytes
 * @param begin,end  a share of the batch · height rows
 */
export function bytesToFloats(
  source: usize,
  height: i32,
  length: i32,
  divisor: f32,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const divisors = f32x4.splat(divisor);
  for (let row = begin; row < end; row++) {
    const image = row / height;
    let from = source + <usize>(row * length);
    let to = output + <usize>image * outputImage + <usize>(row - image * height) * outputRow;
    let left = length;
    for (; left >= 4; left -= 4) {
      const bytes = i16x8.extend_low_i8x16_u(v128.load_zero<u32>(from));
      const integers = i32x4.extend_low_i16x8_u(bytes);
      v128.store(to, f32x4.div(f32x4.convert_i32x4_u(integers), divisors));
      from += 4;
      to += 16;
    }
    for (; left > 0; left--) {
      store<f32>(to, <f32>load<u8>(from) / divisor);
      from += 1;
      to += 4;
    }
  }
}

/**
 * float32 as they are.
 * @param source  [batch, height, length] float32, compact
 * @param output  [batch, height, length] float32; strides in bytes
 * @param begin,end  a share of the batch · height rows
 */
export function copyFloats(
  source: usize,
  height: i32,
  length: i32,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const bytes = (<usize>length) << 2;
  for (let row = begin; row < end; row++) {
    const image = row / height;
    const to = output + <usize>image * outputImage + <usize>(row - image * height) * outputRow;
    memory.copy(to, source + <usize>row * bytes, bytes);
  }
}
