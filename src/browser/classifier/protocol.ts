/** What the page of a classifier asks of what classifies, in a worker or not. */
import type { Fit } from '../../data/fitPicture.ts';

/** Opaque pixels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4] */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export interface Description {
  readonly classNames: readonly string[];
  /** Height, width, and 1 for grey or 3 for colour. */
  readonly inputShape: readonly [number, number, number];
  readonly parameters: number;
}

export interface Answer {
  /** By class. */
  readonly probabilities: Float32Array;
  /** The picture, upright and small. */
  readonly thumbnail: Pixels;
}

export interface ClassifierCalls {
  /** @param model  what `inflated` takes @param fit  what is done about another aspect ratio; what the model says by default */
  load(model: string, fit?: Fit): Promise<Description>;
  /** @throws SimdnetError for a file that is no picture, or a damaged one */
  classifyFile(file: File): Promise<Answer>;
  /** @returns the probabilities of what is in the middle of a frame */
  classifyFrame(frame: Pixels): Promise<Float32Array>;
}
