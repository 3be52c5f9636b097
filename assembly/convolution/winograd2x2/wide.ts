import { storeLargestPair } from '../../pooling/window';

/**
 * Both halves of a tile of output.ts at once, with the same bits, in the order in which V8 finds pairs of vectors
 * to join: see convolution/winograd/wide.ts. For the wide builds only.
 * @param scratch  256 bytes
 */
// @ts-ignore: decorator
@inline
export function poolWideTile(m: usize, bias: usize, floor: f32, to: usize, winner: usize, scratch: usize): void {
  outputWideColumn(m, scratch);
  outputWideColumn(m + 128, scratch + 64);
  outputWideColumn(m + 256, scratch + 128);
  outputWideColumn(m + 384, scratch + 192);
  const upper0 = v128.load(scratch);
  const upper1 = v128.load(scratch, 64);
  const upper2 = v128.load(scratch, 128);
  const upper3 = v128.load(scratch, 192);
  const lower0 = v128.load(scratch, 32);
  const lower1 = v128.load(scratch, 96);
  const lower2 = v128.load(scratch, 160);
  const lower3 = v128.load(scratch, 224);
  const nextUpper0 = v128.load(scratch, 16);
  const nextUpper1 = v128.load(scratch, 80);
  const nextUpper2 = v128.load(scratch, 144);
  const nextUpper3 = v128.load(scratch, 208);
  const nextLower0 = v128.load(scratch, 48);
  const nextLower1 = v128.load(scratch, 112);
  const nextLower2 = v128.load(scratch, 176);
  const nextLower3 = v128.load(scratch, 240);
  storeLargestPair(
    f32x4.add(f32x4.add(upper0, upper1), upper2),
    f32x4.sub(f32x4.sub(upper1, upper2), upper3),
    f32x4.add(f32x4.add(lower0, lower1), lower2),
    f32x4.sub(f32x4.sub(lower1, lower2), lower3),
    v128.load(bias),
    f32x4.add(f32x4.add(nextUpper0, nextUpper1), nextUpper2),
    f32x4.sub(f32x4.sub(nextUpper1, nextUpper2), nextUpper3),
    f32x4.add(f32x4.add(nextLower0, nextLower1), nextLower2),
    f32x4.sub(f32x4.sub(nextLower1, nextLower2), nextLower3),
    v128.load(bias, 16),
    f32x4.splat(floor),
    to,
    winner,
  );
}

// @ts-ignore: decorator
@inline
function outputWideColumn(m: usize, to: usize): void {
  const m0 = v128.load(m);
  const m1 = v128.load(m, 512);
  const m2 = v128.load(m, 1024);
  const m3 = v128.load(m, 1536);
  const n0 = v128.load(m, 16);
  const n1 = v128.load(m, 528);
  const n2 = v128.load(m, 1040);
  const n3 = v128.load(m, 1552);
  v128.store(to, f32x4.add(f32x4.add(m0, m1), m2));
  v128.store(to, f32x4.add(f32x4.add(n0, n1), n2), 16);
  v128.store(to, f32x4.sub(f32x4.sub(m1, m2), m3), 32);
  v128.store(to, f32x4.sub(f32x4.sub(n1, n2), n3), 48);
}
