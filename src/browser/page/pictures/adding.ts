/** Files on their way into classes: each is looked at, and what is no picture is told of by its name. */
import type { NewPicture } from '../../pictures/pictureStore.ts';
import type { Context } from '../context.ts';
import { sentence } from '../notice.ts';
import type { OwnClass, OwnClasses } from './ownClasses.ts';

/** How many files are looked at at once, and kept in one go. */
const AT_ONCE = 4;

/** What became of files since there were none on their way. */
export interface Added {
  readonly total: number;
  readonly done: number;
  /** Why some were not added, each with its name. */
  readonly failures: readonly string[];
}

export class Adding {
  readonly #trainer: Context['trainer'];
  readonly #classes: OwnClasses;
  readonly #onProgress: (added: Added) => void;
  #added: Added = { total: 0, done: 0, failures: [] };
  #work: Promise<void> = Promise.resolve();

  /** @param onProgress  is called as they come and go; at last with as many done as there are */
  constructor(trainer: Context['trainer'], classes: OwnClasses, onProgress: (added: Added) => void) {
    this.#trainer = trainer;
    this.#classes = classes;
    this.#onProgress = onProgress;
  }

  /** Adds files to a class, behind those that are on their way. @throws what keeps pictures from being kept */
  add(to: OwnClass, files: readonly File[]): Promise<void> {
    if (files.length === 0) return this.#work;
    this.#count({ total: files.length, done: 0 });
    const work = this.#work.then(async () => {
      for (let begin = 0; begin < files.length; begin += AT_ONCE) {
        const some = files.slice(begin, begin + AT_ONCE);
        try {
          await this.#addSome(to, some);
        } catch (error) {
          // Where there is no room for these there is none for others.
          this.#count({ total: 0, done: files.length - begin });
          throw error;
        }
        this.#count({ total: 0, done: some.length });
      }
    });
    this.#work = work.catch(() => undefined);
    return work;
  }

  async #addSome(to: OwnClass, files: readonly File[]): Promise<void> {
    const looks = await Promise.all(files.map((file) => this.#look(file)));
    // In the order of the files, whichever was looked at first.
    const failures = looks.filter((look) => typeof look === 'string');
    this.#added = { ...this.#added, failures: [...this.#added.failures, ...failures] };
    const pictures = looks.filter((look) => typeof look !== 'string');
    if (pictures.length > 0) await this.#classes.addPictures(to, pictures);
  }

  /** @returns the picture, or why it is none */
  async #look(file: File): Promise<NewPicture | string> {
    try {
      const thumbnail = await this.#trainer.call('look', file, file.name);
      return { name: file.name, blob: file, thumbnail };
    } catch (error) {
      return sentence(error instanceof Error ? error.message : String(error));
    }
  }

  #count({ total, done }: { readonly total: number; readonly done: number }): void {
    this.#added = { ...this.#added, total: this.#added.total + total, done: this.#added.done + done };
    const added = this.#added;
    if (added.done === added.total) this.#added = { total: 0, done: 0, failures: [] };
    this.#onProgress(added);
  }
}
