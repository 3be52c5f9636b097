import { once } from 'node:events';
import { StreamedFile } from '../../files/streamedFile.ts';

/** Where rows go. */
export interface Output {
  /** Takes text; `flush` says when there may be more. */
  write(text: string): void;
  flush(): Promise<void>;
  /** All has been written. @throws SimdnetError */
  complete(): Promise<void>;
  /** It is given up; after `complete` it does nothing. */
  discard(): Promise<void>;
}

/** @param path  undefined for stdout @throws SimdnetError if it cannot be written */
export async function openOutput(path: string | undefined): Promise<Output> {
  return path === undefined ? new StandardOutput() : new FileOutput(await StreamedFile.create(path));
}

class StandardOutput implements Output {
  write(text: string): void {
    process.stdout.write(text);
  }

  /** Waits for a slow reader, so that what it has not read yet does not pile up. */
  async flush(): Promise<void> {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  }

  complete(): Promise<void> {
    return Promise.resolve();
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}

class FileOutput implements Output {
  readonly #file: StreamedFile;
  #text = '';
  #open = true;

  constructor(file: StreamedFile) {
    this.#file = file;
  }

  write(text: string): void {
    this.#text += text;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '') await this.#file.write(text);
  }

  async complete(): Promise<void> {
    await this.flush();
    this.#open = false;
    await this.#file.complete();
  }

  async discard(): Promise<void> {
    if (this.#open) await this.#file.discard();
    this.#open = false;
  }
}
