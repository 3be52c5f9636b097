/** Files on their way into classes: each is looked at, and what is no picture is told of by its name. */
import { isPictureName } from '../../../data/pictures/folderRules.ts';
import { pictureKind } from '../../../formats/pictureKind.ts';
import type { NewPicture } from '../../pictures/pictureStore.ts';
import type { Context } from '../context.ts';
import { count, counted } from '../format.ts';
import { sentence } from '../notice.ts';
import { withoutKnown } from './known.ts';
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
  /** Which their class had already. */
  readonly known: number;
  /** Whose class was removed before they were kept. */
  readonly homeless: number;
  /** Why some are no pictures that can be read, each with its name. */
  readonly failures: readonly string[];
}

const NOTHING: Added = { total: 0, done: 0, kept: 0, known: 0, homeless: 0, failures: [] };

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
    const fresh = await withoutKnown(
      pictures,
      to.pictures.map(({ blob }) => blob),
    );
    const kept = (await this.#classes.addPictures(to, fresh))?.length;
    this.#count({
      done: files.length,
      kept: kept ?? 0,
      known: kept === undefined ? 0 : pictures.length - fresh.length,
      homeless: kept === undefined ? pictures.length : 0,
      failures,
    });
  }

  /** @returns the picture, or why it is none */
  async #look(file: File): Promise<NewPicture | string> {
    try {
      const thumbnail = await this.#trainer.call('look', file, file.name);
      return { name: file.name, blob: file, thumbnail };
    } catch (error) {
      if (await isNoPicture(file)) return `${file.name} is no picture.`;
      return sentence(error instanceof Error ? error.message : String(error));
    }
  }

  #count({ total = 0, done = 0, kept = 0, known = 0, homeless = 0, failures = [] }: Partial<Added>): void {
    const before = this.#added;
    const added = {
      total: before.total + total,
      done: before.done + done,
      kept: before.kept + kept,
      known: before.known + known,
      homeless: before.homeless + homeless,
      failures: [...before.failures, ...failures],
    };
    this.#added = added.done === added.total ? NOTHING : added;
    this.#onProgress(added);
  }
}

/** Whether it is something that nobody would convert to a picture, such as text. */
async function isNoPicture(file: File): Promise<boolean> {
  const { type } = file;
  if (!/^(text|audio|video|application)\//.test(type) || type === 'application/octet-stream') return false;
  if (isPictureName(file.name)) return false;
  const start = await file.slice(0, 32).arrayBuffer();
  return pictureKind(new Uint8Array(start)) === undefined;
}

/** What became of them all, as a sentence. */
export function newsOf({ kept, known, homeless, failures }: Added): string {
  const parts = [kept === 0 ? 'Nothing was added' : `${counted(kept, 'picture')} added`];
  if (known > 0) parts.push(`${count(known)} ${known === 1 ? 'was' : 'were'} there already`);
  if (homeless > 0)
    parts.push(`${counted(homeless, 'picture')} could not be: the class was removed in the meantime`);
  if (failures.length > 0) parts.push(`${counted(failures.length, 'file')} could not be, see below`);
  return `${parts.join('; ')}.`;
}
