/** What a type of layer is in PyTorch: the tensors of a `state_dict` that hold its weights, and Python that does the same. */
import type { Spec } from '../../../nn/layers/definition.ts';
import type { Shape } from '../../../nn/shape.ts';
import type { Order, OrderRule } from '../order.ts';
import type { Permutation } from '../permutation.ts';

/** A layer in its place. */
export interface Place {
  readonly name: string;
  /** As they are here: [height, width, channels], [units]. In PyTorch the channels come first. */
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** What of its inputs is in another order in PyTorch. */
  readonly inputOrders: readonly (Order | undefined)[];
  /** Whether PyTorch must have its output in our order. */
  readonly plain: boolean;
}

/** A tensor of a `state_dict`. */
export interface TorchParameter extends Permutation {
  /** Such as "weight". */
  readonly name: string;
  /** As PyTorch has it. */
  readonly shape: Shape;
  /** The layer's weight, such as "kernel"; or what all its values are, where the layer has no such weight. */
  readonly weight: string | number;
}

/** A module with weights. */
export interface TorchModule {
  /** Behind the layer's name, where a layer is more than one module. */
  readonly suffix?: string;
  readonly kind: 'convolution' | 'linear' | 'normalization';
  readonly parameters: readonly TorchParameter[];
}

/** Writes the Python of one layer. */
export interface Writer {
  /** An attribute that is a module, such as `nn.Conv2d(3, 8, 3)`. @returns what calls it: "self.conv2d" */
  module(constructor: string, suffix?: string): string;
  /**
   * An attribute that is a tensor of numbers, one for each channel, and no weight.
   * @param rank  how many axes the images, rows or vectors have that it is to fit
   */
  constant(values: readonly number[], rank: number, suffix: string): string;
  /** A function in front of the class. @param text  its lines; the same ones are written once */
  helper(text: string): void;
}

/** An expression of the layer's inputs, or of what the step before it gave. */
export type Step = (...inputs: readonly string[]) => string;

export interface TorchLayer<S extends Spec = Spec> {
  readonly order: OrderRule;
  /** What stands behind its name in the names of attributes, where it has several. */
  readonly suffixes?: readonly string[];
  /** Those that hold its weights; none if left out. */
  modules?(spec: S, place: Place): readonly TorchModule[];
  /**
   * What it does to its inputs; nothing if there are no steps.
   * @throws OptionError for what PyTorch cannot do
   */
  steps(spec: S, place: Place, writer: Writer): readonly Step[];
  /** Whether it does something in training only that the Python leaves out. */
  readonly leftOut?: boolean;
}
