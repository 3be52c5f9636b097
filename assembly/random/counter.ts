/**
 * Random bits without a state: a function of a seed (64 bits), a stream, a step and the index of an element, the same in
 * every tier and for any number of threads.
 *
 * Seed, stream and step make two keys. The first is where a Weyl sequence starts that moves by the golden ratio with each
 * element; three rounds of xor-shift and multiplication mix its value, and the second key comes in after the first round:
 * two streams that meet in one place of the sequence part again. Multipliers and shifts are those that Chris Wellons found
 * to have the least bias of three rounds (https://github.com/skeeto/hash-prospector).
 */

/** 2^32 / the golden ratio, odd. */
export const WEYL: i32 = 0x9e3779b9;

const MULTIPLIER_1: i32 = 0xed5ad4bb;
const MULTIPLIER_2: i32 = 0xac4c1b51;
const MULTIPLIER_3: i32 = 0x31848bab;

/** Salts of the two keys: the first digits of π. */
const FIRST: u32 = 0x243f6a88;
const SECOND: u32 = 0x85a308d3;

/** Where the sequence starts. */
export function firstKey(seedLow: i32, seedHigh: i32, stream: i32, step: i32): i32 {
  return absorb(absorb(absorb(absorb(FIRST, seedLow), seedHigh), stream), step);
}

/** What comes in after the first round. */
export function secondKey(seedLow: i32, seedHigh: i32, stream: i32, step: i32): i32 {
  return absorb(absorb(absorb(absorb(SECOND, step), stream), seedHigh), seedLow);
}

/** Mixes one more word into a key. */
function absorb(key: u32, word: u32): u32 {
  let x = (key + <u32>WEYL) ^ word;
  x = (x ^ (x >> 17)) * <u32>MULTIPLIER_1;
  x = (x ^ (x >> 11)) * <u32>MULTIPLIER_2;
  x = (x ^ (x >> 15)) * <u32>MULTIPLIER_3;
  return x ^ (x >> 14);
}

/** Where the sequence is for the elements index … index + 3. */
// @ts-ignore: decorator
@inline
export function counters(key: i32, index: i32): v128 {
  const lanes = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(WEYL));
  return i32x4.add(i32x4.splat(key + index * WEYL), lanes);
}

/** 32 random bits in each lane. */
// @ts-ignore: decorator
@inline
export function randomBits(counter: v128, key: v128): v128 {
  let x = i32x4.mul(v128.xor(counter, i32x4.shr_u(counter, 17)), i32x4.splat(MULTIPLIER_1));
  x = v128.xor(x, key);
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 11)), i32x4.splat(MULTIPLIER_2));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(MULTIPLIER_3));
  return v128.xor(x, i32x4.shr_u(x, 14));
}
