/** Labelled images, kept as bytes: a batch at a time is converted to float32 by the engine. */
export interface Dataset {
  /** Pixels 0…255, [count, height, width, channels]. */
  readonly images: Uint8Array;
  /** Class indices, [count]. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The name of each class, by index. */
  readonly classNames: readonly string[];
}

export interface TrainTestSplit {
  readonly train: Dataset;
  readonly test: Dataset;
}
