/** What importing a file of another program gives, and what it is given. */
import type { Spec } from '../nn/layers/definition.ts';
import type { Tensor } from '../nn/parameters.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import type { MetricConfig } from '../nn/metrics/metric.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import type { PixelScale } from '../nn/pixelScale.ts';
import type { Layout } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import type { ExchangeFormatName } from './format.ts';

export interface SourceOptions {
  /** 'onnx', 'keras', 'h5', 'tfjs' or 'pytorch'; by default what the bytes and the file's name say. */
  format?: ExchangeFormatName | undefined;
  /** For messages, and for its extension. */
  fileName?: string | undefined;
  /**
   * Reads a file beside it: the shards of a tfjs model, or what an ONNX model keeps outside. The name is a relative path that does
   * not leave the folder.
   */
  readFile?: ((name: string) => Promise<Uint8Array>) | undefined;
  /** The layers that a PyTorch state_dict is for, since it has weights only. */
  network?: readonly LayerSpec[] | undefined;
}

/** A file that is imported, and those beside it. */
export interface Source {
  /** For messages. */
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /**
   * The bytes of a file that it names, such as "group1-shard1of2.bin".
   * @throws DataError if there is none, or its name leads out of the folder
   */
  file(name: string): Promise<Uint8Array>;
  /** The network that weights alone are for. */
  readonly network?: readonly LayerSpec[] | undefined;
}

/** What an optimizer knew when the file was written. */
export interface ImportedOptimizer {
  readonly config: OptimizerConfig;
  /** How many steps it had taken. */
  readonly iterations: number;
  /** By the weight's name and its own, as `getOptimizerVariables` gives them: "conv2d/kernel/momentum". */
  readonly variables: ReadonlyMap<string, Tensor>;
}

/** A network of another program. */
export interface Imported {
  readonly layers: readonly Spec[];
  /** All of them, by the names that the network gives them: "conv2d_1/kernel". */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** That of the images that it takes in its own program. */
  readonly layout: Layout;
  /**
   * 255 for a network that takes pixels 0…255, such as one that begins with a Rescaling(1/255): bytes are handed to it as they are. Left out,
   * they become 0…1.
   */
  readonly pixelScale?: PixelScale | undefined;
  readonly classNames?: readonly string[] | undefined;
  /** Left out if the file has none, or one that there is none like here. */
  readonly optimizer?: ImportedOptimizer | undefined;
  /** What it was trained towards: null if there is none like it here, left out if the file does not say. */
  readonly loss?: LossConfig | null | undefined;
  /** What was reported besides, as far as it is here. */
  readonly metrics?: readonly MetricConfig[] | undefined;
}
