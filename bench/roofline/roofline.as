/**
 * What one core can do at best: AssemblyScript, compiled when the benchmark runs (see roofline.ts).
 */

// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/**
 * Multiply-adds in registers only: twelve sums that do not depend on each other, enough to keep two units busy that
 * take four cycles for a fused multiply-add, or six for a multiplication and an addition.
 *
 * Each sum goes to b / (1 − a), so nothing overflows or becomes denormal, and none can be computed in advance.
 *
 * @returns the total, so that the work has a use
 */
export function multiplyAdds(rounds: i32, a: f32, b: f32): f32 {
  const x = f32x4.splat(a);
  const y = f32x4.splat(b);
  let c0 = f32x4.splat(0.1);
  let c1 = f32x4.splat(0.2);
  let c2 = f32x4.splat(0.3);
  let c3 = f32x4.splat(0.4);
  let c4 = f32x4.splat(0.5);
  let c5 = f32x4.splat(0.6);
  let c6 = f32x4.splat(0.7);
  let c7 = f32x4.splat(0.8);
  let c8 = f32x4.splat(0.9);
  let c9 = f32x4.splat(1.1);
  let c10 = f32x4.splat(1.2);
  let c11 = f32x4.splat(1.3);
  for (let i = 0; i < rounds; i++) {
    c0 = multiplyAdd(c0, x, y);
    c1 = multiplyAdd(c1, x, y);
    c2 = multiplyAdd(c2, x, y);
    c3 = multiplyAdd(c3, x, y);
    c4 = multiplyAdd(c4, x, y);
    c5 = multiplyAdd(c5, x, y);
    c6 = multiplyAdd(c6, x, y);
    c7 = multiplyAdd(c7, x, y);
    c8 = multiplyAdd(c8, x, y);
    c9 = multiplyAdd(c9, x, y);
    c10 = multiplyAdd(c10, x, y);
    c11 = multiplyAdd(c11, x, y);
  }
  c0 = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(c4, c5));
  c6 = f32x4.add(f32x4.add(f32x4.add(c6, c7), f32x4.add(c8, c9)), f32x4.add(c10, c11));
  const sum = f32x4.add(c0, c6);
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    f32x4.extract_lane(sum, 2) +
    f32x4.extract_lane(sum, 3)
  );
}

/**
 * The same with twenty sums, which V8 can join to ten registers of 256 bits: it begins from pairs that are stored side
 * by side, so the sums are.
 */
export function wideMultiplyAdds(rounds: i32, a: f32, b: f32, to: usize): void {
  const x = f32x4.splat(a);
  const y = f32x4.splat(b);
  let c0 = f32x4(0.1, 0.1, 0.1, 0.1);
  let c1 = f32x4(0.2, 0.2, 0.2, 0.2);
  let c2 = f32x4(0.3, 0.3, 0.3, 0.3);
  let c3 = f32x4(0.4, 0.4, 0.4, 0.4);
  let c4 = f32x4(0.5, 0.5, 0.5, 0.5);
  let c5 = f32x4(0.6, 0.6, 0.6, 0.6);
  let c6 = f32x4(0.7, 0.7, 0.7, 0.7);
  let c7 = f32x4(0.8, 0.8, 0.8, 0.8);
  let c8 = f32x4(0.9, 0.9, 0.9, 0.9);
  let c9 = f32x4(1.0, 1.0, 1.0, 1.0);
  let c10 = f32x4(1.1, 1.1, 1.1, 1.1);
  let c11 = f32x4(1.2, 1.2, 1.2, 1.2);
  let c12 = f32x4(1.3, 1.3, 1.3, 1.3);
  let c13 = f32x4(1.4, 1.4, 1.4, 1.4);
  let c14 = f32x4(1.5, 1.5, 1.5, 1.5);
  let c15 = f32x4(1.6, 1.6, 1.6, 1.6);
  let c16 = f32x4(1.7, 1.7, 1.7, 1.7);
  let c17 = f32x4(1.8, 1.8, 1.8, 1.8);
  let c18 = f32x4(1.9, 1.9, 1.9, 1.9);
  let c19 = f32x4(2.0, 2.0, 2.0, 2.0);
  for (let i = 0; i < rounds; i++) {
    c0 = multiplyAdd(c0, x, y);
    c1 = multiplyAdd(c1, x, y);
    c2 = multiplyAdd(c2, x, y);
    c3 = multiplyAdd(c3, x, y);
    c4 = multiplyAdd(c4, x, y);
    c5 = multiplyAdd(c5, x, y);
    c6 = multiplyAdd(c6, x, y);
    c7 = multiplyAdd(c7, x, y);
    c8 = multiplyAdd(c8, x, y);
    c9 = multiplyAdd(c9, x, y);
    c10 = multiplyAdd(c10, x, y);
    c11 = multiplyAdd(c11, x, y);
    c12 = multiplyAdd(c12, x, y);
    c13 = multiplyAdd(c13, x, y);
    c14 = multiplyAdd(c14, x, y);
    c15 = multiplyAdd(c15, x, y);
    c16 = multiplyAdd(c16, x, y);
    c17 = multiplyAdd(c17, x, y);
    c18 = multiplyAdd(c18, x, y);
    c19 = multiplyAdd(c19, x, y);
  }
  v128.store(to, c0, 0);
  v128.store(to, c1, 16);
  v128.store(to, c2, 32);
  v128.store(to, c3, 48);
  v128.store(to, c4, 64);
  v128.store(to, c5, 80);
  v128.store(to, c6, 96);
  v128.store(to, c7, 112);
  v128.store(to, c8, 128);
  v128.store(to, c9, 144);
  v128.store(to, c10, 160);
  v128.store(to, c11, 176);
  v128.store(to, c12, 192);
  v128.store(to, c13, 208);
  v128.store(to, c14, 224);
  v128.store(to, c15, 240);
  v128.store(to, c16, 256);
  v128.store(to, c17, 272);
  v128.store(to, c18, 288);
  v128.store(to, c19, 304);
}

/** to[i] = from[i] for `bytes` bytes, a multiple of 64. */
export function copy(from: usize, to: usize, bytes: usize): void {
  const end = from + bytes;
  while (from < end) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    from += 64;
    to += 64;
  }
}

/** to[i] = a[i] + factor · b[i] for `bytes` bytes, a multiple of 32. */
export function triad(a: usize, b: usize, to: usize, bytes: usize, factor: f32): void {
  const x = f32x4.splat(factor);
  const end = a + bytes;
  while (a < end) {
    v128.store(to, multiplyAdd(v128.load(b), x, v128.load(a)));
    v128.store(to, multiplyAdd(v128.load(b, 16), x, v128.load(a, 16)), 16);
    a += 32;
    b += 32;
    to += 32;
  }
}
