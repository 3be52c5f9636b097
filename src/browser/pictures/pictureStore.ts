/** Classes and the pictures that show them, kept from one visit of the page to the next, on this machine alone. */
import { DataError, SimdnetError } from '../../errors.ts';
import { pictureKind } from '../../formats/pictureKind.ts';
import { openDatabase } from './database.ts';
import { pictureFileName } from './fileName.ts';
import { Memory } from './memory.ts';

export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4] */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export interface StoredClass {
  readonly id: number;
  readonly name: string;
}

export interface NewPicture {
  readonly name: string;
  readonly blob: Blob;
  readonly thumbnail: Thumbnail;
}

/** Its name is one that a file can have, and no other picture of its class has: a second cat.jpg becomes cat-2.jpg. */
export interface StoredPicture extends NewPicture {
  readonly id: number;
  readonly classId: number;
}

/** Where it is all kept. Each call is done as a whole, or not at all. */
export interface Shelf {
  classes(): Promise<StoredClass[]>;
  pictures(classId: number): Promise<StoredPicture[]>;
  addClass(name: string): Promise<StoredClass>;
  /** @returns whether there is such a class */
  renameClass(id: number, name: string): Promise<boolean>;
  removeClass(id: number): Promise<void>;
  /** Gives them names that are free. @returns undefined if there is no such class */
  addPictures(classId: number, pictures: readonly NewPicture[]): Promise<StoredPicture[] | undefined>;
  removePicture(id: number): Promise<void>;
  /** Adds one that was removed, with its number, and a name that is free. @returns undefined if its class is gone */
  putBack(picture: StoredPicture): Promise<StoredPicture | undefined>;
  clear(): Promise<void>;
}

/** Whatever is asked of it throws DataError if the browser cannot do it; then nothing has changed. */
export class PictureStore {
  /** Whether what is in it is there after the page is closed. */
  readonly persistent: boolean;
  readonly #shelf: Shelf;
  #asked = false;

  private constructor(shelf: Shelf, persistent: boolean) {
    this.#shelf = shelf;
    this.persistent = persistent;
  }

  /** Where the browser keeps nothing, as some do in private windows, it is in memory. */
  static async open(): Promise<PictureStore> {
    try {
      return new PictureStore(await openDatabase(), true);
    } catch {
      return new PictureStore(new Memory(), false);
    }
  }

  /** In the order in which they were made. */
  classes(): Promise<StoredClass[]> {
    return told(this.#shelf.classes());
  }

  /** In the order in which they were added. */
  pictures(classId: number): Promise<StoredPicture[]> {
    return told(this.#shelf.pictures(classId));
  }

  addClass(name: string): Promise<StoredClass> {
    this.#askToKeep();
    return told(this.#shelf.addClass(name));
  }

  async renameClass(id: number, name: string): Promise<void> {
    if (!(await told(this.#shelf.renameClass(id, name)))) throw goneError();
  }

  /** With its pictures. */
  removeClass(id: number): Promise<void> {
    return told(this.#shelf.removeClass(id));
  }

  /** All of them, or none. */
  async addPictures(classId: number, pictures: readonly NewPicture[]): Promise<StoredPicture[]> {
    this.#askToKeep();
    const named = await Promise.all(pictures.map(withFileName));
    const stored = await told(this.#shelf.addPictures(classId, named));
    if (!stored) throw goneError();
    return stored;
  }

  removePicture(id: number): Promise<void> {
    return told(this.#shelf.removePicture(id));
  }

  /** Adds one that was removed, where it was among the others. */
  async putBack(picture: StoredPicture): Promise<StoredPicture> {
    const back = await told(this.#shelf.putBack(picture));
    if (!back) throw goneError();
    return back;
  }

  clear(): Promise<void> {
    return told(this.#shelf.clear());
  }

  /** Not to be swept when the disk is full. A browser may ask the person, and nothing waits for that. */
  #askToKeep(): void {
    if (this.#asked || !this.persistent) return;
    this.#asked = true;
    // Only where it is secure does a browser have it.
    const storage = navigator.storage as StorageManager | undefined;
    storage?.persist().catch(() => undefined);
  }
}

async function withFileName(picture: NewPicture): Promise<NewPicture> {
  const start = await picture.blob
    .slice(0, 32)
    .arrayBuffer()
    .catch((cause: unknown) => {
      throw new DataError(`${picture.name} cannot be read: if it has changed, choose it again`, { cause });
    });
  return { ...picture, name: pictureFileName(picture.name, pictureKind(new Uint8Array(start))) };
}

/** @throws DataError instead of what the browser throws */
async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof SimdnetError) throw cause;
    const { name, message } = cause instanceof Error ? cause : { name: '', message: String(cause) };
    if (name === 'QuotaExceededError') {
      throw new DataError(
        'The browser has no room for these pictures, and none of them was added: remove others, or free some space on the disk.',
        { cause },
      );
    }
    throw new DataError(
      `The browser could not keep or give back the pictures (${message || name}): load the page again. Save them as a zip now and then.`,
      { cause },
    );
  }
}

function goneError(): DataError {
  return new DataError('The class is no longer there, perhaps because of another tab: load the page again.');
}
