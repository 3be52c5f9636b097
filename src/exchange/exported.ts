/** What is given to exporters, and what they give. */
import type { Network } from '../nn/network.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import type { Tensor } from '../nn/parameters.ts';
import type { PixelScale } from '../nn/pixelScale.ts';
import type { Layout } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import type { ExchangeFormatName } from './format.ts';

export interface ExportOptions {
  format: ExchangeFormatName;
  /** Of the files, without an extension; 'model' by default. */
  name?: string;
  /** That of the images which the exported model takes, where the format has a choice; by default that of where it is from. */
  layout?: Layout | undefined;
}

/** A trained model as plain data. */
export interface ModelData extends Omit<ExportedNetwork, 'network'> {
  /** With their names. */
  readonly layers: readonly LayerSpec[];
  readonly pixelScale: PixelScale;
  /** That of the images in the program that it is from. */
  readonly layout: Layout;
}

/** A trained network. */
export interface ExportedNetwork {
  readonly network: Network;
  /** All of them, by name. */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly classNames?: readonly string[] | undefined;
  /** How it was trained, and what the optimizer knows, if that is to go along. */
  readonly training?: ExportedTraining | undefined;
}

export interface ExportedTraining {
  readonly optimizer: OptimizerConfig;
  /** How many steps it has taken. */
  readonly iterations: number;
  /** As `getOptimizerVariables` gives them. */
  readonly variables: ReadonlyMap<string, Tensor>;
  /** What it was trained towards; the cross-entropy of classes if left out. */
  readonly loss?: LossConfig | undefined;
}

export interface ExportSettings {
  /** The layout of the images that the exported model takes; that of its format by default. */
  readonly layout?: Layout | undefined;
}

/** A file to be written. */
export interface ExportedFile {
  /** Such as "model.json"; the first of several is the one that names the others. */
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer> | string;
}
