import type { Choices } from './choices.ts';

/** A format: files of it, what is done to them, and who reads them. */
export interface Target {
  readonly name: string;
  /** How often it has its turn, against the others. */
  readonly turns: number;
  /** Memory that reading may take: so much for any file, and so much for each byte of it. */
  readonly memory: { readonly free: number; readonly perByte: number };
  /** A file, mutated. */
  make(choices: Choices): Uint8Array | Promise<Uint8Array>;
  /** Reads it, as a user would. @param name  the file, which an error must name */
  read(bytes: Uint8Array, name: string): unknown;
}

export const MB = 2 ** 20;
