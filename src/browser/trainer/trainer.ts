/** What the worker behind the page does: it has the images and the model, and answers the page's calls. */
import type { Dataset } from '../../data/dataset.ts';
import { fitPicture } from '../../data/fitPicture.ts';
import { networkInput } from '../../data/networkInput.ts';
import { slice } from '../../data/slice.ts';
import { OptionError } from '../../errors.ts';
import { decodePicture, type RgbaImage } from '../../formats/picture.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import { decodeModel, encodeModel } from '../../training/modelFile.ts';
import {
  classify,
  confusionMatrix,
  imagesInCell,
  ranking,
  worstMistakes,
  type Classified,
} from '../../evaluation/classification.ts';
import {
  networkChoices,
  networkOf,
  summarizeNetwork,
  type NetworkChoice,
  type NetworkSummary,
} from '../network.ts';
import type {
  DataSummary,
  EngineSummary,
  FeatureMap,
  LabelledTiles,
  ModelSummary,
  Picture,
  Prediction,
  TestOutcome,
  TrainerCalls,
  TrainerEvent,
  TrainOutcome,
  Unfinished,
} from '../protocol.ts';
import type { Settings } from '../settings.ts';
import {
  drawShapes,
  labelledTiles,
  loadCifar10,
  samplesOf,
  summarizeData,
  tilesOf,
  type Data,
} from './datasets.ts';
import { engineSummary } from './engineSummary.ts';
import { featureMaps } from './featureMaps.ts';
import { firstFilters } from './filters.ts';
import { KeptTraining } from './keptTraining.ts';
import { learningOf } from './learning.ts';
import { Run } from './run.ts';

/** As the command line, so that the results are the same to the last bit. */
const TEST_BATCH = 64;

const MISTAKES = 15;
const TOP = 3;

export class Trainer implements TrainerCalls {
  readonly #tell: (event: TrainerEvent) => void;
  #data: Data | undefined;
  #model: Model | undefined;
  #run: Run | undefined;
  #classified: Classified | undefined;
  readonly #kept = new KeptTraining();
  /** How often images, and models, have been chosen: what was chosen last is what counts, however long it takes to load. */
  #dataChoices = 0;
  #modelChoices = 0;

  constructor(tell: (event: TrainerEvent) => void) {
    this.#tell = tell;
  }

  engine(): Promise<EngineSummary> {
    return engineSummary();
  }

  networks(): Promise<readonly NetworkChoice[]> {
    return Promise.resolve(networkChoices());
  }

