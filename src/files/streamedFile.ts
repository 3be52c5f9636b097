/** A file that is written bit by bit, and there when it is complete: until then, it is as it was before. */
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { holdTemporary, temporaryBeside } from './temporary.ts';
import { unwritable } from './writeFile.ts';

export class StreamedFile {
  readonly path: string;
  readonly #file: FileHandle;
  /** What is renamed to `#target` at the end; undefined for a device or pipe, which is written directly. */
  readonly #temporary: string | undefined;
  readonly #target: string;
  readonly #letGo: () => void;

  private constructor(
    path: string,
    file: FileHandle,
    target: string,
    temporary: string | undefined,
    letGo: () => void,
  ) {
    this.path = path;
    this.#file = file;
    this.#target = target;
    this.#temporary = temporary;
    this.#letGo = letGo;
  }

  /** @throws SimdnetError naming the path and the cause */
  static async create(path: string): Promise<StreamedFile> {
    try {
      const existing = await stat(path).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      });
      if (existing && !existing.isFile()) {
        return new StreamedFile(path, await open(path, 'w'), path, undefined, () => undefined);
      }
      const target = existing ? await realpath(path) : path;
      const temporary = temporaryBeside(target);
      const letGo = holdTemporary(temporary);
      try {
        // At once, so that the process cannot exit while the file is about to be there.
        writeFileSync(temporary, '', { flag: 'wx' });
        const file = await open(temporary, 'r+');
        if (existing) await file.chmod(existing.mode & 0o777);
        return new StreamedFile(path, file, target, temporary, letGo);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        letGo();
        throw error;
      }
    } catch (error) {
      throw await unwritable(path, error);
    }
  }

  /** Adds text. One call at a time. @throws SimdnetError */
  async write(text: string): Promise<void> {
    try {
      await this.#file.writeFile(text);
    } catch (error) {
      throw await unwritable(this.path, error);
    }
  }

  /** Puts the file where it belongs. @throws SimdnetError; there is then no trace of it */
  async complete(): Promise<void> {
    try {
      if (this.#temporary !== undefined) await this.#file.sync();
      await this.#file.close();
      if (this.#temporary !== undefined) await rename(this.#temporary, this.#target);
    } catch (error) {
      await this.discard();
      throw await unwritable(this.path, error);
    }
    this.#letGo();
  }

  /** Leaves no trace of it. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    if (this.#temporary !== undefined) await rm(this.#temporary, { force: true }).catch(() => undefined);
    this.#letGo();
  }
}
