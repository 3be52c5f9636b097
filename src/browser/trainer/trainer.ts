/** What the worker behind the page does: it has the images and the model, and answers the page's calls. */
import { USUAL_FIT } from '../../data/pictures/pixels.ts';
import { OptionError } from '../../errors.ts';
import { decodePicture, type RgbaImage } from '../../formats/picture.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import { decodeModel, encodeModel } from '../../training/modelFile.ts';
import { haveNormalization, momentsOf, normalized } from '../../training/normalizing.ts';
import {
  classify,
  confusionMatrix,
  imagesInCell,
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
  PictureClass,
  Prediction,
  TestOutcome,
  TrainerCalls,
  TrainerEvent,
  TrainOutcome,
  Unfinished,
} from '../protocol.ts';
import type { Settings } from '../settings.ts';
import { answerToFrame, answerToPicture, pictureOf, rgbaImage } from './answers.ts';
import { ChosenImages } from './chosenImages.ts';
import { labelledTiles, trainingSets } from './datasets.ts';
import { engineSummary } from './engineSummary.ts';
import { featureMaps } from './featureMaps.ts';
import { firstFilters } from './filters.ts';
import { KeptTraining } from './keptTraining.ts';
import { learningOf } from './learning.ts';
import { lookAt } from './pictures.ts';
import { misfit, summarizeModel } from './modelSummary.ts';
import { Run } from './run.ts';

/** As the command line, so that the results are the same to the last bit. */
const TEST_BATCH = 64;

const MISTAKES = 15;

export class Trainer implements TrainerCalls {
  readonly #tell: (event: TrainerEvent) => void;
  readonly #images: ChosenImages;
  #model: Model | undefined;
  #run: Run | undefined;
  #classified: Classified | undefined;
  readonly #kept = new KeptTraining();
  /** How often models have been chosen: what was chosen last is what counts, however long it takes to load. */
  #modelChoices = 0;

  constructor(tell: (event: TrainerEvent) => void) {
    this.#tell = tell;
    this.#images = new ChosenImages(
      (share) => {
        tell({ kind: 'reading', share });
      },
      () => {
        this.#mustBeIdle();
      },
    );
  }

  engine(): Promise<EngineSummary> {
    return engineSummary();
  }

  networks(): Promise<readonly NetworkChoice[]> {
    return Promise.resolve(networkChoices());
  }

  useShapes(): Promise<DataSummary> {
    return this.#use(this.#images.shapes());
  }

  useCifar10(files: readonly File[]): Promise<DataSummary> {
    return this.#use(this.#images.cifar10(files));
  }

  usePictures(classes: readonly PictureClass[], imageSize: number | undefined): Promise<DataSummary> {
    return this.#use(this.#images.pictures(classes, imageSize));
  }

  look(file: Blob, name: string): Promise<Picture> {
    return lookAt(file, name);
  }

  async samples(perClass: number): Promise<LabelledTiles> {
    return Promise.resolve(this.#images.samples(perClass));
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
    const { data } = this.#images;
    const sets = trainingSets(data, settings.images);
    const ofPictures = data.name === 'pictures';
    const run = (this.#run = new Run());
    this.#modelChoices++;
    try {
      await this.#replaceModel(
        sequential(this.#layers(settings), {
          seed: settings.seed,
          tier: settings.tier,
          threads: settings.threads,
          classNames: sets.train.classNames,
          ...(ofPictures && { imageFit: USUAL_FIT }),
        }),
      );
      const model = this.#needModel();
      if (ofPictures) model.adapt(await momentsOf(sets.train));
      model.compile(learningOf(settings, sets.train.count));
      const outcome = await run.train(model, sets, settings, {
        tell: (event) => {
          if (event.kind === 'epoch') void this.#tellEngine();
          this.#tell(event);
        },
        about: this.#kept.about(settings, data.name, data.identity),
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
    const { test } = this.#images.data;
    const model = this.#needModel();
    const problem = misfit(model, test);
    if (problem !== undefined) throw new OptionError(problem);
    const { loss, accuracy, count } = await model.evaluate(test.images, test.labels, {
      batchSize: TEST_BATCH,
    });
    const { data } = await model.predict(test.images, { batchSize: TEST_BATCH });
    if (model !== this.#model || test !== this.#images.data.test) {
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
    const { test } = this.#images.data;
    if (!this.#classified) throw new OptionError('The network has not been tested yet.');
    const indices = imagesInCell(test.labels, this.#classified, actual, answer);
    return Promise.resolve(labelledTiles(test, indices.slice(0, most), this.#classified, indices.length));
  }

  async testImages(begin: number, count: number): Promise<LabelledTiles> {
    const { test } = this.#images.data;
    const indices = Array.from({ length: Math.min(count, test.count - begin) }, (_, i) => begin + i);
    return Promise.resolve(labelledTiles(test, indices, this.#classified, test.count));
  }

  async featureMaps(index: number): Promise<readonly FeatureMap[]> {
    return featureMaps(this.#needModel(), this.#images.testImage(index).images);
  }

  async predictFile(file: File): Promise<Prediction> {
    this.#needModel();
    return this.#predict(await decodePicture(new Uint8Array(await file.arrayBuffer()), file.name));
  }

  predictPicture(picture: Picture): Promise<Prediction> {
    return this.#predict(rgbaImage(picture));
  }

  async predictTestImage(index: number): Promise<Prediction> {
    const image = this.#images.testImage(index);
    return { ...(await this.#predict(pictureOf(image))), actual: image.classNames[image.labels[0]!] };
  }

  predictFrame(frame: Picture): Promise<Float32Array> {
    return answerToFrame(this.#needModel(), frame);
  }

  async model(): Promise<ModelSummary> {
    return Promise.resolve(summarizeModel(this.#needModel(), this.#images.data.test));
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
    return summarizeModel(model, this.#images.data.test);
  }

  async #predict(image: RgbaImage): Promise<Prediction> {
    return answerToPicture(this.#needModel(), image, this.#images.data.train.classNames);
  }

  async #use(choice: Promise<DataSummary>): Promise<DataSummary> {
    const summary = await choice;
    this.#classified = undefined;
    return summary;
  }

  async #replaceModel(model: Model): Promise<void> {
    const old = this.#model;
    this.#model = model;
    this.#classified = undefined;
    await old?.dispose();
  }

  async #tellEngine(): Promise<void> {
    this.#tell({ kind: 'engine', engine: await engineSummary(this.#model) });
  }

  #layers(settings: Settings): LayerSpec[] {
    const { name, train } = this.#images.data;
    const { height, width, channels, classNames } = train;
    const layers = networkOf(settings, classNames.length, [height, width, channels]);
    // As the command line's networks for pictures of a folder.
    return name === 'pictures' && !haveNormalization(layers) ? normalized(layers) : layers;
  }

  #needModel(): Model {
    if (!this.#model) throw new OptionError('There is no network yet: train one, or load a model.');
    return this.#model;
  }

  #mustBeIdle(): void {
    if (this.#run) throw new OptionError('A training is under way: stop it first.');
  }
}
