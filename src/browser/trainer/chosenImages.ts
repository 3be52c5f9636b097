/** The images that were chosen last: what the network is trained on and tested with. */
import type { Dataset } from '../../data/dataset.ts';
import { slice } from '../../data/slice.ts';
import { OptionError } from '../../errors.ts';
import type { DataSummary, LabelledTiles, PictureClass } from '../protocol.ts';
import type { OnProgress } from './cifar10Files.ts';
import { drawShapes, loadCifar10, samplesOf, summarizeData, type Data } from './datasets.ts';
import { loadPictures } from './pictures.ts';

/** The page is told of progress no more often than this, in milliseconds. */
const INTERVAL = 100;

export class ChosenImages {
  readonly #onReading: OnProgress;
  readonly #mayChange: () => void;
  #data: Data | undefined;
  /** How often images have been chosen: what was chosen last is what counts, however long it takes to load. */
  #choices = 0;

  /**
   * @param onReading  is told how far the reading is
   * @param mayChange  is called before the images change; throws if they must not
   */
  constructor(onReading: OnProgress, mayChange: () => void) {
    this.#onReading = onReading;
    this.#mayChange = mayChange;
  }

  /** @throws OptionError if there are none yet */
  get data(): Data {
    if (!this.#data) throw new OptionError('There are no images yet.');
    return this.#data;
  }

  shapes(): Promise<DataSummary> {
    return this.#choose(() => Promise.resolve(drawShapes()));
  }

  cifar10(files: readonly File[]): Promise<DataSummary> {
    return this.#choose((onProgress) => loadCifar10(files, onProgress));
  }

  pictures(classes: readonly PictureClass[], imageSize: number | undefined): Promise<DataSummary> {
    return this.#choose((onProgress) => loadPictures(classes, imageSize, onProgress));
  }

  /** The first training images of every class, class by class. */
  samples(perClass: number): LabelledTiles {
    return samplesOf(this.data.train, perClass);
  }

  /** @throws OptionError if there is no such image */
  testImage(index: number): Dataset {
    const { test } = this.data;
    if (!Number.isInteger(index) || index < 0 || index >= test.count) {
      throw new OptionError(
        `There is no test image ${index}: they are numbered from 0 to ${test.count - 1}.`,
      );
    }
    return slice(test, index, index + 1);
  }

  async #choose(load: (onProgress: OnProgress) => Promise<Data>): Promise<DataSummary> {
    this.#mayChange();
    const choice = ++this.#choices;
    let told = 0;
    const data = await load((share) => {
      if (performance.now() - told < INTERVAL && share < 1) return;
      told = performance.now();
      this.#onReading(share);
    });
    if (choice !== this.#choices) throw new OptionError('Other images have been chosen in the meantime.');
    this.#mayChange();
    this.#data = data;
    return summarizeData(data);
  }
}
