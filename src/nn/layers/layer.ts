import type { Arena } from '../../engine/arena.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Margins, Shape } from '../shape.ts';
import type { View } from '../view.ts';

export type Activation = 'linear' | 'relu' | 'softmax';

/** A tensor of a layer: one that is trained, or a state such as a running mean. */
export interface WeightSpec {
  /** As Keras names it: "kernel" or "bias". */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: 'glorotUniform' | 'zeros' | 'ones';
  /** Inputs and outputs of one unit, which the initialiser scales by. */
  readonly fanIn: number;
  readonly fanOut: number;
  /** False for a state, and for all weights of a layer that is not trainable; true if left out. */
  readonly trainable?: boolean;
}

/** Addresses of a layer's weights, or of their gradients, by name. */
export type Addresses = Readonly<Record<string, number>>;

/** Where a layer may put what it needs. */
export interface PlanContext {
  readonly arena: Arena;
  /** The most images that a batch can have. */
  readonly batch: number;
  /** Asks for scratch memory; every thread has as much as the greediest call wants. */
  reserveScratch(bytes: number): void;
}

/** Asks for programs to be written for a batch of `count` images. */
export type Emit = (count: number) => readonly Instruction[];

export interface ForwardPlan {
  /** Packs the weights; once after they have changed. These calls are independent of any other's. */
  readonly prepare: readonly Instruction[];
  readonly forward: Emit;
  /** The same outside of training, where that is something else. */
  readonly inference?: Emit;
  /** The address of what the backward pass needs of the forward pass besides its output, if anything. */
  readonly saved?: number;
}

export interface BackwardPlan {
  /** Packs the weights for the backward pass; once after they have changed. */
  readonly prepare: readonly Instruction[];
  readonly backward: Emit;
  /** What remains when all backward passes have run, sums over shards; independent of any other's. */
  readonly finish: Emit;
}

export interface ForwardArguments {
  readonly context: PlanContext;
  /** The first of the inputs, for layers that have one. */
  readonly input: View;
  readonly inputs: readonly View[];
  readonly output: View;
  readonly weights: Addresses;
}

export interface BackwardArguments extends ForwardArguments {
  readonly gradients: Addresses;
  /** The gradient of what the layer computes before its activation. */
  readonly dOutput: View;
  /** Where the gradient of the first input goes; nowhere for the first layer. */
  readonly dInput: View | undefined;
  /** Where the gradients of all inputs go; nowhere for those that nobody needs. */
  readonly dInputs: readonly (View | undefined)[];
  /** What the forward plan of the same layer has as {@link ForwardPlan.saved}. */
  readonly saved: number | undefined;
  /** True if the input went through a ReLU, whose gradient this layer is to apply where {@link Layer.masksRelu} is. */
  readonly inputRelu: boolean;
}

/** One layer of a network with its input known: its shapes, its weights, its forward and its backward pass. */
export interface Layer {
  readonly type: string;
  readonly name: string;
  readonly activation: Activation;
  /** Of the first input. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly weights: readonly WeightSpec[];
  /** Zeros that it reads around its input. */
  readonly inputMargins: Margins;
  /** Zeros that it reads around its dOutput. */
  readonly gradientMargins: Margins;
  /** Whether it can write dInput between margins. */
  readonly writesMargins: boolean;
  /** Whether its backward pass applies the gradient of a ReLU in front of it. */
  readonly masksRelu: boolean;
  /** True if its output is its input's memory, seen in another shape. */
  readonly reshapes?: boolean;
  /** True for a max pooling of 2×2 values, two apart, none of which are padding. */
  readonly pools2x2?: boolean;
  /** The layer and the 2×2 max pooling behind it as one, if that is faster. */
  withPooling?(pooling: Layer): Layer | undefined;
  planForward(plan: ForwardArguments): ForwardPlan;
  planBackward(plan: BackwardArguments): BackwardPlan;
}
