/** The size of a network's images where nobody has said what it is to be. */
import type { Size } from '../fitPicture.ts';

/** Enough to tell most things apart, and little enough to train on within minutes. */
const USUAL: Size = { width: 64, height: 64 };

/** Larger pictures are made smaller even if all have the same size: those of a camera have. */
const MOST = 128;

/** The size that all pictures share, if it is at most 128 on a side; else 64×64. */
export class SharedSize {
  #shared: Size | undefined;
  #settled = false;

  /** Takes another picture into account. @returns whether those to come still matter */
  add({ width, height }: Size): boolean {
    this.#shared ??= { width, height };
    this.#settled ||=
      width !== this.#shared.width || height !== this.#shared.height || Math.max(width, height) > MOST;
    return !this.#settled;
  }

  get size(): Size {
    return this.#settled ? USUAL : (this.#shared ?? USUAL);
  }
}
