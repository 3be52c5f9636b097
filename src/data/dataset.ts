import type { StoredImages } from './storedImages.ts';

/** Labelled images that may be too many for the memory. */
export interface LabelledImages {
  /** Pixels 0…255, [count, height, width, channels], or where they are read from. */
  readonly images: Uint8Array | StoredImages;
  /** Class indices, [count]; 16 bits each where there are more than 256 classes. */
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The name of each class, by index. */
  readonly classNames: readonly string[];
}

/** Labelled images, kept as bytes: a batch at a time is converted to float32 by the engine. */
export interface Dataset<
  Labels extends Uint8Array | Uint16Array = Uint8Array | Uint16Array,
> extends LabelledImages {
  readonly images: Uint8Array;
  readonly labels: Labels;
}

export interface TrainTestSplit {
  readonly train: Dataset<Uint8Array>;
  readonly test: Dataset<Uint8Array>;
}
