/** Classes and pictures while the page is open. */
import { TakenNames } from './fileName.ts';
import type { NewPicture, Shelf, StoredClass, StoredPicture } from './pictureStore.ts';

export class Memory implements Shelf {
  /** In the order in which they were made. */
  readonly #classes = new Map<number, string>();
  readonly #pictures = new Map<number, StoredPicture>();
  #next = 1;

  async classes(): Promise<StoredClass[]> {
    return Promise.resolve(Array.from(this.#classes, ([id, name]) => ({ id, name })));
  }

  async pictures(classId: number): Promise<StoredPicture[]> {
    const pictures = [...this.#pictures.values()].filter((picture) => picture.classId === classId);
    return Promise.resolve(pictures.sort((a, b) => a.id - b.id));
  }

  async addClass(name: string): Promise<StoredClass> {
    const id = this.#next++;
    this.#classes.set(id, name);
    return Promise.resolve({ id, name });
  }

  async renameClass(id: number, name: string): Promise<boolean> {
    const known = this.#classes.has(id);
    if (known) this.#classes.set(id, name);
    return Promise.resolve(known);
  }

  async removeClass(id: number): Promise<void> {
    this.#classes.delete(id);
    for (const picture of await this.pictures(id)) this.#pictures.delete(picture.id);
  }

  async addPictures(classId: number, pictures: readonly NewPicture[]): Promise<StoredPicture[] | undefined> {
    if (!this.#classes.has(classId)) return undefined;
    const there = await this.pictures(classId);
    const taken = new TakenNames(there.map(({ name }) => name));
    return pictures.map(({ name, blob, thumbnail }) => {
      const picture = { id: this.#next++, classId, name: taken.take(name), blob, thumbnail };
      this.#pictures.set(picture.id, picture);
      return picture;
    });
  }

  async removePicture(id: number): Promise<void> {
    this.#pictures.delete(id);
    return Promise.resolve();
  }

  async putBack(picture: StoredPicture): Promise<StoredPicture | undefined> {
    if (!this.#classes.has(picture.classId)) return undefined;
    const there = await this.pictures(picture.classId);
    const taken = new TakenNames(there.map(({ name }) => name));
    const back = { ...picture, name: taken.take(picture.name) };
    this.#pictures.set(back.id, back);
    return back;
  }

  async clear(): Promise<void> {
    this.#classes.clear();
    this.#pictures.clear();
    return Promise.resolve();
  }
}
