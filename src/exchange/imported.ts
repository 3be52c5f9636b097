/** What importing a file of another program gives, and what it is given. */
import type { Spec } from '../nn/layers/definition.ts';
import type { Tensor } from '../nn/parameters.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import type { MetricConfig } from '../nn/metrics/metric.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import type { Layout } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';

export type { Layout };

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

/** How a network was being trained when its file was written. */
export interface ImportedTraining {
  readonly optimizer: OptimizerConfig;
  readonly loss: LossConfig;
  readonly metrics: readonly MetricConfig[];
  /** How many steps the optimizer had taken. */
  readonly iterations: number;
  /** By the weight's name and its own, as `getOptimizerVariables` gives them: "conv2d/kernel/momentum"; empty if there are none. */
  readonly variables: ReadonlyMap<string, Tensor>;
}

/** A network of another program. */
export interface Imported {
  readonly layers: readonly Spec[];
  /** All of them, by the names that the network gives them: "conv2d_1/kernel". */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** That of the images that it takes in its own program. */
  readonly layout: Layout;
  readonly classNames?: readonly string[] | undefined;
  /** Left out if the file says nothing of it, or has an optimizer or a loss that there is none like here. */
  readonly training?: ImportedTraining | undefined;
}
