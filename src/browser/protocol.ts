/** What the page and the trainer, the worker behind it, say to each other. The calls themselves are in rpc.ts. */
import type { EpochLogs, History } from '../training/history.ts';
import type { Rank } from '../evaluation/classification.ts';
import type { NetworkChoice, NetworkSummary } from './network.ts';
import type { LoadedChoice, Settings } from './settings.ts';

export type DatasetName = 'shapes' | 'cifar10' | 'pictures';

export interface DataSummary {
  readonly name: DatasetName;
  readonly classNames: readonly string[];
  readonly trainCount: number;
  /** How many there are to validate with; undefined if they are the last fifth of the training images. */
  readonly validationCount?: number | undefined;
  readonly testCount: number;
  /** True if the files had no test images, so that the last of the training images stand in for them. */
  readonly testIsValidation: boolean;
  /** By which own pictures are told from others. */
  readonly identity?: string | undefined;
}

/** Pictures of one size. */
export interface Tiles {
  readonly height: number;
  readonly width: number;
  /** Which images they are, [count]. */
  readonly indices: readonly number[];
  /** RGBA, [count, height, width, 4]. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Test or training images with their labels. */
export interface LabelledTiles extends Tiles {
  readonly labels: readonly number[];
  /** What the network says, where it has been tested. */
  readonly predicted?: readonly number[];
  readonly confidence?: readonly number[];
  /** How many there are in all, if these are the first of them. */
  readonly total: number;
}

/** Grey pictures of one layer's output. */
export interface FeatureMap {
  readonly layer: string;
  readonly height: number;
  readonly width: number;
  /** How many pictures there are, of how many channels. */
  readonly count: number;
  readonly channels: number;
  /** [count, height, width]. */
  readonly pixels: Uint8Array;
}

/** A network with all that its training needs. */
export interface RecipeChoice {
  readonly name: string;
  /** What it is for, in a line. */
  readonly description: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** The share of the training images, from the end, that it validates with. */
  readonly validationSplit: number;
  /** Whether it takes whole batches only. */
  readonly dropRemainder: boolean;
}

export interface EngineSummary {
  readonly tier: string;
  readonly threads: number;
  /** How many can be asked for. */
  readonly mostThreads: number;
  /** Why there is not more, in sentences. */
  readonly reason?: string | undefined;
}

/** A training that did not come to its end, because its tab did. */
export interface Unfinished {
  readonly settings: Settings;
  readonly dataset: DatasetName;
  /** Of the images, as in the summary of them. */
  readonly identity?: string | undefined;
  /** How many epochs are complete, and how many batches of the next. */
  readonly epoch: number;
  readonly batch: number;
  /** Of the complete epochs. */
  readonly history: Omit<History, 'stopped'>;
}

export interface TrainOutcome {
  readonly history: History;
  readonly seconds: number;
  /** Over all training steps, without validation and pauses. */
  readonly imagesPerSecond: number;
}

export interface TestOutcome {
  readonly loss: number;
  readonly accuracy: number;
  readonly count: number;
  /** How often the likeliest class is right over all the views of the recipe that it was trained by: what counts for that. */
  readonly views?: { readonly recipe: string; readonly accuracy: number; readonly views: number } | undefined;
  /** Rows are the labels, columns the answers. */
  readonly matrix: readonly (readonly number[])[];
  readonly mistakes: LabelledTiles;
  readonly filters: Tiles | undefined;
}

/** What is to be trained. */
export interface PlannedNetwork extends NetworkSummary {
  /** Of a loaded model, the layers whose weights are drawn anew, as there are other classes. */
  readonly madeAnew?: readonly string[] | undefined;
}

export interface ModelSummary {
  readonly network: NetworkSummary;
  readonly classNames: readonly string[];
  /** Why it cannot be tested on the data there are, as a sentence. */
  readonly misfit?: string | undefined;
}

/** A model that was loaded: it can be trained on from. */
export interface LoadedModel extends ModelSummary {
  readonly choice: LoadedChoice;
}

export interface Prediction {
  /** The likeliest classes. */
  readonly top: readonly Rank[];
  readonly classNames: readonly string[];
  /** What the network was shown. */
  readonly shown: Tiles;
  /** The name of the class, for images of which it is known. */
  readonly actual?: string | undefined;
  readonly milliseconds: number;
}

/** An image as it is before it is made to fit the network. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Straight alpha, [height, width, 4]. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** A class of pictures of one's own. */
export interface PictureClass {
  readonly name: string;
  readonly pictures: readonly { readonly name: string; readonly file: Blob }[];
}

export interface TrainerCalls {
  /** @throws EngineError if it cannot run here at all */
  engine(): Promise<EngineSummary>;
  networks(): Promise<readonly NetworkChoice[]>;
  recipes(): Promise<readonly RecipeChoice[]>;
  useShapes(): Promise<DataSummary>;
  useCifar10(files: readonly File[]): Promise<DataSummary>;
  /** @param imageSize  pixels on a side; by default what all pictures share up to 128, else 64 */
  usePictures(classes: readonly PictureClass[], imageSize: number | undefined): Promise<DataSummary>;
  /**
   * What there is to see of a file, at most 96 pixels on a side.
   * @throws FormatError, DataError naming the file if it is no picture that can be read
   */
  look(file: Blob, name: string): Promise<Picture>;
  /** The first training images of every class, class by class. */
  samples(perClass: number): Promise<LabelledTiles>;
  /** @throws OptionError if the images cannot be trained on by the recipe */
  describe(settings: Settings): Promise<PlannedNetwork>;
  /** Trains a new network, or the loaded one as it was loaded, until it is done or stopped. */
  train(settings: Settings): Promise<TrainOutcome>;
  /** The training that the tab was last closed on, if there is one. */
  unfinished(): Promise<Unfinished | undefined>;
  /** Goes on with it. */
  goOn(): Promise<TrainOutcome>;
  /** Has it be gone on with no more. */
  forget(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
  test(): Promise<TestOutcome>;
  /** Test images of a cell of the matrix. */
  cell(actual: number, answer: number, most: number): Promise<LabelledTiles>;
  testImages(begin: number, count: number): Promise<LabelledTiles>;
  /** What layers make of a test image: all that give images, or some from the first to the last if there are many. */
  featureMaps(index: number): Promise<readonly FeatureMap[]>;
  predictFile(file: File): Promise<Prediction>;
  predictPicture(picture: Picture): Promise<Prediction>;
  predictTestImage(index: number): Promise<Prediction>;
  /** What is in the middle of a camera's frame: the probabilities, by class. */
  predictFrame(frame: Picture): Promise<Float32Array>;
  /** The model there is. */
  model(): Promise<ModelSummary>;
  saveModel(): Promise<Uint8Array<ArrayBuffer>>;
  /** Of another program too; what the model needs besides its own file comes with it. */
  loadModel(
    files: readonly File[],
    settings: Pick<Settings, 'tier' | 'threads' | 'seed'>,
  ): Promise<LoadedModel>;
}

/** One step of training. */
export interface StepPoint {
  /** Counted from 1, over all epochs. */
  readonly step: number;
  /** Of the step's own images. */
  readonly loss: number;
  readonly accuracy: number;
}

export interface Progress {
  readonly phase: 'training' | 'validating';
  /** Counted from 0. */
  readonly epoch: number;
  readonly epochs: number;
  /** Images of this phase. */
  readonly seen: number;
  readonly total: number;
  /** Of all work, 0 to 1. */
  readonly share: number;
  /** Averages over the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  /** By the textbook algorithm. */
  readonly gflops: number;
  readonly secondsLeft: number;
}

export type TrainerEvent =
  | { readonly kind: 'reading'; readonly share: number }
  | { readonly kind: 'progress'; readonly progress: Progress; readonly steps: readonly StepPoint[] }
  /** How far the test in all the views of a recipe is, 0 to 1. */
  | { readonly kind: 'testing'; readonly share: number }
  | { readonly kind: 'epoch'; readonly epoch: number; readonly step: number; readonly logs: EpochLogs }
  | { readonly kind: 'engine'; readonly engine: EngineSummary };
