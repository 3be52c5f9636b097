/** Sums of pixels, all channels at once: in the order of memory, so that it streams. */

/**
 * to[c] += Σ of a row's pixels, which are first added up in fours
 * @param pixel  bytes of a pixel
 */
export function addPixels(from: usize, width: i32, pixel: usize, to: usize): void {
  const vectorBytes = pixel & ~15;
  let x = 0;
  for (; x + 4 <= width; x += 4) {
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      const at1 = from + c + pixel;
      const at2 = at1 + pixel;
      const low = f32x4.add(v128.load(from + c), v128.load(at1));
      const high = f32x4.add(v128.load(at2), v128.load(at2 + pixel));
      v128.store(to + c, f32x4.add(v128.load(to + c), f32x4.add(low, high)));
    }
    for (; c < pixel; c += 4) {
      const at1 = from + c + pixel;
      const at2 = at1 + pixel;
      const low = load<f32>(from + c) + load<f32>(at1);
      const high = load<f32>(at2) + load<f32>(at2 + pixel);
      store<f32>(to + c, load<f32>(to + c) + (low + high));
    }
    from += pixel << 2;
  }
  for (; x < width; x++) {
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      v128.store(to + c, f32x4.add(v128.load(to + c), v128.load(from + c)));
    }
    for (; c < pixel; c += 4) store<f32>(to + c, load<f32>(to + c) + load<f32>(from + c));
    from += pixel;
  }
}
