/** What a dataset is for the commands. One file a dataset, and a line in ../datasets.ts. */
import type { Dataset, LabelledImages } from '../../data/dataset.ts';
import type { Fit } from '../../data/fitPicture.ts';
import type { PublishedSet } from '../../data/published.ts';
import type { Network } from '../../nn/network.ts';
import type { Task } from '../fits.ts';
import type { FolderRecord } from '../pictures/folderDataset.ts';
import type { FolderValues } from '../pictures/folderOptions.ts';
import type { Terminal } from '../terminal.ts';

/** The options that choose a dataset, read. */
export interface DatasetChoice extends Partial<FolderValues> {
  /** A name, or a name with a path behind it: "npz:/home/me/digits.npz". */
  readonly dataset: string;
  readonly dataDir: string | undefined;
  readonly validationSplit?: number;
}

/** What is to be learnt of a dataset. */
export interface DatasetTask extends Task {
  readonly classNames: readonly string[];
  /** How pictures of other proportions become its images, if it is of pictures. */
  readonly imageFit?: Fit;
}

/** What is to be tested. */
export interface TestedModel {
  readonly path: string;
  readonly network: Network;
  readonly classNames: readonly string[] | undefined;
  readonly imageFit: Fit | undefined;
}

/** Images that may be read from a file as they are needed. */
interface Loaded {
  /** Where the images are from, for people. */
  readonly source: string;
  /** No more images will be read. */
  readonly close?: () => Promise<void>;
}

export interface LoadedTest extends Loaded {
  readonly test: LabelledImages;
  /** Of each image, the path of its file in the folder, where each has a file. */
  readonly files?: readonly string[];
  /** Pictures that were left out, and why. */
  readonly skipped?: readonly string[];
}

export interface LoadedSplit extends Loaded {
  readonly train: LabelledImages;
  /** What to validate with, if the dataset says so itself, null for nothing; undefined for a share of the training images. */
  readonly validation?: LabelledImages | null | undefined;
  /** Undefined if there are no test images. */
  readonly test: LabelledImages | undefined;
  /** Of a folder of pictures. */
  readonly pictures?: FolderRecord;
  /** Where test images would be: "test_batch.bin". */
  readonly testPlace: string;
  /** The paths of the files that the images are in, where they are few. */
  readonly files?: readonly string[];
}

export interface LoadOptions {
  /** Shows the progress of a download; without it, nothing is downloaded. */
  readonly download?: Watcher;
  /** Shows the progress of the decoding of pictures. */
  readonly decoding?: Watcher;
}

/** Who sees how far it is, and can end it. */
export interface Watcher {
  readonly terminal: Terminal;
  readonly signal?: AbortSignal;
}

/** Images are [count, height, width, channels], of one size, in up to 65,536 classes. */
export interface DatasetDefinition {
  /** As `--dataset` takes it. */
  readonly name: string;
  /** In a few words, for the help. */
  readonly describe: string;
  /** It is a file or folder that stands behind the name and a colon; a path that matches stands for itself. */
  readonly path?: { readonly placeholder: string; readonly matches: (path: string) => boolean };
  /** @throws OptionError if options do not go with it */
  readonly check: (choice: DatasetChoice) => void;
  /** What is to be learnt: without reading images, and without reading anything if that is known. @throws DataError, FormatError */
  readonly task: (choice: DatasetChoice, options: LoadOptions) => Promise<DatasetTask>;
  /** What decides which images there will be, and depends on what is there. @throws DataError */
  readonly settle?: (choice: DatasetChoice, options: LoadOptions) => Promise<Partial<DatasetChoice>>;
  /** @throws DataError, FormatError; OptionError if there is nothing to train on */
  readonly loadSplit: (choice: DatasetChoice, options: LoadOptions) => Promise<LoadedSplit>;
  /** The same for every model. @throws DataError if there are no test images; FormatError */
  readonly loadTest?: (
    choice: DatasetChoice,
    options: LoadOptions,
  ) => Promise<LoadedTest & { test: Dataset }>;
  /** The images to test a model with, where the model decides about them: instead of the others. @throws OptionError if it does not fit */
  readonly loadTestFor?: (
    choice: DatasetChoice,
    model: TestedModel,
    options: LoadOptions,
  ) => Promise<LoadedTest>;
  /** One test image, where that takes less than all of them. @throws OptionError if there is no such image */
  readonly loadTestImage?: (choice: DatasetChoice, index: number) => Promise<Dataset>;
  /** Where it is fetched from, if it is: what `data download` does. */
  readonly published?: PublishedDataset;
}

/** A dataset that is published, and how many images it then has. */
export interface PublishedDataset {
  readonly set: PublishedSet;
  readonly trainCount: number;
  readonly testCount: number;
}
