import { rmdir } from 'node:fs/promises';
import { lockFolder, type Lock } from './lock.ts';

/** A folder that no other process has at the same time. */
export class ClaimedFolder {
  readonly path: string;
  readonly #lock: Lock;
  readonly #created: readonly string[];

  /**
   * @param created  the folders that were created for it, the outermost first
   * @throws SimdnetError if another process works in it; what the system says if it cannot be written to
   */
  constructor(path: string, created: readonly string[]) {
    this.path = path;
    this.#lock = lockFolder(path);
    this.#created = created;
  }

  /** Lets other processes have it. What was created is removed again if nothing was written. */
  async release(): Promise<void> {
    this.#lock.release();
    for (const folder of this.#created.toReversed()) {
      const removed = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!removed) break;
    }
  }
}
