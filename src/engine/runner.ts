import type { Program, Registers } from './program.ts';
import type { Tier } from './tier.ts';

/** A part of the engine's memory, in bytes. */
export interface Region {
  readonly address: number;
  readonly bytes: number;
}

/**
 * Whoever runs programs: the calling thread (inlineRunner.ts), a team of threads on shared memory (team.ts), or one thread
 * with memory of its own (unsharedRunner.ts). start.ts chooses.
 */
export interface Runner {
  readonly tier: Tier;
  readonly threads: number;
  /** The engine's memory, where the calling thread can reach it. */
  readonly memory: WebAssembly.Memory | undefined;
  /** Why nothing can be run any more: a thread has failed, or they have been ended. */
  readonly failure: Error | undefined;
  /** Makes a program known. @returns its number */
  define(program: Program): number;
  /** Has `fill` write parts of the memory, as whatever is run from now on will find them. */
  write(regions: readonly Region[], fill: (...parts: Uint8Array<ArrayBuffer>[]) => void): void;
  /**
   * Runs a program after all those asked for before.
   * @returns a copy of `result` as it is then; nothing if it is left out
   * @throws EngineError if the engine fails
   */
  run(program: number, registers: Registers, result?: Region): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * A part of the memory, after all that has been asked for before: in place, where the calling thread can reach it.
   * @throws EngineError if the engine fails
   */
  read(region: Region): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends the threads. Nothing can be run afterwards. */
  dispose(): Promise<void>;
}

/** A runner whose memory the calling thread can reach. */
export interface LocalRunner extends Runner {
  readonly memory: WebAssembly.Memory;
}

/** Where the memory plan put what the threads themselves need. */
export interface ThreadMemory {
  /** The barrier's two i32. */
  readonly barrier: number;
  /** The counters by which the threads share calls out: see sharing.ts. */
  readonly counters: number;
  /** How many threads there are. */
  readonly threads: number;
}

/** A part of a memory, in place. */
export function viewOf(memory: WebAssembly.Memory, { address, bytes }: Region): Uint8Array<ArrayBuffer> {
  return new Uint8Array(memory.buffer, address, bytes);
}

/** Bytes as the floats that they are. */
export function floats({
  buffer,
  byteOffset,
  byteLength,
}: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** A copy of a part of a memory; nothing for no region. */
export function copyOf(memory: WebAssembly.Memory, region: Region | undefined): Uint8Array<ArrayBuffer> {
  return region ? viewOf(memory, region).slice() : new Uint8Array();
}
