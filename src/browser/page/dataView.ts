/** The images that there are, and the choice of others. */
import type { DataSummary, LabelledTiles, PictureClass } from '../protocol.ts';
import type { Context } from './context.ts';
import { byId, h } from './dom.ts';
import { count } from './format.ts';
import { clearError, PageError, showError } from './notice.ts';
import type { State } from './store.ts';
import { tileCanvas } from './tiles.ts';

const SAMPLES_PER_CLASS = 9;

export class DataView {
  readonly #context: Context;
  /** How often images have been chosen: what was chosen last counts. */
  #choices = 0;

  constructor(context: Context) {
    this.#context = context;
    const files = byId('files', HTMLInputElement);
    files.addEventListener('change', () => {
      void this.useCifar10([...(files.files ?? [])]);
      files.value = ''; // So that the same files can be chosen again.
    });
    byId('shapes').addEventListener('click', () => void this.useShapes());
    acceptDrops(byId('stage'), (dropped) => void this.useCifar10(dropped));
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
    return this.#use(() => this.#context.trainer.call('usePictures', classes, imageSize));
  }

  showReading(share: number): void {
    byId('reading', HTMLProgressElement).value = share;
  }

  /** @returns false if they cannot be used, or others have been chosen in the meantime */
  async #use(load: () => Promise<DataSummary>): Promise<boolean> {
    const { store, trainer } = this.#context;
    const choice = ++this.#choices;
    clearError();
    store.set({ phase: 'reading' });
    byId('reading', HTMLProgressElement).value = 0;
    byId('reading').hidden = false;
    try {
      const data = await load();
      const samples = await trainer.call('samples', SAMPLES_PER_CLASS);
      if (choice !== this.#choices) return false;
      byId('data-summary').textContent = summary(data);
      byId('shapes').hidden = data.name === 'shapes';
      showSamples(samples, data.classNames);
      store.set({ data, test: undefined, phase: 'idle' });
      return true;
    } catch (error) {
      if (choice !== this.#choices) return false;
      store.set({ phase: 'idle' });
      showError(error);
      return false;
    } finally {
      if (choice === this.#choices) byId('reading').hidden = true;
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

/** Takes files that are dropped on an element. A folder stands for the files in it. */
function acceptDrops(element: HTMLElement, onFiles: (files: File[]) => void): void {
  element.addEventListener('dragover', (event) => {
    event.preventDefault();
    element.classList.add('over');
  });
  element.addEventListener('dragleave', () => {
    element.classList.remove('over');
  });
  element.addEventListener('drop', (event) => {
    event.preventDefault();
    element.classList.remove('over');
    const entries = [...(event.dataTransfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
    if (entries.length === 0) {
      // From where there are no entries, such as another program.
      onFiles([...(event.dataTransfer?.files ?? [])]);
      return;
    }
    Promise.all(entries.map(filesOf)).then((files) => {
      if (files.flat().length > 0) onFiles(files.flat());
      else showError(new PageError('Drop folders of pictures further below, on “Your own pictures”.'));
    }, showError);
  });
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
