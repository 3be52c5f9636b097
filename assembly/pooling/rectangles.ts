/** Means over rectangles of pixels and values spread over pixels, all channels of a pixel at once, NHWC. */

/**
 * to[c] = Σ of a rectangle of pixels / divisor, for `count` rectangles and neighbouring results. Row-major order.
 * @param from     the first pixel of the first rectangle
 * @param step     bytes from one rectangle to the next
 * @param row      bytes from one row to the next
 * @param pixel    bytes of a pixel, in both memories
 */
export function averageRectangles(
  from: usize,
  step: usize,
  row: usize,
  rows: i32,
  pixel: usize,
  columns: i32,
  divisor: f32,
  to: usize,
  count: i32,
): void {
  const wideBytes = pixel & ~63;
  const vectorBytes = pixel & ~15;
  const last = row * <usize>rows;
  const across = pixel * <usize>columns;
  for (let i = 0; i < count; i++) {
    let c: usize = 0;
    for (; c < wideBytes; c += 64) averageWide(from + c, row, last, pixel, across, divisor, to + c);
    for (; c < vectorBytes; c += 16) averageVector(from + c, row, last, pixel, across, divisor, to + c);
    if (c < pixel && pixel >= 16) {
      // The last four channels, of which some are written twice, the same both times.
      const back = pixel - 16;
      averageVector(from + back, row, last, pixel, across, divisor, to + back);
      c = pixel;
    }
    for (; c < pixel; c += 4) {
      let sum: f32 = 0;
      const first = from + c;
      for (let y = first; y < first + last; y += row) {
        for (let at = y; at < y + across; at += pixel) sum += load<f32>(at);
      }
      store<f32>(to + c, sum / divisor);
    }
    from += step;
    to += pixel;
  }
}

/** Sixteen channels. @param last,across  bytes of the rectangle from its first row to beyond its last, and likewise columns */
// @ts-ignore: decorator
@inline
function averageWide(
  first: usize,
  row: usize,
  last: usize,
  pixel: usize,
  across: usize,
  divisor: f32,
  to: usize,
): void {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  const bottom = first + last;
  for (let y = first; y < bottom; y += row) {
    const right = y + across;
    for (let at = y; at < right; at += pixel) {
      sum0 = f32x4.add(sum0, v128.load(at));
      sum1 = f32x4.add(sum1, v128.load(at, 16));
      sum2 = f32x4.add(sum2, v128.load(at, 32));
      sum3 = f32x4.add(sum3, v128.load(at, 48));
    }
  }
  const divisors = f32x4.splat(divisor);
  v128.store(to, f32x4.div(sum0, divisors));
  v128.store(to, f32x4.div(sum1, divisors), 16);
  v128.store(to, f32x4.div(sum2, divisors), 32);
  v128.store(to, f32x4.div(sum3, divisors), 48);
}

/** Four channels. */
// @ts-ignore: decorator
@inline
function averageVector(
  first: usize,
  row: usize,
  last: usize,
  pixel: usize,
  across: usize,
  divisor: f32,
  to: usize,
): void {
  let sum = f32x4.splat(0);
  const bottom = first + last;
  for (let y = first; y < bottom; y += row) {
    const right = y + across;
    for (let at = y; at < right; at += pixel) sum = f32x4.add(sum, v128.load(at));
  }
  v128.store(to, f32x4.div(sum, f32x4.splat(divisor)));
}

/**
 * Writes `count` neighbouring pixels, divided, each to `repeat` neighbouring pixels.
 * @param pixel  bytes of a pixel, in both memories
 * @param step   bytes from one pixel's copies to the next pixel's
 */
export function spreadPixels(
  from: usize,
  pixel: usize,
  divisor: f32,
  to: usize,
  step: usize,
  repeat: i32,
  count: i32,
): void {
  const vectorBytes = pixel & ~15;
  const divisors = f32x4.splat(divisor);
  const copies = pixel * <usize>repeat;
  for (let i = 0; i < count; i++) {
    let c: usize = 0;
    if (repeat == 2) {
      const second = to + pixel;
      for (; c < vectorBytes; c += 16) {
        const value = f32x4.div(v128.load(from + c), divisors);
        v128.store(to + c, value);
        v128.store(second + c, value);
      }
    }
    for (; c < vectorBytes; c += 16) {
      const value = f32x4.div(v128.load(from + c), divisors);
      const end = to + copies;
      for (let at = to; at < end; at += pixel) v128.store(at + c, value);
    }
    for (; c < pixel; c += 4) {
      const value = load<f32>(from + c) / divisor;
      const end = to + copies;
      for (let at = to; at < end; at += pixel) store<f32>(at + c, value);
    }
    from += pixel;
    to += step;
  }
}
