/** Pictures of one's own: classes to fill, to keep, and to train on. */
import { byClass, foundOf, isZipName, type FoundPicture } from '../../pictures/found.ts';
import { PictureStore, type StoredPicture } from '../../pictures/pictureStore.ts';
import { untrainable } from '../../pictures/trainable.ts';
import { unzipPictures, zipPictures } from '../../pictures/zip.ts';
import { confirmed } from '../confirmation.ts';
import type { Context } from '../context.ts';
import { byId, download, h } from '../dom.ts';
import { acceptDrops } from '../drops.ts';
import { count, counted } from '../format.ts';
import { PageError, sentence } from '../notice.ts';
import { Adding, newsOf, type Added } from './adding.ts';
import { ClassCard } from './classCard.ts';
import { OwnClasses, type OwnClass } from './ownClasses.ts';
import { Refusals } from './refusals.ts';
import { Removed } from './removed.ts';

const CAMERA_WAITS = 'The camera is on: hold to record.';

export class PicturesView {
  readonly #context: Context;
  readonly #onTrain: () => void;
  readonly #classes: OwnClasses;
  readonly #adding: Adding;
  readonly #refusals = new Refusals();
  readonly #cards = new Map<OwnClass, ClassCard>();
  readonly #removed = new Removed(byId('pictures'), () => void this.#guard(() => this.#putBack()));
  /** Until it is said how many pictures the camera has taken. */
  #recorded: ReturnType<typeof setTimeout> | undefined;

  /** @param onTrain  is called when these pictures are to be trained on */
  static async open(context: Context, onTrain: () => void): Promise<PicturesView> {
    const store = await PictureStore.open();
    let onChange: () => void = () => undefined;
    const classes = await OwnClasses.open(store, () => {
      onChange();
    });
    const view = new PicturesView(context, classes, onTrain);
    onChange = () => {
      view.#show();
    };
    byId('pictures-kept').hidden = store.persistent;
    view.#show();
    return view;
  }

