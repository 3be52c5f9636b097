/** What the runtime's WebAssembly can do, asked with the smallest modules that need it: nothing has to be loaded first. */
export type Feature = 'simd' | 'relaxedSimd';

/** A module of one function without parameters that returns a v128. @param body  its instructions, without the end */
function probe(body: readonly number[]): Uint8Array<ArrayBuffer> {
  const types = [1, 5, 1, 0x60, 0, 1, 0x7b];
  const functions = [3, 2, 1, 0];
  const code = [10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b];
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, ...functions, ...code);
}

/** i8x16.splat(0) */
const SPLAT = [0x41, 0, 0xfd, 0x0f];

/** f32x4.relaxed_madd */
const RELAXED_MADD = [0xfd, 0x85, 0x02];

/** Whether a module that uses the feature would compile. */
export function supports(feature: Feature): boolean {
  const body = feature === 'simd' ? SPLAT : [...SPLAT, ...SPLAT, ...SPLAT, ...RELAXED_MADD];
  return WebAssembly.validate(probe(body));
}
