import type { StoredImages } from '../training/storedImages.ts';

/** Labelled images that may be too many for the memory, and of more classes than a byte can tell apart. */
export interface LabelledImages {
  /** Pixels 0…255, [count, height, width, channels], or where they are read from. */
  readonly images: Uint8Array | StoredImages;
  /** Class indices, [count]. */
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The name of each class, by index. */
  readonly classNames: readonly string[];
}

/** Labelled images, kept as bytes: a batch at a time is converted to float32 by the engine. */
export interface Dataset extends LabelledImages {
  /** Pixels 0…255, [count, height, width, channels]. */
  readonly images: Uint8Array;
  /** Class indices, [count]. */
  readonly labels: Uint8Array;
}

export interface TrainTestSplit {
  readonly train: Dataset;
  readonly test: Dataset;
}
