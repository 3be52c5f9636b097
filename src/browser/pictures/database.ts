/** Classes and pictures in the browser's IndexedDB. */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPIndex } from 'idb';
import { TakenNames } from './fileName.ts';
import type { NewPicture, Shelf, StoredClass, StoredPicture } from './pictureStore.ts';

const NAME = 'simdnet-pictures';

interface Schema extends DBSchema {
  classes: { key: number; value: StoredClass };
  pictures: {
    key: number;
    value: StoredPicture;
    /** To find those of a class, and to see their names without reading them. */
    indexes: { place: [classId: number, name: string] };
  };
}

type Places = IDBPIndex<Schema, ('classes' | 'pictures')[], 'pictures', 'place', 'readwrite'>;

/** @throws Error if there is none, or it keeps no files */
export async function openDatabase(): Promise<Shelf> {
  const database = await openDB<Schema>(NAME, 1, {
    upgrade: (fresh) => {
      fresh.createObjectStore('classes', { keyPath: 'id', autoIncrement: true });
      const pictures = fresh.createObjectStore('pictures', { keyPath: 'id', autoIncrement: true });
      pictures.createIndex('place', ['classId', 'name']);
    },
    // A later version of the page, in another tab, would wait.
    blocking: (_, __, event) => {
      (event.target as IDBDatabase).close();
    },
  });
  await tryOut(database);
  return new Database(database);
}

/** In private windows some take objects, but no files. */
async function tryOut(database: IDBPDatabase<Schema>): Promise<void> {
  const transaction = database.transaction('pictures', 'readwrite');
  const blob = new Blob(['x']);
  const thumbnail = { width: 0, height: 0, rgba: new Uint8ClampedArray() };
  await Promise.all([
    transaction.store.put({ id: 0, classId: 0, name: '', blob, thumbnail }),
    transaction.store.delete(0),
    transaction.done,
  ]);
}

class Database implements Shelf {
  readonly #database: IDBPDatabase<Schema>;

  constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  classes(): Promise<StoredClass[]> {
    return this.#database.getAll('classes');
  }

  async pictures(classId: number): Promise<StoredPicture[]> {
    const pictures = await this.#database.getAllFromIndex('pictures', 'place', ofClass(classId));
    return pictures.sort((a, b) => a.id - b.id);
  }

  async addClass(name: string): Promise<StoredClass> {
    const id = await this.#database.add('classes', withoutId<StoredClass>({ name }));
    return { id, name };
  }

  async renameClass(id: number, name: string): Promise<boolean> {
    const { store, done } = this.#database.transaction('classes', 'readwrite');
    const known = (await store.getKey(id)) !== undefined;
    if (known) await store.put({ id, name });
    await done;
    return known;
  }

  async removeClass(id: number): Promise<void> {
    const transaction = this.#database.transaction(['classes', 'pictures'], 'readwrite');
    const pictures = transaction.objectStore('pictures');
    const keys = await pictures.index('place').getAllKeys(ofClass(id));
    await Promise.all([
      transaction.objectStore('classes').delete(id),
      ...keys.map((key) => pictures.delete(key)),
      transaction.done,
    ]);
  }

  async addPictures(classId: number, pictures: readonly NewPicture[]): Promise<StoredPicture[] | undefined> {
    const transaction = this.#database.transaction(['classes', 'pictures'], 'readwrite');
    if ((await transaction.objectStore('classes').getKey(classId)) === undefined) return undefined;
    const store = transaction.objectStore('pictures');
    const taken = await takenNames(store.index('place'), classId);
    const added = pictures.map(({ name, blob, thumbnail }) => ({
      classId,
      name: taken.take(name),
      blob,
      thumbnail,
    }));
    const [, ...ids] = await Promise.all([
      transaction.done,
      ...added.map((picture) => store.add(withoutId<StoredPicture>(picture))),
    ]);
    return added.map((picture, i) => ({ ...picture, id: ids[i]! }));
  }

  removePicture(id: number): Promise<void> {
    return this.#database.delete('pictures', id);
  }

  async putBack(picture: StoredPicture): Promise<StoredPicture | undefined> {
    const { classId, name } = picture;
    const transaction = this.#database.transaction(['classes', 'pictures'], 'readwrite');
    if ((await transaction.objectStore('classes').getKey(classId)) === undefined) return undefined;
    const store = transaction.objectStore('pictures');
    const taken = await takenNames(store.index('place'), classId);
    const back = { ...picture, name: taken.take(name) };
    await Promise.all([store.put(back), transaction.done]);
    return back;
  }

  async clear(): Promise<void> {
    const transaction = this.#database.transaction(['classes', 'pictures'], 'readwrite');
    await Promise.all([
      transaction.objectStore('classes').clear(),
      transaction.objectStore('pictures').clear(),
      transaction.done,
    ]);
  }
}

async function takenNames(places: Places, classId: number): Promise<TakenNames> {
  const names: string[] = [];
  for (let at = await places.openKeyCursor(ofClass(classId)); at; at = await at.continue())
    names.push(at.key[1]);
  return new TakenNames(names);
}

/** All places that begin with the class: after every text comes a list. */
function ofClass(id: number): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

/** The database gives it one, the next that was never given. */
function withoutId<T extends { readonly id: number }>(value: Omit<T, 'id'>): T {
  return value as T;
}
