import type { InitializerConfig } from '../initializers/initializer.ts';
import type { Operation } from '../operations/operation.ts';
import type { RegularizerConfig } from '../regularizers.ts';
import type { Shape } from '../shape.ts';

/** A tensor of a layer: one that is trained, or a state such as a running mean. */
export interface WeightSpec {
  /** As Keras names it: "kernel" or "bias". */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: InitializerConfig;
  /** What of it is added to the loss, if anything. */
  readonly regularizer?: RegularizerConfig;
  /** Inputs and outputs of one unit, which the initialiser scales by. */
  readonly fanIn: number;
  readonly fanOut: number;
  /** Whether it is a matrix: each index of its last axis is an output of all that the others number. */
  readonly isMatrix?: boolean;
  /** False for a state, which training changes by other means than its gradient; true if left out. */
  readonly trainable?: boolean;
}

/** One layer of a network with its inputs known: its shapes, its weights, and what it is made of. */
export interface Layer {
  readonly type: string;
  readonly name: string;
  /** Whether training changes its weights. */
  readonly trainable: boolean;
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  readonly weights: readonly WeightSpec[];
  /** Multiply-adds of one image, forward, by the textbook; 0 if left out. */
  readonly multiplyAdds?: number;
  /** Whether in training it mixes targets too, which must be numbers then; false if left out. */
  readonly mixesTargets?: boolean;
  /**
   * Its operations: the first takes the layer's inputs, each other one the output of the one before. None where the layer
   * hands on what it is given.
   * @param training  whether they are for training; they may be others then
   */
  operations(training: boolean): readonly Operation[];
}

/** The network's name of a layer's weight, such as "conv2d_1/kernel". */
export function weightName(layer: string, weight: string): string {
  return `${layer}/${weight}`;
}
