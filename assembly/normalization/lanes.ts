/** Helpers of sums in float64, of coefficients that repeat with the channels, and of rows. */

/** The first two lanes in float64. */
// @ts-ignore: decorator
@inline
export function lowDoubles(value: v128): v128 {
  return f64x2.promote_low_f32x4(value);
}

/** The last two lanes in float64. */
// @ts-ignore: decorator
@inline
export function highDoubles(value: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(value, value, 1, 1));
}

/** Four values from `offset` on of those that repeat after `period`, both in bytes. */
export function rotated(values: usize, period: usize, offset: usize): v128 {
  let vector = f32x4.splat(load<f32>(values + (offset % period)));
  vector = f32x4.replace_lane(vector, 1, load<f32>(values + ((offset + 4) % period)));
  vector = f32x4.replace_lane(vector, 2, load<f32>(values + ((offset + 8) % period)));
  return f32x4.replace_lane(vector, 3, load<f32>(values + ((offset + 12) % period)));
}

/** Which lanes of a pixel's last four channels are in no whole vector before them: all if the pixel is whole vectors. */
export function newLanes(pixel: usize): v128 {
  const old = -(<i32>pixel >> 2) & 3;
  return i32x4.gt_s(i32x4(1, 2, 3, 4), i32x4.splat(old));
}

/** Adds one to three doubles to those in memory. */
export function addDoubles(to: usize, low: v128, high: v128, count: i32): void {
  store<f64>(to, load<f64>(to) + f64x2.extract_lane(low, 0));
  if (count > 1) store<f64>(to, load<f64>(to, 8) + f64x2.extract_lane(low, 1), 8);
  if (count > 2) store<f64>(to, load<f64>(to, 16) + f64x2.extract_lane(high, 0), 16);
}

/** Where a row of a view's batch · height starts. */
// @ts-ignore: decorator
@inline
export function rowAddress(view: usize, imageBytes: usize, rowBytes: usize, height: i32, row: i32): usize {
  const image = row / height;
  return view + <usize>image * imageBytes + <usize>(row - image * height) * rowBytes;
}
