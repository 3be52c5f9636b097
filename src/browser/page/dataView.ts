/** The images that there are, and the choice of others. */
import { isZipName } from '../pictures/found.ts';
import type { DataSummary, LabelledTiles, PictureClass } from '../protocol.ts';
import type { Context } from './context.ts';
import { byId, h } from './dom.ts';
import { acceptDrops } from './drops.ts';
import { count } from './format.ts';
import { clearError, PageError, showError } from './notice.ts';
import type { State } from './store.ts';
import { tileCanvas } from './tiles.ts';

const SAMPLES_PER_CLASS = 9;

export class DataView {
  readonly #context: Context;
  /** Shows how far the images that were chosen last are read. */
  #reading = byId('reading', HTMLProgressElement);
  /** How often images have been chosen: what was chosen last counts. */
  #choices = 0;

  /** @param onPictures  is given folders and zips that are dropped; must read them at once */
  constructor(context: Context, onPictures: (transfer: DataTransfer) => void) {
    this.#context = context;
    const files = byId('files', HTMLInputElement);
    files.addEventListener('change', () => {
      void this.useCifar10([...(files.files ?? [])]);
      files.value = ''; // So that the same files can be chosen again.
    });
    byId('shapes').addEventListener('click', () => void this.useShapes());
    acceptImages(byId('stage'), (dropped) => void this.useCifar10(dropped), onPictures);
    context.store.subscribe((state) => {
      files.disabled = !isFree(state);
      byId('shapes', HTMLButtonElement).disabled = files.disabled;
      byId('data').classList.toggle('busy', state.phase === 'reading');
    });
  }

  async useShapes(): Promise<void> {
    await this.#use(() => this.#context.trainer.call('useShapes'));
  }

  async useCifar10(files: readonly File[]): Promise<void> {
    const { state } = this.#context.store;
    // Other images may be dropped while some are read: these are forgotten then.
    if (files.length === 0 || !(isFree(state) || state.phase === 'reading')) return;
    await this.#use(() => this.#context.trainer.call('useCifar10', files));
  }

  /** @returns whether they can be trained on now; if not, it has been said why */
  usePictures(classes: readonly PictureClass[], imageSize: number | undefined): Promise<boolean> {
    // Below where it is said that they are read.
    const bar = byId('reading-pictures', HTMLProgressElement);
    return this.#use(() => this.#context.trainer.call('usePictures', classes, imageSize), bar);
  }

  showReading(share: number): void {
    this.#reading.value = share;
  }

  /** @returns false if they cannot be used, or others have been chosen in the meantime */
  async #use(load: () => Promise<DataSummary>, bar = byId('reading', HTMLProgressElement)): Promise<boolean> {
    const { store, trainer } = this.#context;
    const choice = ++this.#choices;
    clearError();
    store.set({ phase: 'reading' });
    this.#reading.hidden = true;
    this.#reading = bar;
    bar.value = 0;
    bar.hidden = false;
    try {
      const data = await load();
      const samples = await trainer.call('samples', SAMPLES_PER_CLASS);
      if (choice !== this.#choices) return false;
      byId('data-summary').textContent = summary(data);
      byId('shapes').hidden = data.name === 'shapes';
      showSamples(samples, data.classNames);
      const { misfit, classNames } = store.state;
      const stays = misfit && classNames.join() !== data.classNames.join();
      store.set({ data, misfit: stays, test: undefined, phase: 'idle' });
      return true;
    } catch (error) {
      if (choice !== this.#choices) return false;
      store.set({ phase: 'idle' });
      showError(error);
      return false;
    } finally {
      if (choice === this.#choices) bar.hidden = true;
    }
  }
}

const NAMES = { shapes: 'Shapes on textures', cifar10: 'CIFAR-10', pictures: 'Your pictures' } as const;

function summary({ name, trainCount, validationCount, testCount, testIsValidation }: DataSummary): string {
  const training = validationCount === undefined ? Math.floor(trainCount * 0.8) : trainCount;
  const validation = validationCount ?? trainCount - training;
  const parts = [`${count(training)} pictures to learn from`, `${count(validation)} to check with`];
  if (!testIsValidation) parts.push(`${count(testCount)} for the final test`);
  const text = `${NAMES[name]}: ${parts.join(', ')}.`;
  return testIsValidation
    ? `${text} There was no test_batch.bin: those to check with are the final test, too.`
    : text;
}

/** Whether nothing is under way that has to do with the images. */
function isFree({ phase }: State): boolean {
  return phase === 'idle' || phase === 'starting';
}

function showSamples(samples: LabelledTiles, classNames: readonly string[]): void {
  const rows = classNames.map((name, label) => {
    const strip = h('div', { class: 'strip' });
    samples.labels.forEach((other, tile) => {
      if (other === label) strip.append(tileCanvas(samples, tile));
    });
    return h('figure', {}, h('figcaption', {}, name), strip);
  });
  byId('samples').replaceChildren(...rows);
}

/**
 * Takes CIFAR-10's files that are dropped on an element. A folder stands for the files in it.
 * @param onPictures  is given what is no CIFAR-10, but a zip, or a folder of anything; must read it at once
 */
function acceptImages(
  element: HTMLElement,
  onFiles: (files: File[]) => void,
  onPictures: (transfer: DataTransfer) => void,
): void {
  acceptDrops(element, (transfer) => {
    const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
    if (entries.some(arePictures) || [...transfer.files].some(({ name }) => isZipName(name))) {
      onPictures(transfer);
    } else if (entries.length === 0) {
      // From where there are no entries, such as another program.
      onFiles([...transfer.files]);
    } else {
      Promise.all(entries.map(filesOf)).then((files) => {
        if (files.flat().length > 0) onFiles(files.flat());
        else showError(new PageError('There are no .bin files in that folder: choose that with CIFAR-10.'));
      }, showError);
    }
  });
}

/** By the name, as what is dropped can only be handed on at once: the folder in CIFAR-10's archive is called cifar-10-batches-bin. */
function arePictures({ isDirectory, name }: FileSystemEntry): boolean {
  return isDirectory && !/^cifar/i.test(name);
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) => {
        (entry as FileSystemFileEntry).file(resolve, reject);
      }),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children = await new Promise<FileSystemEntry[]>((resolve, reject) => {
    reader.readEntries(resolve, reject);
  });
  const files = children.filter((child) => child.isFile && child.name.endsWith('.bin'));
  return (await Promise.all(files.map(filesOf))).flat();
}
