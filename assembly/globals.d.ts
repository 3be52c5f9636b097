/**
 * True in the builds for a V8 that turns pairs of vectors into AVX2 registers. It does so only within a basic block and
 * never across a store, which is why asconfig.json removes the blocks that inlining leaves.
 */
declare const WIDE: bool;
