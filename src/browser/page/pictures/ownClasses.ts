/** The classes of one's own pictures, as they are shown; whatever is done to them is kept in the browser. */
import { classNameProblem } from '../../pictures/className.ts';
import type { NewPicture, PictureStore, StoredPicture } from '../../pictures/pictureStore.ts';

/** How many classes there are to begin with. */
const BEGIN_WITH = 2;

export interface OwnClass {
  readonly name: string;
  /** The newest last. */
  readonly pictures: readonly StoredPicture[];
}

interface Entry extends OwnClass {
  name: string;
  pictures: StoredPicture[];
  /** In the store; undefined as long as nothing was done to any class: a visit alone keeps nothing. */
  id: number | undefined;
}

export class OwnClasses {
  readonly #store: PictureStore;
  readonly #onChange: () => void;
  #entries: Entry[] = [];
  #version = 0;
  /** What is under way in the store: one thing after the other. */
  #work: Promise<unknown> = Promise.resolve();

  private constructor(store: PictureStore, onChange: () => void) {
    this.#store = store;
    this.#onChange = onChange;
  }

  /** Those that were kept, or new ones. @param onChange  is called after every change */
  static async open(store: PictureStore, onChange: () => void): Promise<OwnClasses> {
    const classes = new OwnClasses(store, onChange);
    for (const { id, name } of await store.classes())
      classes.#entries.push({ id, name, pictures: await store.pictures(id) });
    classes.#fill();
    return classes;
  }

  get list(): readonly OwnClass[] {
    return this.#entries;
  }

  /** Another one after every change. */
  get version(): number {
    return this.#version;
  }

  /** Whether there is nothing but what there is to begin with. */
  get pristine(): boolean {
    return this.#entries.every(({ id }) => id === undefined);
  }

  /** @param name  one that no class has yet; by default the next that is free */
  async add(name = this.#freeName()): Promise<OwnClass> {
    const entry: Entry = { id: undefined, name, pictures: [] };
    return this.#change(async () => {
      this.#entries.push(entry);
      await this.#keepAll();
      return entry;
    });
  }

  /** The class of a name; an empty one that nobody has named becomes it if there is none, or else a new one. */
  async named(name: string): Promise<OwnClass> {
    const same = this.#entries.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
    if (same) return same;
    const spare = this.#entries.find(
      (entry) => entry.pictures.length === 0 && /^Class \d+$/.test(entry.name),
    );
    if (!spare) return this.add(name);
    await this.rename(spare, name);
    return spare;
  }

  /** @returns what is wrong with the name, and then it stays as it was */
  async rename(of: OwnClass, name: string): Promise<string | undefined> {
    const entry = this.#entryOf(of);
    if (!entry || name === entry.name) return undefined;
    const others = this.#entries.filter((each) => each !== entry).map((each) => each.name);
    const problem = classNameProblem(name, others);
    if (problem !== undefined) return problem;
    await this.#change(async () => {
      if (entry.id !== undefined) await this.#store.renameClass(entry.id, name);
      entry.name = name;
      await this.#keepAll();
    });
    return undefined;
  }

  async remove(which: OwnClass): Promise<void> {
    await this.#change(async () => {
      const entry = this.#entryOf(which);
      if (entry?.id !== undefined) await this.#store.removeClass(entry.id);
      this.#entries = this.#entries.filter((each) => each !== entry);
      this.#fill();
    });
  }

  /** @returns them as they are kept; undefined if the class has been removed in the meantime, and nothing was added */
  async addPictures(
    to: OwnClass,
    pictures: readonly NewPicture[],
  ): Promise<readonly StoredPicture[] | undefined> {
    if (pictures.length === 0) return this.#entryOf(to) && [];
    return this.#change(async () => {
      const entry = this.#entryOf(to);
      if (!entry) return undefined;
      await this.#keepAll();
      const kept = await this.#store.addPictures(entry.id!, pictures);
      entry.pictures.push(...kept);
      return kept;
    });
  }

  async removePicture(from: OwnClass, picture: StoredPicture): Promise<void> {
    await this.#change(async () => {
      await this.#store.removePicture(picture.id);
      const entry = this.#entryOf(from);
      if (entry) entry.pictures = entry.pictures.filter(({ id }) => id !== picture.id);
    });
  }

  /** Where it was. @returns it as it is kept; undefined if its class has been removed in the meantime */
  async putBack(to: OwnClass, picture: StoredPicture): Promise<StoredPicture | undefined> {
    return this.#change(async () => {
      const entry = this.#entryOf(to);
      if (!entry) return undefined;
      const back = await this.#store.putBack(picture);
      entry.pictures = [...entry.pictures, back].sort((a, b) => a.id - b.id);
      return back;
    });
  }

  async clear(): Promise<void> {
    await this.#change(async () => {
      await this.#store.clear();
      this.#entries = [];
      this.#fill();
    });
  }

  #entryOf(which: OwnClass): Entry | undefined {
    return this.#entries.find((entry) => entry === which);
  }

  #fill(): void {
    if (this.#entries.length > 0) return;
    while (this.#entries.length < BEGIN_WITH)
      this.#entries.push({ id: undefined, name: this.#freeName(), pictures: [] });
  }

  #freeName(): string {
    const taken = new Set(this.#entries.map(({ name }) => name.toLowerCase()));
    let number = this.#entries.length + 1;
    while (taken.has(`class ${number}`)) number++;
    return `Class ${number}`;
  }

  /** All of them, so that they keep their order. */
  async #keepAll(): Promise<void> {
    for (const entry of this.#entries) entry.id ??= (await this.#store.addClass(entry.name)).id;
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#work.then(async () => {
      try {
        return await work();
      } finally {
        this.#version++;
        this.#onChange();
      }
    });
    this.#work = result.catch(() => undefined);
    return result;
  }
}
