/** What the worker behind the page does: it has the images and the model, and answers the page's calls. */
import { USUAL_FIT } from '../../data/pictures/pixels.ts';
import { OptionError } from '../../errors.ts';
import { decodePicture, type RgbaImage } from '../../formats/picture.ts';
import type { Recipe } from '../../recipes/recipe.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { modelFromJSON, sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import { encodeModel } from '../../training/modelFile.ts';
import {
  classify,
  confusionMatrix,
  imagesInCell,
  worstMistakes,
  type Classified,
} from '../../evaluation/classification.ts';
import { networkChoices, summarizeNetwork, type NetworkChoice } from '../network.ts';
import type {
  DataSummary,
  EngineSummary,
  FeatureMap,
  LabelledTiles,
  LoadedModel,
  ModelSummary,
  Picture,
  PictureClass,
  PlannedNetwork,
  Prediction,
  RecipeChoice,
  TestOutcome,
  TrainerCalls,
  TrainerEvent,
  TrainOutcome,
  Unfinished,
} from '../protocol.ts';
import { recipeChoices } from '../recipes.ts';
import { LOADED, type Settings } from '../settings.ts';
import { answerToFrame, answerToPicture, pictureOf, rgbaImage } from './answers.ts';
import { ChosenImages } from './chosenImages.ts';
import { labelledTiles } from './datasets.ts';
import { engineSummary } from './engineSummary.ts';
import { featureMaps } from './featureMaps.ts';
import { firstFilters } from './filters.ts';
import { KeptTraining } from './keptTraining.ts';
import { choiceOf, loadedModel, ofCheckpoint, type LoadedModel as Loaded } from './loadedModel.ts';
import { lookAt } from './pictures.ts';
import { modelOfFiles } from './modelOfFiles.ts';
import { misfit, summarizeModel } from './modelSummary.ts';
import { Run } from './run.ts';
import { trainingPlan } from './trainingPlan.ts';
import { testInViews } from './viewsTest.ts';

/** As the command line, so that the results are the same to the last bit. */
const TEST_BATCH = 64;

const MISTAKES = 15;

export class Trainer implements TrainerCalls {
  readonly #tell: (event: TrainerEvent) => void;
  readonly #images: ChosenImages;
  #model: Model | undefined;
  /** What the model was trained by, if not by one's own settings. */
  #recipe: Recipe | undefined;
  /** What was loaded last, as it was. */
  #loaded: Loaded | undefined;
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

  recipes(): Promise<readonly RecipeChoice[]> {
    return Promise.resolve(recipeChoices());
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

  async describe(settings: Settings): Promise<PlannedNetwork> {
    const { layers, madeAnew } = trainingPlan(settings, this.#images.data, this.#loaded);
    return Promise.resolve({ ...summarizeNetwork(layers), madeAnew });
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
    const goesOn = resumeFrom && settings.network === LOADED;
    const plan = trainingPlan(settings, data, goesOn ? ofCheckpoint(resumeFrom) : this.#loaded);
    const { train } = plan.sets;
    const options = {
      ...plan.model,
      seed: settings.seed,
      tier: settings.tier,
      threads: settings.threads,
      classNames: train.classNames,
      ...(data.name === 'pictures' && { imageFit: USUAL_FIT }),
    };
    const run = (this.#run = new Run());
    this.#modelChoices++;
    try {
      // A checkpoint knows what the network has taken from the images or a model, and which layers are trained by now.
      const model = resumeFrom
        ? modelFromJSON(resumeFrom.network, options)
        : sequential(plan.layers, options);
      await this.#replaceModel(model, plan.recipe);
      if (!resumeFrom) await plan.prepare(model, train);
      model.compile(plan.compile);
      const outcome = await run.train(model, plan, {
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
    const views = Number.isFinite(loss)
      ? await testInViews(model, this.#recipe, test, TEST_BATCH, (done, all) => {
          this.#tell({ kind: 'testing', share: done / all });
        })
      : undefined;
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
      views,
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
    files: readonly File[],
    { tier, threads, seed }: Pick<Settings, 'tier' | 'threads' | 'seed'>,
  ): Promise<LoadedModel> {
    this.#mustBeIdle();
    const choice = ++this.#modelChoices;
    const { model, name } = await modelOfFiles(files, { tier, threads, seed });
    this.#mustBeIdle();
    if (choice !== this.#modelChoices) {
      await model.dispose();
      throw new OptionError('Another model has been chosen in the meantime.');
    }
    this.#loaded = loadedModel(model, name);
    await this.#replaceModel(model, undefined);
    return { ...summarizeModel(model, this.#images.data.test), choice: choiceOf(this.#loaded) };
  }

  async #predict(image: RgbaImage): Promise<Prediction> {
    return answerToPicture(this.#needModel(), image, this.#images.data.train.classNames);
  }

  async #use(choice: Promise<DataSummary>): Promise<DataSummary> {
    const summary = await choice;
    this.#classified = undefined;
    return summary;
  }

  async #replaceModel(model: Model, recipe: Recipe | undefined): Promise<void> {
    const old = this.#model;
    this.#model = model;
    this.#recipe = recipe;
    this.#classified = undefined;
    await old?.dispose();
  }

  async #tellEngine(): Promise<void> {
    this.#tell({ kind: 'engine', engine: await engineSummary(this.#model) });
  }

  #needModel(): Model {
    if (!this.#model) throw new OptionError('There is no network yet: train one, or load a model.');
    return this.#model;
  }

  #mustBeIdle(): void {
    if (this.#run) throw new OptionError('A training is under way: stop it first.');
  }
}
