import { larger, multiplyAdd } from '../simd';

/**
 * Two tiles one below the other, each as `multiplyTile` and with the same bits. Its sixteen sums spill, unless V8 makes
 * eight registers of 256 bits of them: for the wide builds only.
 * @param aStep  bytes from one panel of A to the other
 */
export function multiplyTwoTiles(
  a: usize,
  aStep: usize,
  b: usize,
  depth: i32,
  seed: usize,
  lowerSeed: usize,
  seedStride: usize,
  c: usize,
  lower: usize,
  cStride: usize,
  floor: f32,
): void {
  let c00 = v128.load(seed);
  let c01 = v128.load(seed, 16);
  seed += seedStride;
  let c10 = v128.load(seed);
  let c11 = v128.load(seed, 16);
  seed += seedStride;
  let c20 = v128.load(seed);
  let c21 = v128.load(seed, 16);
  seed += seedStride;
  let c30 = v128.load(seed);
  let c31 = v128.load(seed, 16);
  let c40 = v128.load(lowerSeed);
  let c41 = v128.load(lowerSeed, 16);
  lowerSeed += seedStride;
  let c50 = v128.load(lowerSeed);
  let c51 = v128.load(lowerSeed, 16);
  lowerSeed += seedStride;
  let c60 = v128.load(lowerSeed);
  let c61 = v128.load(lowerSeed, 16);
  lowerSeed += seedStride;
  let c70 = v128.load(lowerSeed);
  let c71 = v128.load(lowerSeed, 16);
  const end = b + ((<usize>depth) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    const a4 = v128.load32_splat(a + aStep);
    c40 = multiplyAdd(a4, b0, c40);
    c41 = multiplyAdd(a4, b1, c41);
    const a5 = v128.load32_splat(a + aStep, 4);
    c50 = multiplyAdd(a5, b0, c50);
    c51 = multiplyAdd(a5, b1, c51);
    const a6 = v128.load32_splat(a + aStep, 8);
    c60 = multiplyAdd(a6, b0, c60);
    c61 = multiplyAdd(a6, b1, c61);
    const a7 = v128.load32_splat(a + aStep, 12);
    c70 = multiplyAdd(a7, b0, c70);
    c71 = multiplyAdd(a7, b1, c71);
    a += 16;
    b += 32;
  }
  const low = f32x4.splat(floor);
  v128.store(c, larger(c00, low));
  v128.store(c, larger(c01, low), 16);
  c += cStride;
  v128.store(c, larger(c10, low));
  v128.store(c, larger(c11, low), 16);
  c += cStride;
  v128.store(c, larger(c20, low));
  v128.store(c, larger(c21, low), 16);
  c += cStride;
  v128.store(c, larger(c30, low));
  v128.store(c, larger(c31, low), 16);
  v128.store(lower, larger(c40, low));
  v128.store(lower, larger(c41, low), 16);
  lower += cStride;
  v128.store(lower, larger(c50, low));
  v128.store(lower, larger(c51, low), 16);
  lower += cStride;
  v128.store(lower, larger(c60, low));
  v128.store(lower, larger(c61, low), 16);
  lower += cStride;
  v128.store(lower, larger(c70, low));
  v128.store(lower, larger(c71, low), 16);
}
