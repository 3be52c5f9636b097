import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { makeFolderOf } from './makeFolderOf.ts';
import { unwritable } from './writeFile.ts';

/** A file that something is added to now and then. It is open only while something is added. */
export class GrowingFile {
  readonly path: string;
  #bytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** How long it is, as far as it was written here. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Creates the file, and its folder, if they are not there; what is in the file stays until something is added.
   * @param append  whether to go on behind what is there, instead of in its place
   * @throws SimdnetError if it cannot be written
   */
  async prepare(append: boolean): Promise<void> {
    await this.#open(async (file) => {
      this.#bytes = append ? (await file.stat()).size : 0;
    });
  }

  /** Has the next addition go to where the file once ended, and what is behind that disappear. */
  continueAt(bytes: number): void {
    this.#bytes = bytes;
  }

  /**
   * @param head  what stands at the beginning of the file
   * @throws SimdnetError if it cannot be written; the next addition then goes to the same place
   */
  async add(content: Uint8Array, head: Uint8Array): Promise<void> {
    await this.#open(async (file) => {
      const { size } = await file.stat();
      const begin = Math.min(this.#bytes, size);
      if (begin < size) await file.truncate(begin);
      const data = begin === 0 ? Buffer.concat([head, content]) : content;
      await writeAll(file, data, begin);
      this.#bytes = begin + data.length;
    });
  }

  async #open(work: (file: FileHandle) => Promise<void>): Promise<void> {
    await makeFolderOf(this.path);
    try {
      const file = await open(this.path, constants.O_RDWR | constants.O_CREAT);
      try {
        await work(file);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw await unwritable(this.path, error);
    }
  }
}

async function writeAll(file: FileHandle, data: Uint8Array, begin: number): Promise<void> {
  for (let written = 0; written < data.length;) {
    const { bytesWritten } = await file.write(data, written, data.length - written, begin + written);
    written += bytesWritten;
  }
}