  private constructor(context: Context, classes: OwnClasses, onTrain: () => void) {
    this.#context = context;
    this.#classes = classes;
    this.#onTrain = onTrain;
    this.#adding = new Adding(context.trainer, classes, (added) => {
      this.#showAdding(added);
    });
    this.#listen();
    const { store } = context;
    const enable = (): void => {
      byId('train-pictures', HTMLButtonElement).disabled = store.state.phase !== 'idle';
    };
    enable();
    store.subscribe(enable);
  }

  get classes(): OwnClasses {
    return this.#classes;
  }

  #listen(): void {
    byId('add-class').addEventListener('click', () => {
      void this.#guard(async () => {
        const added = await this.#classes.add();
        this.#cards.get(added)?.focusName();
      });
    });
    const folder = byId('add-folder', HTMLInputElement);
    folder.addEventListener('change', () => {
      const { files } = folder;
      this.#refusals.clear();
      if (files) void this.#guard(async () => this.#take(await foundOf(files)));
      folder.value = '';
    });
    const zip = byId('load-zip', HTMLInputElement);
    zip.addEventListener('change', () => {
      const file = zip.files?.[0];
      zip.value = '';
      this.#refusals.clear();
      if (file) void this.#guard(() => this.#loadZip(file));
    });
    byId('save-zip').addEventListener('click', () => void this.#guard(() => this.#saveZip()));
    byId('remove-all').addEventListener('click', () => void this.#guard(() => this.#removeAll()));
    byId('train-pictures').addEventListener('click', () => {
      const problem = untrainable(this.#classes.list);
      if (problem === undefined) this.#onTrain();
      else this.#complain(problem);
    });
    acceptDrops(
      byId('pictures'),
      (transfer, card) => {
        this.drop(transfer, [...this.#cards.values()].find(({ element }) => element === card)?.of);
      },
      '.class-card',
    );
  }

  /** Takes what was dropped, here or elsewhere: into a class, or folders as classes. */
  drop(transfer: DataTransfer, to?: OwnClass): void {
    // At once: what was dropped is gone after this event.
    const found = foundOf(transfer);
    this.#refusals.clear();
    void this.#guard(async () => (to ? this.#addTo(to, await found) : this.#take(await found)));
  }

  /** Files of folders, each a class; or a zip with such folders. */
  async #take(found: readonly FoundPicture[]): Promise<void> {
    const [only] = found;
    if (found.length === 1 && isZipName(only!.path)) {
      await this.#loadZip(only!.file);
      return;
    }
    const classes = byClass(found, undefined);
    if (classes.size === 0) {
      throw new PageError(
        'There is no folder with pictures in that: a folder is a class. Single pictures are dropped on the class that they belong to.',
      );
    }
    const work: Promise<void>[] = [];
    for (const [name, files] of classes) {
      try {
        work.push(this.#adding.add(await this.#classes.named(name), files));
      } catch (error) {
        this.#refusals.add([sentence(messageOf(error))]);
      }
    }
    await Promise.all(work);
  }

  async #addTo(to: OwnClass, found: readonly FoundPicture[]): Promise<void> {
    await this.#adding.add(to, [...byClass(found, to.name).values()].flat());
  }

  async #saveZip(): Promise<void> {
    this.#say('Packing …');
    const zip = await zipPictures(this.#classes.list);
    download('pictures.zip', zip, 'application/zip');
    this.#say('pictures.zip is saved.');
  }

  async #loadZip(file: File): Promise<void> {
    this.#say(`Unpacking ${file.name} …`);
    await this.#take(await unzipPictures(file, file.name));
  }

  async #removeAll(): Promise<void> {
    const pictures = this.#classes.list.reduce((sum, each) => sum + each.pictures.length, 0);
    const what = `${counted(this.#classes.list.length, 'class', 'classes')} with ${counted(pictures, 'picture')}`;
    if (!(await confirmed(`Remove ${what} from this browser? Files on your disk stay.`, 'Remove all')))
      return;
    await this.#classes.clear();
    this.#say('All classes and pictures are removed.');
    byId('add-class').focus();
  }

  async #removeClass(which: OwnClass): Promise<void> {
    const { name, pictures } = which;
    const question = `Remove “${name}” with ${counted(pictures.length, 'picture')}?`;
    if (pictures.length > 0 && !(await confirmed(question, 'Remove'))) return;
    await this.#classes.remove(which);
    this.#say(`“${name}” is removed.`);
    byId('add-class').focus();
  }

  async #removePicture(from: OwnClass, picture: StoredPicture): Promise<void> {
    await this.#classes.removePicture(from, picture);
    this.#say(`${picture.name} is removed.`);
    if (this.#classes.list.includes(from)) this.#removed.push({ from, picture });
    // The last of a class has no neighbour that could take its focus.
    if (document.activeElement === document.body) byId('undo').focus({ preventScroll: true });
  }

  async #putBack(): Promise<void> {
    const removed = this.#removed.pop();
    if (!removed) return;
    const { from, picture } = removed;
    const back = await this.#classes.putBack(from, picture).catch((error: unknown) => {
      this.#removed.push(removed);
      throw error;
    });
    if (!back) return;
    this.#say(`${back.name} is back.`);
    this.#cards.get(from)?.focusPicture(back);
  }

  /** A picture that the camera took. */
  async #record(to: OwnClass, blob: Blob): Promise<void> {
    const name = 'camera.jpg';
    const thumbnail = await this.#context.trainer.call('look', blob, name);
    await this.#classes.addPictures(to, [{ name, blob, thumbnail }]);
    this.#removed.clear();
    // Not of each: there are several a second.
    clearTimeout(this.#recorded);
    this.#recorded = setTimeout(() => {
      this.#say(`“${to.name}” has ${counted(to.pictures.length, 'picture')} now.`);
    }, 800);
  }

  #showAdding(added: Added): void {
    const { total, done, failures } = added;
    const progress = byId('adding', HTMLProgressElement);
    progress.hidden = done === total;
    progress.value = total === 0 ? 0 : done / total;
    const text = byId('adding-text');
    text.hidden = done === total;
    text.textContent = `${count(done)} of ${count(total)}`;
    if (done < total) return;
    this.#removed.clear();
    this.#refusals.add(failures);
    this.#say(newsOf(added));
  }

  #show(): void {
    const { list } = this.#classes;
    this.#removed.keepOf(list);
    for (const [of, card] of this.#cards) {
      if (list.includes(of)) continue;
      card.remove();
      this.#cards.delete(of);
    }
    for (const of of list) {
      const card = this.#cards.get(of);
      if (card) card.show();
      else this.#addCard(of);
    }
    const ownPictures = list.some(({ pictures }) => pictures.length > 0);
    byId('save-zip', HTMLButtonElement).disabled = !ownPictures;
    byId('remove-all', HTMLButtonElement).disabled = this.#classes.pristine;
    byId('pictures-hint').textContent = untrainable(list) ?? leftOut(list);
    const { store } = this.#context;
    if (store.state.ownPictures !== ownPictures) store.set({ ownPictures });
  }

  #addCard(of: OwnClass): void {
    const card = new ClassCard(of, {
      add: (files) => {
        this.#refusals.clear();
        void this.#guard(() => this.#adding.add(of, files));
      },
      record: (picture) => this.#record(of, picture),
      cameraWaits: (waits) => {
        if (waits) this.#say(CAMERA_WAITS);
        else if (byId('pictures-status').textContent === CAMERA_WAITS) this.#say('');
      },
      rename: (name) => this.#classes.rename(of, name),
      remove: () => this.#guard(() => this.#removeClass(of)),
      removePicture: (picture) => this.#guard(() => this.#removePicture(of, picture)),
    });
    this.#cards.set(of, card);
    byId('classes').insertBefore(card.element, byId('add-class'));
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#say('');
      this.#refusals.add([sentence(messageOf(error))]);
    }
  }

  /** Has the hint beside the button be read out, and seen to be what is missing. */
  #complain(problem: string): void {
    this.#say('');
    const hint = byId('pictures-hint');
    hint.replaceChildren(h('span', { class: 'problem', role: 'alert' }, problem));
  }

  #say(text: string): void {
    byId('pictures-status').textContent = text;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Classes that will not be learnt, as a sentence. */
function leftOut(classes: readonly OwnClass[]): string {
  const empty = classes.filter(({ pictures }) => pictures.length === 0).map(({ name }) => `“${name}”`);
  if (empty.length === 0) return '';
  return `Without pictures, ${empty.slice(0, 3).join(', ')}${empty.length > 3 ? ', …' : ''} ${empty.length === 1 ? 'is' : 'are'} left out.`;
}
