/** Labelled images, kept as bytes: a batch at a time is converted to float32 by the engine. */
export interface Dataset<Labels extends Uint8Array | Uint16Array = Uint8Array | Uint16Array> {
  /** Pixels 0…255, [count, height, width, channels]. */
  readonly images: Uint8Array;
  /** Class indices, [count]; 16 bits each where there are more than 256 classes. */
  readonly labels: Labels;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The name of each class, by index. */
  readonly classNames: readonly string[];
}

export interface TrainTestSplit {
  readonly train: Dataset<Uint8Array>;
  readonly test: Dataset<Uint8Array>;
}
