/** Files on their way into classes: each is looked at, and what is no picture is told of by its name. */
import type { NewPicture } from '../../pictures/pictureStore.ts';
import type { Context } from '../context.ts';
import { sentence } from '../notice.ts';
import type { OwnClass, OwnClasses } from './ownClasses.ts';

/** How many files are looked at at once: a photograph takes some memory. */
const AT_ONCE = 4;

/** How many are kept in one go: each time, the store looks through the names there are. */
const KEPT_AT_ONCE = 32;

/** What became of files since there were none on their way. */
export interface Added {
  readonly total: number;
  /** Whether they were kept or not. */
  readonly done: number;
  readonly kept: number;
  /** Why some are no pictures that can be read, each with its name. */
  readonly failures: readonly string[];
}

const NOTHING: Added = { total: 0, done: 0, kept: 0, failures: [] };

export class Adding {
  readonly #trainer: Context['trainer'];
  readonly #classes: OwnClasses;
  readonly #onProgress: (added: Added) => void;
  #added = NOTHING;
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
    this.#count({ total: files.length });
    const work = this.#work.then(async () => {
      for (let begin = 0; begin < files.length; begin += KEPT_AT_ONCE) {
        try {
          await this.#addSome(to, files.slice(begin, begin + KEPT_AT_ONCE));
        } catch (error) {
          // Where there is no room for these there is none for others.
          this.#count({ done: files.length - begin });
          throw error;
        }
      }
    });
    this.#work = work.catch(() => undefined);
    return work;
  }

  async #addSome(to: OwnClass, files: readonly File[]): Promise<void> {
    const pictures: NewPicture[] = [];
    const failures: string[] = [];
    for (let begin = 0; begin < files.length; begin += AT_ONCE) {
      // In the order of the files, whichever was looked at first.
      for (const look of await Promise.all(
        files.slice(begin, begin + AT_ONCE).map((file) => this.#look(file)),
      )) {
        if (typeof look === 'string') failures.push(look);
        else pictures.push(look);
      }
    }
    if (pictures.length > 0) await this.#classes.addPictures(to, pictures);
    this.#count({ done: files.length, kept: pictures.length, failures });
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

  #count({ total = 0, done = 0, kept = 0, failures = [] }: Partial<Added>): void {
    const before = this.#added;
    const added = {
      total: before.total + total,
      done: before.done + done,
      kept: before.kept + kept,
      failures: [...before.failures, ...failures],
    };
    this.#added = added.done === added.total ? NOTHING : added;
    this.#onProgress(added);
  }
}
