import type { Arena } from '../../engine/arena.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Margins, Shape } from '../shape.ts';
import type { View } from '../view.ts';

export type Activation = 'linear' | 'relu' | 'softmax';

/** A trainable tensor of a layer. */
export interface WeightSpec {
  /** As Keras names it: "kernel" or "bias". */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: 'glorotUniform' | 'zeros';
  /** Inputs and outputs of one unit, which the initialiser scales by. */
  readonly fanIn: number;
  readonly fanOut: number;
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
  readonly input: View;
  readonly output: View;
  readonly weights: Addresses;
}

export interface BackwardArguments extends ForwardArguments {
  readonly gradients: Addresses;
  /** The gradient of what the layer computes before its activation. */
  readonly dOutput: View;
  /** Where the gradient of the input goes; nowhere for the first layer. */
  readonly dInput: View | undefined;
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
  /** True for a max pooling of 2×2 values, two apart, none of which are padding. */
  readonly pools2x2?: boolean;
  /** The layer and the 2×2 max pooling behind it as one, if that is faster. */
  withPooling?(pooling: Layer): Layer | undefined;
  planForward(plan: ForwardArguments): ForwardPlan;
  planBackward(plan: BackwardArguments): BackwardPlan;
}