  async useShapes(): Promise<DataSummary> {
    this.#mustBeIdle();
    this.#dataChoices++;
    return Promise.resolve(this.#use(drawShapes()));
  }

  async useCifar10(files: readonly File[]): Promise<DataSummary> {
    this.#mustBeIdle();
    const choice = ++this.#dataChoices;
    let told = 0;
    const data = await loadCifar10(files, (share) => {
      if (performance.now() - told < 100 && share < 1) return;
      told = performance.now();
      this.#tell({ kind: 'reading', share });
    });
    if (choice !== this.#dataChoices) throw new OptionError('Other images have been chosen in the meantime.');
    return this.#use(data);
  }

  async samples(perClass: number): Promise<LabelledTiles> {
    return Promise.resolve(samplesOf(this.#needData().train, perClass));
  }

  async describe(settings: Settings): Promise<NetworkSummary> {
    return Promise.resolve(summarizeNetwork(this.#layers(settings)));
  }

  train(settings: Settings): Promise<TrainOutcome> {
    return this.#train(settings, undefined);
  }

  async unfinished(): Promise<Unfinished | undefined> {
    return (await this.#kept.latest())?.unfinished;
  }

  async goOn(): Promise<TrainOutcome> {
    this.#mustBeIdle();
    const kept = await this.#kept.latest();
    if (!kept) throw new OptionError('There is no training to go on with any more.');
    return this.#train(kept.unfinished.settings, kept.checkpoint);
  }

  async forget(): Promise<void> {
    await this.#kept.forget();
  }

  async #train(settings: Settings, resumeFrom: Checkpoint | undefined): Promise<TrainOutcome> {
    this.#mustBeIdle();
    const { train, name } = this.#needData();
    const set = slice(train, 0, Math.min(settings.images ?? Infinity, train.count));
    const run = (this.#run = new Run());
    this.#modelChoices++;
    try {
      await this.#replaceModel(
        sequential(this.#layers(settings), {
          seed: settings.seed,
          tier: settings.tier,
          threads: settings.threads,
          classNames: set.classNames,
        }),
      );
      const model = this.#needModel();
      model.compile(learningOf(settings, set.count));
      const outcome = await run.train(model, set, settings, {
        tell: (event) => {
          if (event.kind === 'epoch') void this.#tellEngine();
          this.#tell(event);
        },
        about: this.#kept.about(settings, name),
        onCheckpoint: () => this.#kept.save(model.checkpoint()),
        resumeFrom,
      });
      if (!outcome.history.stopped) await this.#kept.forget();
      return outcome;
    } finally {
      this.#run = undefined;
    }
  }

  async pause(): Promise<void> {
    await Promise.resolve(this.#run?.pause());
  }

  async resume(): Promise<void> {
    await Promise.resolve(this.#run?.resume());
  }

  async stop(): Promise<void> {
    await Promise.resolve(this.#run?.stop());
  }

  async test(): Promise<TestOutcome> {
    const { test } = this.#needData();
    const model = this.#needModel();
    const misfit = this.#misfit(model);
    if (misfit) throw new OptionError(misfit);
    const { loss, accuracy, count } = await model.evaluate(test.images, test.labels, {
      batchSize: TEST_BATCH,
    });
    const { data } = await model.predict(test.images, { batchSize: TEST_BATCH });
    if (model !== this.#model || test !== this.#data?.test) {
      throw new OptionError('Another model or other images have been chosen in the meantime.');
    }
    const classes = test.classNames.length;
    const classified = (this.#classified = classify(data, classes));
    await this.#tellEngine();
    return {
      loss,
      accuracy: accuracy!,
      count,
      matrix: confusionMatrix(test.labels, classified.predicted, classes),
      mistakes: labelledTiles(test, worstMistakes(test.labels, classified, MISTAKES), classified),
      filters: firstFilters(model),
    };
  }

  async cell(actual: number, answer: number, most: number): Promise<LabelledTiles> {
    const { test } = this.#needData();
    if (!this.#classified) throw new OptionError('The network has not been tested yet.');
    const indices = imagesInCell(test.labels, this.#classified, actual, answer);
    return Promise.resolve(labelledTiles(test, indices.slice(0, most), this.#classified, indices.length));
  }

  async testImages(begin: number, count: number): Promise<LabelledTiles> {
    const { test } = this.#needData();
    const indices = Array.from({ length: Math.min(count, test.count - begin) }, (_, i) => begin + i);
    return Promise.resolve(labelledTiles(test, indices, this.#classified, test.count));
  }

  async featureMaps(index: number): Promise<readonly FeatureMap[]> {
    return featureMaps(this.#needModel(), this.#testImage(index).images);
  }

  async predictFile(file: File): Promise<Prediction> {
    this.#needModel();
    return this.#predictImage(await decodePicture(new Uint8Array(await file.arrayBuffer()), file.name));
  }

  async predictPicture({ width, height, rgba }: Picture): Promise<Prediction> {
    return this.#predictImage({
      width,
      height,
      data: new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength),
    });
  }

  async #predictImage(image: RgbaImage): Promise<Prediction> {
    const [height, width, channels] = this.#needModel().network.inputShape;
    if (channels !== 3) throw new OptionError('This network does not take colour images.');
    return this.#predict({ images: fitPicture(image, { width, height }), height, width });
  }

  async predictTestImage(index: number): Promise<Prediction> {
    const image = this.#testImage(index);
    return { ...(await this.#predict(image)), actual: image.classNames[image.labels[0]!] };
  }

  async predictFrame({ width, height, rgba }: Picture): Promise<Float32Array> {
    const model = this.#needModel();
    const [rows, columns, channels] = model.network.inputShape;
    const image = { width, height, data: new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength) };
    const size = { height: rows, width: columns, channels: channels as 1 | 3 };
    const { data } = await model.predict(networkInput(image, size, { fit: 'crop' }));
    return data;
  }

  async model(): Promise<ModelSummary> {
    return Promise.resolve(this.#summaryOf(this.#needModel()));
  }

  async saveModel(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(encodeModel(this.#needModel()));
  }

  async loadModel(
    file: File,
    { tier, threads, seed }: Pick<Settings, 'tier' | 'threads' | 'seed'>,
  ): Promise<ModelSummary> {
    this.#mustBeIdle();
    const choice = ++this.#modelChoices;
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.#mustBeIdle();
    if (choice !== this.#modelChoices)
      throw new OptionError('Another model has been chosen in the meantime.');
    const model = decodeModel(bytes, file.name, { tier, threads, seed });
    await this.#replaceModel(model);
    return this.#summaryOf(model);
  }

  #summaryOf(model: Model): ModelSummary {
    const outputs = model.network.layers.at(-1)!.outputShape[0]!;
    return {
      network: summarizeNetwork(model.network.specs),
      classNames: model.classNames ?? Array.from({ length: outputs }, (_, i) => `class ${i}`),
      misfit: this.#misfit(model),
    };
  }

  async #predict({
    images,
    height,
    width,
  }: Pick<Dataset, 'images' | 'height' | 'width'>): Promise<Prediction> {
    const model = this.#needModel();
    const begin = performance.now();
    const { data } = await model.predict(images);
    const milliseconds = performance.now() - begin;
    return {
      top: ranking(data, TOP),
      classNames: model.classNames ?? this.#data?.train.classNames ?? [],
      shown: tilesOf({ images, height, width }, [0]),
      milliseconds,
    };
  }

  #use(data: Data): DataSummary {
    this.#mustBeIdle();
    this.#data = data;
    this.#classified = undefined;
    return summarizeData(data);
  }

  async #replaceModel(model: Model): Promise<void> {
    const old = this.#model;
    this.#model = model;
    this.#classified = undefined;
    await old?.dispose();
  }

  /** Why the model cannot be tested on the data, as a sentence. */
  #misfit(model: Model): string | undefined {
    const { test } = this.#needData();
    const [height, width, channels] = model.network.inputShape;
    const wanted = [height, width, channels].join('×');
    const given = [test.height, test.width, test.channels].join('×');
    if (wanted !== given) return `The model takes ${wanted} images, but these are ${given}.`;
    if (model.classNames && model.classNames.join() !== test.classNames.join()) {
      const some = model.classNames.slice(0, 3).join(', ');
      return `The model was trained on other classes (${some} …) than those of the images here: choose its data to test it.`;
    }
    const outputs = model.network.layers.at(-1)!.outputShape.join('×');
    if (outputs === String(test.classNames.length)) return undefined;
    return `The model tells ${outputs} classes apart, but there are ${test.classNames.length} here.`;
  }

  #testImage(index: number): Dataset {
    const { test } = this.#needData();
    if (!Number.isInteger(index) || index < 0 || index >= test.count) {
      throw new OptionError(
        `There is no test image ${index}: they are numbered from 0 to ${test.count - 1}.`,
      );
    }
    return slice(test, index, index + 1);
  }

  async #tellEngine(): Promise<void> {
    this.#tell({ kind: 'engine', engine: await engineSummary(this.#model) });
  }

  #layers(settings: Settings): LayerSpec[] {
    const { height, width, channels, classNames } = this.#needData().train;
    return networkOf(settings, classNames.length, [height, width, channels]);
  }

  #needData(): Data {
    if (!this.#data) throw new OptionError('There are no images yet.');
    return this.#data;
  }

  #needModel(): Model {
    if (!this.#model) throw new OptionError('There is no network yet: train one, or load a model.');
    return this.#model;
  }

  #mustBeIdle(): void {
    if (this.#run) throw new OptionError('A training is under way: stop it first.');
  }
}
